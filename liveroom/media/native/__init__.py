"""Sealing and sending in compiled code, where it was built: sealing.c, and what loads and calls it."""
