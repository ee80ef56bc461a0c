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
chats-unheard = { $name } has not answered you
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
chats-asked = You have asked to be let in
requests = Requests
requests-waiting = { $count ->
    [one] 1 person asks to be let in
   *[other] { $count } people ask to be let in
}
requests-new = { $name } asks to be let in.
requests-note = These people have your public address. The names are their own choice. They learn nothing until you accept.
requests-none = Nobody asks to be let in right now.
requests-refused = { $count ->
    [one] 1 person you turned away cannot ask again for now.
   *[other] { $count } people you turned away cannot ask again for now.
}
requests-again = Let them ask again
requests-settings = Public address
requests-gone = This request cannot be answered any more.
request-unverified = The name is unverified. Asked { $date }
request-no-words = Said nothing.
request-accept = Accept { $name }
request-accept-short = Accept
request-decline = Decline { $name }
request-decline-short = Decline
request-block = Block { $name }
request-block-short = Block
