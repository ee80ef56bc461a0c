messages = Nachrichten
message = Nachricht
send = Senden
chat-beginning = Hier beginnt dein Chat mit { $name }.
chat-encrypted = Nur ihr beide könnt ihn lesen.
chat-pending = Du kannst schon schreiben. { $name } bekommt es zusammen mit deinem ersten Gruß.
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
