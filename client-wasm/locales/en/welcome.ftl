# The first visit. www/index.html holds the same words; a test compares them.
welcome-lead = Messages to your friends, straight from browser to browser, that nobody else can read.
your-name = Your name
start-chatting = Start chatting
welcome-asked = No account, no e-mail address, no phone number. Nothing to install.
welcome-invited = { $name } invites you to chat.
