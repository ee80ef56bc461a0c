welcome-lead = Nachrichten an deine Freunde, direkt von Browser zu Browser, die sonst niemand lesen kann.
your-name = Dein Name
start-chatting = Loslegen
welcome-asked = Kein Konto, keine E-Mail-Adresse, keine Telefonnummer. Nichts zu installieren.
welcome-invited = { $name } lädt dich zum Chatten ein.
