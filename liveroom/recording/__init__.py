"""Recordings: packets that were forwarded, written down without decoding them, and parts of them to play back."""
