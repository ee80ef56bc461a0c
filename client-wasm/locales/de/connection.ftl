connection = Verbindung
connection-direct = Direkt verbunden
connection-relayed = Über ein Relais verbunden
connection-finding = Verbindung entsteht. Nachrichten kommen schon an.
connection-no-relay = Gerade kein Relay. Nachrichten gehen über Postfächer.
connection-away = { $name } ist nicht da. Nachrichten warten auf { $count ->
    [one] einem Supernode.
   *[other] { $count } Supernodes.
}
connection-safe = { $name } ist nicht da. { $waiting ->
    [one] Deine Nachricht liegt sicher auf
   *[other] Deine Nachrichten liegen sicher auf
} { $count ->
    [one] einem Supernode.
   *[other] { $count } Supernodes.
}
connection-pending = Wartet auf die erste Antwort von { $name }
connection-offline = Nicht verbunden. Nachrichten gehen hinaus, sobald du wieder da bist.
connection-offline-waiting = Nicht verbunden. { $count ->
    [one] 1 Nachricht geht hinaus, sobald du wieder da bist.
   *[other] { $count } Nachrichten gehen hinaus, sobald du wieder da bist.
}
own-connected = { $count ->
    [one] Mit 1 Supernode verbunden
   *[other] Mit { $count } Supernodes verbunden
}
own-connecting = Deine Supernodes werden gesucht
own-offline = Du bist offline
own-unreachable = Keiner deiner Supernodes antwortet. Es wird weiter versucht.
own-channels = { $count ->
    [one] Mit 1 Freund verbunden
   *[other] Mit { $count } Freunden verbunden
}
connection-details = Wie Nachrichten zu { $name } kommen
fact-path = Weg
fact-path-direct = Direkt von diesem Browser zum anderen
fact-path-relayed = Über ein Relais, das nur verschlüsselte Bytes sieht
fact-path-supernode = Ein Supernode bewahrt versiegelte Nachrichten auf, bis { $name } sie abholt
fact-path-no-relay = Du verbindest dich nur über Relays, und gerade bietet keiner deiner Supernodes eines an. Ein Supernode bewahrt versiegelte Nachrichten auf, bis { $name } sie abholt.
fact-path-offline = Gerade ist nichts erreichbar. Nachrichten warten auf diesem Gerät und gehen von selbst hinaus.
fact-via = Über
fact-rtt = Hin und zurück
fact-rtt-ms = { $ms ->
    [0] unter einer Millisekunde
    [one] 1 Millisekunde
   *[other] { $ms } Millisekunden
}
fact-kept = Aufbewahrt
fact-kept-for = Bis zu { $span }, bis { $name } sie abholt; danach erfährst du es
fact-kept-most = Bis zu { $span }, bis { $name } sie abholt, wenn die Supernodes sie so lange behalten; danach erfährst du es
fact-encrypted = Verschlüsselt
fact-encrypted-since = Ende zu Ende, seit { $date }
fact-encrypted-soon = Ende zu Ende, ab der ersten Antwort von { $name }
fact-address = Deine Adresse
fact-address-visible = { $name } kann deine IP-Adresse sehen, solange ihr verbunden seid
fact-address-hidden = { $name } kann deine IP-Adresse nicht sehen
fact-words = Wörter zum Vergleichen
fact-words-note = Lest sie euch vor. Sind sie auf beiden Bildschirmen gleich, ist niemand dazwischen.
connection-blocked = Blockiert
fact-path-blocked = Keiner: Du hast { $name } blockiert
block = { $name } blockieren
block-question = { $name } blockieren?
block-note = { $name } erreicht dich dann nicht mehr: Deine Supernodes weisen alles von dort ab, und ob du da bist, ist nicht mehr zu sehen. Niemand nennt den Grund. Euer Chat bleibt, und du kannst es jederzeit aufheben.
unblock = { $name } nicht mehr blockieren
unblock-short = Aufheben
unblock-note = Nichts von { $name } erreicht dich, und nichts geht an { $name }.
