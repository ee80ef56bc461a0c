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
network-held-back = Dieser Supernode hat { $count ->
    [one] eine Nachricht zurückgehalten. Sie kam auf anderem Weg.
   *[other] { $count } Nachrichten zurückgehalten. Sie kamen auf anderem Weg.
}
network-held-back-said = Nach Angabe eines Kontakts hat dieser Supernode { $count ->
    [one] eine Nachricht zurückgehalten. Sie kam auf anderem Weg.
   *[other] { $count } Nachrichten zurückgehalten. Sie kamen auf anderem Weg.
}
