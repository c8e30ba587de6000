"""RTP and RTCP as bytes: what to forward, to remember and to ask for. Knows no sockets, no keys and no clock."""
