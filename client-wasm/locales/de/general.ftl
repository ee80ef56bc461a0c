close = Schließen
back = Zurück
you = Du
today = Heute
yesterday = Gestern
