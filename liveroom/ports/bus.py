"""How parts of the product ring one another up: a doorbell, never the letter. Knows no transport."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Ring = Callable[[str], None]
"""Called with the topic; must not block."""


class Bus(Protocol):
    """Rings may be lost or doubled; whoever hears one reads what is new from the records."""

    async def publish(self, topic: str) -> None:
        """Ring everybody who follows the topic."""

    def follow(self, topic: str, ring: Ring) -> Callable[[], None]:
        """Hear the topic until the returned function is called."""


ROOMS_TOPIC = "rooms"
"""A room was opened, a session planned, or one took a step: what a room shows may be another."""


def session_topic(session: str) -> str:
    """Something happened in this session."""
    return f"session:{session}"


def votes_topic(session: str) -> str:
    """Somebody seconded a question of this session."""
    return f"votes:{session}"


def claims_topic(session: str) -> str:
    """A question of this session was claimed or given back."""
    return f"claims:{session}"


def matter_topic(matter: str) -> str:
    """A matter took a step."""
    return f"matter:{matter}"
