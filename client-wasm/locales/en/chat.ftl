# An open chat.
messages = Messages
message = Message
send = Send
chat-beginning = This is the beginning of your chat with { $name }.
chat-encrypted = Only the two of you can read it.
chat-pending = You can write already. { $name } gets it with your first hello.
chat-unheard-refused = { $name }’s supernodes do not take this invite any more. Ask { $name } for a new link.
chat-unheard-expired = { $name } did not fetch your invite in time.
chat-new = New messages
chat-older = Loading older messages
chat-latest = Go to the latest message
chat-latest-new = { $count ->
    [one] Go to the latest message, 1 new
   *[other] Go to the latest message, { $count } new
}
chat-unknown-kind = A newer version of Kith shows more here.
chat-retry = Try again
chat-said = { $who }, { $time }: { $text }
chat-pin = Keep on top
chat-mute = Mute
why-copies = Kept at { NUMBER($copies) } of { NUMBER($homes) } supernodes so far.
why-unreachable = None of { $name }’s supernodes can be reached. It goes by itself later.
why-others-unreachable = The others cannot be reached yet.
why-full = { $name }’s mailbox is full; it goes when { $name } has read some.
why-no-room = { $name }’s supernode has no room left. It is asked again.
why-no-mailbox = { $name } has no mailbox there. It goes when { $name } is back.
why-refused = { $name }’s supernode does not take messages from you. A new link from { $name } can change that.
why-busy = The supernode has trouble keeping it and is asked again.
why-not-answered = It goes with { $name }’s first answer.
why-too-large = It is too long for a supernode.
why-unreadable = It arrived, but { $name }’s device could not read it.
why-expired = It waited { $span } without a word from { $name } that it came.
chat-blocked = You have blocked { $name }.
why-blocked = You have blocked { $name }. It goes when you unblock them.
chat-asks-works = Your device does the work that { $name }’s supernode asks of strangers. Then your request goes off by itself.
chat-asks-on-its-way = Your request is on its way to { $name }’s supernode.
chat-asks-full = { $name } has more requests than fit. Yours goes as soon as there is room.
chat-asks-unreachable = None of { $name }’s supernodes can be reached. Your request goes by itself later.
chat-asks-waits = Your request is at { $name }’s supernode. It waits until { $name } accepts.
chat-asks-pending = { $name } sees your first words with your request. What else you write waits here until { $name } accepts.
chat-asks-wordless = What you write waits here until { $name } accepts.
chat-asks-refused = { $name } takes no requests right now.
chat-asks-expired = { $name } has not answered your request.
