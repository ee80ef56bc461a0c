close = Schließen
cancel = Abbrechen
back = Zurück
you = Du
today = Heute
yesterday = Gestern
span-hours = { $hours ->
    [one] 1 Stunde
   *[other] { $hours } Stunden
}
span-days = { $days ->
    [one] 1 Tag
   *[other] { $days } Tage
}
