# The list of chats.
chats = Chats
chats-add = Add contact
chats-settings = Settings
chats-search = Search
chats-none-found = No chat matches “{ $query }”.
chats-unread = { $count ->
    [one] 1 unread message
   *[other] { $count } unread messages
}
chats-pending = Invite sent
chats-unheard = { $name } has not got your invite
chats-no-messages = No messages yet
chats-pinned = Pinned
chats-muted = Muted
chats-mine = You: { $text }
chats-new-message = { $name }: { $text }
chats-new-contact = You are connected with { $name }.
state-queued = Waiting to be sent
state-sent = Sent
state-delivered = Delivered
state-read = Read
state-failed = Not sent
chats-blocked = Blocked
