messages = Nachrichten
message = Nachricht
send = Senden
chat-beginning = Hier beginnt dein Chat mit { $name }.
chat-encrypted = Nur ihr beide könnt ihn lesen.
chat-pending = Du kannst schon schreiben. { $name } bekommt es zusammen mit deinem ersten Gruß.
chat-unheard-refused = Die Supernodes von { $name } nehmen diese Einladung nicht mehr an. Bitte { $name } um einen neuen Link.
chat-unheard-expired = { $name } hat deine Einladung nicht rechtzeitig abgeholt.
chat-new = Neue Nachrichten
chat-older = Ältere Nachrichten werden geladen
chat-latest = Zur neuesten Nachricht
chat-latest-new = { $count ->
    [one] Zur neuesten Nachricht, 1 neue
   *[other] Zur neuesten Nachricht, { $count } neue
}
chat-unknown-kind = Eine neuere Version von Kith zeigt hier mehr.
chat-retry = Noch einmal versuchen
chat-said = { $who }, { $time }: { $text }
chat-pin = Oben anheften
chat-mute = Stummschalten
why-copies = Liegt bisher auf { NUMBER($copies) } von { NUMBER($homes) } Supernodes.
why-unreachable = Kein Supernode von { $name } ist erreichbar. Sie geht später von selbst hinaus.
why-others-unreachable = Die anderen sind noch nicht erreichbar.
why-full = Das Postfach von { $name } ist voll; sie geht hinaus, sobald { $name } etwas gelesen hat.
why-no-room = Der Supernode von { $name } hat keinen Platz mehr. Er wird wieder gefragt.
why-no-mailbox = { $name } hat dort kein Postfach. Sie geht hinaus, sobald { $name } wieder da ist.
why-refused = Der Supernode von { $name } nimmt von dir keine Nachrichten an.
why-busy = Der Supernode konnte sie nicht aufbewahren und wird wieder gefragt.
why-not-answered = Sie geht mit der ersten Antwort von { $name } hinaus.
why-too-large = Sie ist zu lang für einen Supernode.
why-unreadable = Sie kam an, aber das Gerät von { $name } konnte sie nicht lesen.
why-expired = Sie hat { $span } gewartet, ohne dass { $name } den Empfang bestätigt hat.
chat-blocked = Du hast { $name } blockiert.
why-blocked = Du hast { $name } blockiert. Sie geht hinaus, wenn du das aufhebst.
