"""Rooms, their sessions and who may do what in them. Knows no questions, no suggestions and no media."""
