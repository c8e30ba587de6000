"""Pure rules of telling people: who is told what, once, and when. Knows no storage, no clock and no service."""
