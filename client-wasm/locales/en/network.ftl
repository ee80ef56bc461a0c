network = Network
network-note = Supernodes are small programs that volunteers run. They pass on sealed messages while a friend is away, and help browsers find each other. Once you are connected directly, they can even be switched off.
network-picture = You and your supernodes
network-none = No supernode is known yet. Messages to friends you are connected to directly still arrive.
network-connected = Connected
network-connecting = Connecting
network-waiting = Not reachable
network-again = Trying again at { $time }
network-wrong-key = Refused: it answers with a key that is not its own
network-incompatible = Needs a newer version of Kith: reload this page
network-ms = { NUMBER($ms) } ms
network-since = Connected since { $time }
network-channels = { $count ->
    [0] No direct connection to a friend right now.
    [one] Connected directly to one friend.
   *[other] Connected directly to { $count } friends.
}
network-details = Details
network-route-direct = By address: { $host }
network-route-websocket = WebSocket: { $host }
network-route-in-use = In use
network-route-spare = Kept for when it is needed
network-route-no-answer = No answer: nobody is there, or this network blocks it
network-route-not-begun = The browser has not tried yet: it may be asking whether this page may reach your local network
network-route-other-certificate = Refused: it shows another certificate than the invite names
network-route-unable = This browser cannot use it
network-route-wrong-key = Refused: it answers with a key that is not its own
network-route-refused = It answered, then broke off
network-held-back = This supernode held back { $count ->
    [one] a message. It came another way.
   *[other] { $count } messages. They came another way.
}
network-held-back-said = According to one contact, this supernode held back { $count ->
    [one] a message. It came another way.
   *[other] { $count } messages. They came another way.
}
network-relays = Relays for you
network-forgets-blocks = Has no room to remember what you took back. What blocked contacts leave there is dropped on this device.
network-no-room = Takes no further mailboxes. Your other supernodes keep your messages.
network-gate-work = Your browser is doing some work to get a mailbox there. It takes a moment.
network-gate-too-much = Asks for more work than this page does for a mailbox. Your other supernodes keep your messages.
network-gate-invite = Keeps mailboxes only for people its operator has invited. If you have such an invite, enter it here.
network-gate-invite-refused = Did not accept the invite: it has expired, was used by somebody else, or is for another supernode. Ask the operator for a new one.
network-token = Invite for { $name }
network-token-show = Use it
network-token-bad = That is not an invite of a supernode’s operator. Copy it once more, all of it.
