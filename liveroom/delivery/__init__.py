"""Drivers that carry codes and letters to people; satisfy `liveroom.ports`. Know no page and no database."""
