"""Plays the audience of a session against the operator's own server. Knows the protocol and no part of ours."""
