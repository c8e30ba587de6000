"""What the actions need from their neighbours, as Protocols. Knows no neighbour by name."""
