"""What the actions need of the media plane. Knows no packets."""

from __future__ import annotations

from typing import Protocol


class Media(Protocol):
    """Streams by name; a stream's name is its session's identifier."""

    async def cut(self, stream: str) -> None:
        """Let the publisher and every viewer go, at once."""

    def viewers(self, stream: str) -> int: ...

    def is_live(self, stream: str) -> bool:
        """Whether a publisher's media flow in this process."""
