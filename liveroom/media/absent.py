"""Media in a process that forwards none. Knows that there are none."""

from __future__ import annotations


class AbsentMedia:
    """Satisfies `liveroom.ports.media.Media`: nothing is here to be cut, nobody watches here."""

    port = 0

    async def ready(self) -> None:
        return None

    async def cut(self, stream: str) -> None:
        return None

    def viewers(self, stream: str) -> int:
        return 0

    def is_live(self, stream: str) -> bool:
        return False

    def facts(self) -> dict[str, float]:
        return {}

    async def close(self) -> None:
        return None
