# Words that several screens share.
close = Close
cancel = Cancel
back = Back
you = You
today = Today
yesterday = Yesterday
