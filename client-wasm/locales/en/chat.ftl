# An open chat.
messages = Messages
message = Message
send = Send
chat-beginning = This is the beginning of your chat with { $name }.
chat-encrypted = Only the two of you can read it.
chat-pending = You can write already. { $name } gets it with your first hello.
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
