chats = Chats
chats-add = Kontakt hinzufügen
chats-settings = Einstellungen
chats-search = Suchen
chats-none-found = Kein Chat passt zu „{ $query }“.
chats-unread = { $count ->
    [one] 1 ungelesene Nachricht
   *[other] { $count } ungelesene Nachrichten
}
chats-pending = Einladung verschickt
chats-unheard = { $name } hat dir nicht geantwortet
chats-no-messages = Noch keine Nachrichten
chats-pinned = Angeheftet
chats-muted = Stumm
chats-mine = Du: { $text }
chats-new-message = { $name }: { $text }
chats-new-contact = Du bist mit { $name } verbunden.
state-queued = Wartet auf das Senden
state-sent = Gesendet
state-delivered = Zugestellt
state-read = Gelesen
state-failed = Nicht gesendet
chats-blocked = Blockiert
chats-asked = Du hast um Einlass gebeten
requests = Anfragen
requests-waiting = { $count ->
    [one] 1 Person bittet um Einlass
   *[other] { $count } Personen bitten um Einlass
}
requests-new = { $name } bittet um Einlass.
requests-note = Diese Personen haben deine öffentliche Adresse. Ihre Namen haben sie selbst gewählt. Sie erfahren nichts, bis du annimmst.
requests-none = Gerade bittet niemand um Einlass.
requests-refused = { $count ->
    [one] 1 Person, die du abgewiesen hast, kann vorerst nicht wieder anfragen.
   *[other] { $count } Personen, die du abgewiesen hast, können vorerst nicht wieder anfragen.
}
requests-again = Wieder anfragen lassen
requests-settings = Öffentliche Adresse
requests-gone = Diese Anfrage lässt sich nicht mehr beantworten.
request-unverified = Der Name ist nicht geprüft. Angefragt am { $date }
request-no-words = Hat nichts dazu gesagt.
request-accept = { $name } annehmen
request-accept-short = Annehmen
request-decline = { $name } ablehnen
request-decline-short = Ablehnen
request-block = { $name } blockieren
request-block-short = Blockieren
