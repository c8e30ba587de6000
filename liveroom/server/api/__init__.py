"""`/api/v1`: what other programs read and do. Each address is a row of one table, from which its document is made."""
