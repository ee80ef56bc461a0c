# Words that several screens share.
close = Close
cancel = Cancel
back = Back
you = You
today = Today
yesterday = Yesterday
span-hours = { $hours ->
    [one] 1 hour
   *[other] { $hours } hours
}
span-days = { $days ->
    [one] 1 day
   *[other] { $days } days
}
