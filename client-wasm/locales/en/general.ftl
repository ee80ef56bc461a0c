# Words that several screens share.
close = Close
back = Back
you = You
today = Today
yesterday = Yesterday
