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
chats-unheard = { $name } hat deine Einladung nicht bekommen
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
