# How messages travel.
connection = Connection
connection-direct = Connected directly
connection-relayed = Connected through a relay
connection-finding = Connecting. Messages already arrive.
connection-no-relay = No relay right now. Messages travel by mailbox.
connection-away = { $name } is away. Messages wait at { $count ->
    [one] a supernode.
   *[other] { $count } supernodes.
}
connection-safe = { $name } is away. { $waiting ->
    [one] Your message is safe at
   *[other] Your messages are safe at
} { $count ->
    [one] a supernode.
   *[other] { $count } supernodes.
}
connection-pending = Waiting for { $name }’s first answer
connection-offline = Not connected. Messages are sent when you are back.
connection-offline-waiting = Not connected. { $count ->
    [one] 1 message is sent when you are back.
   *[other] { $count } messages are sent when you are back.
}
own-connected = { $count ->
    [one] Connected to 1 supernode
   *[other] Connected to { $count } supernodes
}
own-connecting = Looking for your supernodes
own-offline = You are offline
own-unreachable = None of your supernodes answers. Trying again.
own-channels = { $count ->
    [one] Connected to 1 friend
   *[other] Connected to { $count } friends
}
connection-details = How messages travel to { $name }
fact-path = Path
fact-path-direct = Straight from this browser to theirs
fact-path-relayed = Through a relay that sees only scrambled bytes
fact-path-supernode = A supernode keeps sealed messages until { $name } fetches them
fact-path-no-relay = You connect through relays only, and none of your supernodes offers one right now. A supernode keeps sealed messages until { $name } fetches them.
fact-path-offline = Nothing is reachable right now. Messages wait on this device and go by themselves.
fact-via = Through
fact-rtt = Round trip
fact-rtt-ms = { $ms ->
    [0] less than a millisecond
    [one] 1 millisecond
   *[other] { $ms } milliseconds
}
fact-kept = Kept
fact-kept-for = Up to { $span } until { $name } fetches it; then you are told
fact-kept-most = Up to { $span } until { $name } fetches it, if their supernodes keep it that long; then you are told
fact-encrypted = Encrypted
fact-encrypted-since = End to end, since { $date }
fact-encrypted-soon = End to end, from { $name }’s first answer on
fact-address = Your address
fact-address-visible = { $name } can see your IP address while you are connected
fact-address-hidden = { $name } cannot see your IP address
fact-words = Words to compare
fact-words-note = Read them to each other. If they are the same on both screens, nobody is in between.
connection-blocked = Blocked
fact-path-blocked = None: you have blocked { $name }
block = Block { $name }
block-question = Block { $name }?
block-note = { $name } can no longer reach you: your supernodes refuse what they send, and they no longer see when you are here. Nobody tells them why. Your chat stays, and you can unblock them at any time.
unblock = Unblock { $name }
unblock-short = Unblock
unblock-note = Nothing { $name } sends reaches you, and nothing goes to { $name }.
