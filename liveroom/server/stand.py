"""The channels of one audience in a hall, told together. Knows no message and no records."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping

from liveroom import clock
from liveroom.qa.wire import Audience
from liveroom.server.channel import Channel

SLICE = 25
"""Channels that are written to before others have their turn: some tenths of a millisecond.

A packet waits no longer; and a commit, which comes back from the database's thread a dozen times, a few of them.
"""

PACE = 30e-6
"""Seconds a channel between the beginnings of two rounds: 0.3 s for ten thousand, whatever happens."""


class Stand:
    """Everybody of one audience, and what all of them were told."""

    def __init__(self, audience: Audience) -> None:
        self.audience = audience
        self.bell = asyncio.Event()
        self.seq = 0
        """As far as the feed was read for them."""
        self.told = 0
        """As far as they were told it; less, when nothing since concerns them."""
        self.votes: Mapping[str, int] = {}
        self.viewers = -1
        self.counts_due = False
        self.rung_at = 0
        """When the oldest news that they were not told were committed: milliseconds since 1970."""
        self._round = 0
        self._channels: dict[Channel, None] = {}
        self._by_device: dict[str, tuple[Channel, ...]] = {}

    def __len__(self) -> int:
        return len(self._channels)

    def __iter__(self) -> Iterator[Channel]:
        return iter(tuple(self._channels))

    def __contains__(self, channel: object) -> bool:
        return channel in self._channels

    @property
    def pace(self) -> float:
        return len(self._channels) * PACE

    def ring(self) -> None:
        if not self.rung_at:
            self.rung_at = clock.milliseconds()
        self.bell.set()

    def admit(self, channel: Channel) -> None:
        """From here on the channel hears all rounds but the one that is going on: it was told what that one tells."""
        channel.round = self._round
        self._channels[channel] = None
        self._by_device[channel.device] = (*self._by_device.get(channel.device, ()), channel)

    def dismiss(self, channel: Channel) -> None:
        del self._channels[channel]
        left = tuple(other for other in self._by_device[channel.device] if other is not channel)
        if left:
            self._by_device[channel.device] = left
        else:
            del self._by_device[channel.device]

    def close(self, code: int) -> None:
        """Send everybody away."""
        for channel in self:
            channel.close(code)

    def present(self, devices: Iterable[str]) -> list[str]:
        """Those of the devices that have a channel here."""
        return [device for device in devices if device in self._by_device]

    def tell_device(self, device: str, frames: bytes) -> None:
        for channel in self._by_device.get(device, ()):
            channel.tell(frames)

    async def tell(self, frames: bytes) -> None:
        """One round: the same bytes to everybody who is here now. No client is waited for."""
        self._round += 1
        for number, channel in enumerate(tuple(self._channels), 1):
            if channel.round < self._round:
                channel.tell(frames)
            if number % SLICE == 0:
                await asyncio.sleep(0)
