close = Schließen
cancel = Abbrechen
back = Zurück
you = Du
today = Heute
yesterday = Gestern
