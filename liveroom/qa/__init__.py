"""The question queue of one session. Knows no sockets, no storage and no clock."""
