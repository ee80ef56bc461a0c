# Nothing is open, or there is nobody yet.
home-nobody = Who do you want to talk to?
home-nobody-lead = Invite one friend. There is no directory, so nobody finds you unless you want them to.
home-share = Share your link
home-share-note = Send it any way you like
home-qr = Show a QR code
home-qr-note = When you are side by side
home-paste = Paste a link
home-paste-note = When a friend invited you
home-pick = Pick a chat, or start a new one
home-pick-lead = Everything you write is encrypted on this device before it leaves.
