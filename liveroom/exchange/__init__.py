"""Lists that come and go as files. Thinks only: no file is opened and nothing is kept here."""
