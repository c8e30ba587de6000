"""Viewers over several processes: a set of devices for each room and process in Redis. Knows no page."""

from __future__ import annotations

import hashlib
from collections.abc import Set as AbstractSet

from redis.asyncio import Redis

from liveroom.bus.cards import LIFE, Cards


class SharedPresence:
    """Satisfies `liveroom.ports.presence.Presence`. Tells what changed, once a second, with the cards."""

    def __init__(self, redis: Redis, cards: Cards, key: bytes) -> None:
        """`key` hides the devices' names: Redis is for counting, nobody is to be found in it."""
        self._redis = redis
        self._cards = cards
        self._key = key
        self._here: dict[str, AbstractSet[str]] = {}
        # What Redis was told of each room, and how many devices the other processes have that are not here.
        self._told: dict[str, set[str]] = {}
        self._elsewhere: dict[str, int] = {}
        cards.riders.append(self._exchange)

    def note(self, room: str, devices: AbstractSet[str]) -> None:
        self._here[room] = devices

    def count(self, room: str) -> int:
        here = len(self._here.get(room, ()))
        if not self._cards.known:
            return here
        if here and room in self._elsewhere:
            return here + self._elsewhere[room]
        return here + sum(card.viewers.get(room, 0) for card in self._cards.others.values())

    async def _exchange(self) -> None:
        self._cards.mine.viewers = {room: len(devices) for room, devices in self._here.items() if devices}
        for room in {*self._told, *self._cards.mine.viewers}:
            await self._tell(room)
            others = [name for name, card in self._cards.others.items() if card.viewers.get(room)]
            if others and self._told.get(room):
                self._elsewhere[room] = await self._union(room, others) - len(self._told[room])
            else:
                self._elsewhere.pop(room, None)

    async def _tell(self, room: str) -> None:
        """Bring the set in Redis up to date; one that is not what it was told, after a flush, is told anew."""
        devices = set(self._here.get(room, ()))
        before, key = self._told.get(room, set()), self._set(room, self._cards.mine.name)
        if not devices:
            self._told.pop(room, None)
            self._here.pop(room, None)
            await self._redis.delete(key)
            return
        telling = self._redis.pipeline(transaction=True)
        if gone := before - devices:
            telling.srem(key, *map(self._hide, gone))
        if come := devices - before:
            telling.sadd(key, *map(self._hide, come))
        telling.pexpire(key, int(LIFE * 1000))
        telling.scard(key)
        if (await telling.execute())[-1] != len(devices):
            anew = self._redis.pipeline(transaction=True)
            anew.delete(key)
            anew.sadd(key, *map(self._hide, devices))
            anew.pexpire(key, int(LIFE * 1000))
            await anew.execute()
        self._told[room] = devices

    async def _union(self, room: str, others: list[str]) -> int:
        """How many devices look at the room in all; counted by Redis, so that no names travel."""
        names = [self._cards.mine.name, *others]
        counting = self._redis.pipeline(transaction=True)
        scratch = self._set(room, self._cards.mine.name) + ":all"
        counting.sunionstore(scratch, [self._set(room, name) for name in names])
        counting.delete(scratch)
        return int((await counting.execute())[0])

    def _hide(self, device: str) -> str:
        return hashlib.blake2b(device.encode(), key=self._key[:64], digest_size=9).hexdigest()

    def _set(self, room: str, process: str) -> str:
        return f"liveroom:viewers:{process}:{room}"
