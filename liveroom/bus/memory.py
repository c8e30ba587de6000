"""The bus of a single process. Knows no topic's meaning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from liveroom.ports.bus import Ring


class MemoryBus:
    """Rings in the same turn of the event loop, in the order of following."""

    def __init__(self) -> None:
        self._rings: defaultdict[str, list[Ring]] = defaultdict(list)

    @property
    def topics(self) -> tuple[str, ...]:
        """What is followed now."""
        return tuple(self._rings)

    async def publish(self, topic: str) -> None:
        self.ring(topic)

    def ring(self, topic: str) -> None:
        for ring in tuple(self._rings.get(topic, ())):
            ring(topic)

    def follow(self, topic: str, ring: Ring) -> Callable[[], None]:
        self._rings[topic].append(ring)

        def unfollow() -> None:
            rings = self._rings.get(topic, [])
            if ring in rings:
                rings.remove(ring)
            if not rings:
                self._rings.pop(topic, None)

        return unfollow
