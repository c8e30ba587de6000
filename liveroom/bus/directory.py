"""The directory of several processes, read from their cards. Knows no media."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from liveroom.bus.cards import Card, Cards
from liveroom.bus.connection import FAILURES
from liveroom.ports.bus import Bus
from liveroom.ports.directory import Place

TOPIC = "directory"
"""Rung when somebody's card has changed in a way that others must know before its next renewal."""


class CardDirectory:
    """Satisfies `liveroom.ports.directory.Directory`."""

    def __init__(self, cards: Cards, bus: Bus) -> None:
        self.yielded: Callable[[str], None] = lambda _stream: None
        """Called with a stream that this process held and another one holds now."""

        self._cards = cards
        self._bus = bus
        self._doubted: dict[str, int] = {}
        bus.follow(TOPIC, lambda _topic: cards.soon())
        cards.riders.append(self._yield)

    @property
    def name(self) -> str:
        return self._cards.mine.name

    @property
    def known(self) -> bool:
        return self._cards.known

    def places(self) -> Sequence[Place]:
        return [_place(card) for card in self._cards.others.values() if self._doubted.get(card.name) != card.renewed]

    def place(self, name: str) -> Place | None:
        return next((place for place in self.places() if place.name == name), None)

    def holder(self, stream: str) -> Place | None:
        holders = [place for place in self.places() if stream in place.streams]
        return max(holders, key=lambda place: (place.streams[stream], place.name), default=None)

    def holds(self, stream: str) -> bool:
        return stream in self._cards.mine.streams

    def doubt(self, place: Place) -> None:
        card = self._cards.others.get(place.name)
        if card is not None:
            self._doubted[place.name] = card.renewed

    async def hold(self, stream: str) -> None:
        cards = self._cards
        before = max((card.streams.get(stream, 0) for card in cards.others.values()), default=0)
        cards.mine.streams[stream] = max(before, cards.mine.streams.get(stream, 0)) + 1
        await self._tell()

    async def release(self, stream: str) -> None:
        if self._cards.mine.streams.pop(stream, None) is not None:
            await self._tell()

    async def _tell(self) -> None:
        with suppress(*FAILURES):
            await self._cards.exchange()
        await self._bus.publish(TOPIC)

    async def _yield(self) -> None:
        self._doubted = {name: n for name, n in self._doubted.items() if name in self._cards.others}
        mine = self._cards.mine
        for stream, claim in list(mine.streams.items()):
            holder = self.holder(stream)
            if holder is not None and (holder.streams[stream], holder.name) > (claim, mine.name):
                del mine.streams[stream]
                self.yielded(stream)


def _place(card: Card) -> Place:
    return Place(card.name, card.address, card.media, card.streams)
