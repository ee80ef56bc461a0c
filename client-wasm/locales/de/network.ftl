network = Netzwerk
network-note = Supernodes sind kleine Programme, die Freiwillige betreiben. Sie geben versiegelte Nachrichten weiter, solange jemand nicht da ist, und helfen Browsern, einander zu finden. Seid ihr direkt verbunden, dürfen sie sogar ausgeschaltet werden.
network-picture = Du und deine Supernodes
network-none = Noch ist kein Supernode bekannt. Nachrichten an direkt verbundene Freunde kommen trotzdem an.
network-connected = Verbunden
network-connecting = Verbindung entsteht
network-waiting = Nicht erreichbar
network-again = Nächster Versuch um { $time }
network-wrong-key = Abgewiesen: antwortet mit einem fremden Schlüssel
network-incompatible = Braucht eine neuere Version von Kith: Lade diese Seite neu
network-ms = { NUMBER($ms) } ms
network-since = Verbunden seit { $time }
network-channels = { $count ->
    [0] Gerade keine direkte Verbindung zu Freunden.
    [one] Direkt mit einem Freund verbunden.
   *[other] Direkt mit { $count } Freunden verbunden.
}
network-details = Einzelheiten
network-route-direct = Über die Adresse: { $host }
network-route-websocket = WebSocket: { $host }
network-route-in-use = In Gebrauch
network-route-spare = Bereit, falls nötig
network-route-no-answer = Keine Antwort: Niemand ist da, oder dieses Netz lässt nichts durch
network-route-not-begun = Der Browser hat es noch nicht versucht: Vielleicht fragt er, ob diese Seite dein lokales Netz erreichen darf
network-route-other-certificate = Abgewiesen: zeigt ein anderes Zertifikat als das in der Einladung
network-route-unable = Dieser Browser kann das nicht
network-route-wrong-key = Abgewiesen: antwortet mit einem fremden Schlüssel
network-route-refused = Antwortete und brach dann ab
network-held-back = Dieser Supernode hat { $count ->
    [one] eine Nachricht zurückgehalten. Sie kam auf anderem Weg.
   *[other] { $count } Nachrichten zurückgehalten. Sie kamen auf anderem Weg.
}
network-held-back-said = Nach Angabe eines Kontakts hat dieser Supernode { $count ->
    [one] eine Nachricht zurückgehalten. Sie kam auf anderem Weg.
   *[other] { $count } Nachrichten zurückgehalten. Sie kamen auf anderem Weg.
}
network-relays = Leitet für dich weiter
network-forgets-blocks = Kann sich nicht mehr merken, was du zurückgenommen hast. Was blockierte Kontakte dort hinterlassen, wird auf diesem Gerät verworfen.
network-no-room = Nimmt keine weiteren Postfächer auf. Deine anderen Supernodes bewahren deine Nachrichten auf.
network-gate-work = Dein Browser rechnet für ein Postfach dort. Das dauert einen Moment.
network-gate-too-much = Verlangt für ein Postfach mehr Rechenarbeit, als diese Seite leistet. Deine anderen Supernodes bewahren deine Nachrichten auf.
network-gate-invite = Führt Postfächer nur für Leute, die der Betreiber eingeladen hat. Hast du eine solche Einladung, gib sie hier ein.
network-gate-invite-refused = Hat die Einladung nicht angenommen: Sie ist abgelaufen, von jemand anderem benutzt oder für einen anderen Supernode. Bitte den Betreiber um eine neue.
network-token = Einladung für { $name }
network-token-show = Benutzen
network-token-bad = Das ist keine Einladung eines Supernode-Betreibers. Kopiere sie noch einmal vollständig.
