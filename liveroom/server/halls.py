"""The halls of all rooms, opened when the first channel comes. Knows nothing of what is told in them."""

from __future__ import annotations

import asyncio
import contextlib

from aiohttp import WSCloseCode

from liveroom.actions.attend import Attending
from liveroom.actions.broadcast import Broadcasting
from liveroom.actions.claim import Claiming
from liveroom.errors import Refused, Unavailable
from liveroom.ports.bus import ROOMS_TOPIC, Bus
from liveroom.ports.presence import Presence
from liveroom.server.channel import OTHER_SESSION, Channel
from liveroom.server.hall import Hall


class Halls:
    """Which hall a room has now."""

    def __init__(
        self, attending: Attending, broadcasting: Broadcasting, claiming: Claiming, bus: Bus, presence: Presence
    ) -> None:
        self._attending = attending
        self._presence = presence
        self._changed = asyncio.Event()
        bus.follow(ROOMS_TOPIC, lambda _topic: self._changed.set())
        self._broadcasting = broadcasting
        self._claiming = claiming
        self._bus = bus
        self._halls: dict[str, Hall] = {}
        self.departures = 0
        """Channels that have left, since the start."""

    async def enter(self, slug: str) -> Hall:
        """The room's hall, looking at the session of now. `Refused("not_found")` for an unknown room."""
        session = await self._broadcasting.current(slug)
        wanted = session.id if session else None
        hall = self._halls.get(slug)
        if hall is not None and hall.session != wanted:
            self._halls.pop(slug)
            await hall.close(OTHER_SESSION)
            hall = None
        if hall is None:
            hall = self._halls.setdefault(
                slug, Hall(slug, wanted, self._attending, self._claiming, self._bus, self._presence)
            )
        await hall.open()
        return hall

    def leave(self, hall: Hall, channel: Channel) -> None:
        """The channel's socket is closed."""
        hall.leave(channel)
        self.departures += 1

    def viewers(self, slug: str) -> int:
        hall = self._halls.get(slug)
        return hall.viewers if hall else self._presence.count(slug)

    @property
    def open_channels(self) -> int:
        return sum(map(len, self._halls.values()))

    async def keep_up(self) -> None:
        """For as long as the process serves: what was planned at another process is noticed here, too."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            for slug in tuple(self._halls):
                with contextlib.suppress(Refused, Unavailable):
                    await self.refresh(slug)

    async def refresh(self, slug: str) -> None:
        """After a session was planned or cancelled: whoever looks at another one is told to come back."""
        if slug in self._halls:
            await self.enter(slug)

    async def close(self) -> None:
        for hall in tuple(self._halls.values()):
            await hall.close(WSCloseCode.SERVICE_RESTART)
        self._halls.clear()
