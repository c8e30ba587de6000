"""Checks any WHIP and WHEP endpoint against the standards, duty by duty. Knows nothing of our own server."""
