"""Files that strangers send, made anew in a process of its own. Knows no matter and no page."""
