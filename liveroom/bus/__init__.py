"""Neighbours that carry rings between the parts of the product."""
