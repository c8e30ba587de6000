"""The media plane: one UDP port, its transports, publishers and viewers. Knows no rooms and no questions."""
