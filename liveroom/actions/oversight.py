"""Keeps media to what the records say, at whichever process that was decided. Knows no packets and no requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

import structlog

from liveroom.actions.broadcast import Broadcasting
from liveroom.errors import Unavailable
from liveroom.ports.bus import Bus, session_topic
from liveroom.ports.directory import Directory
from liveroom.ports.media import Media

log = structlog.get_logger()

LOOK_EVERY = 2.0
"""Seconds between two looks for sessions that are called live and have media nowhere."""

RETRY_SECONDS = 1.0


class Oversight:
    """Follows the sessions whose media are here: a ring, and then a look at the records."""

    def __init__(self, broadcasting: Broadcasting, bus: Bus, directory: Directory) -> None:
        self._broadcasting = broadcasting
        self._bus = bus
        self._directory = directory
        self._unfollow: dict[str, Callable[[], None]] = {}
        self._rung: set[str] = set()
        self._yielded: set[str] = set()
        self._wake = asyncio.Event()

    def watch(self, stream: str) -> None:
        """Media of this session flow here from now on."""
        if stream not in self._unfollow:
            self._unfollow[stream] = self._bus.follow(session_topic(stream), lambda _topic: self._ring(stream))
        self._ring(stream)

    def yield_to_another(self, stream: str) -> None:
        """Its media are at another process now: whoever watches here is sent there."""
        self._yielded.add(stream)
        self._wake.set()

    async def run(self, media: Media) -> None:
        """For as long as the process serves."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            yielded, self._yielded = self._yielded, set()
            for stream in yielded:
                self._forget(stream)
                await media.cut(stream)
            rung, self._rung = self._rung, set()
            for stream in rung:
                await self._look(media, stream)

    async def look_for_lost(self) -> None:
        """Sessions whose process died have nobody who notes it: whoever sees it does. For processes that are several.

        Only what is missing at two looks in a row is lost: after a flush the entries come back within a second.
        """
        missing: Collection[str] = ()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if not self._directory.known:
                missing = ()
                continue
            try:
                missing = await self._note_lost(missing)
            except Unavailable as error:
                log.warning("lost_media_unnoted", problem=str(error))

    async def _note_lost(self, missing_before: Collection[str]) -> Collection[str]:
        directory = self._directory
        missing = [
            session
            for session in await self._broadcasting.live()
            if not directory.holds(session) and directory.holder(session) is None
        ]
        for session in missing:
            if session in missing_before:
                await self._broadcasting.media_lost(session)
        return missing

    def _ring(self, stream: str) -> None:
        self._rung.add(stream)
        self._wake.set()

    async def _look(self, media: Media, stream: str) -> None:
        try:
            stays = await self._broadcasting.keep_to_records(media, stream)
        except Unavailable as error:
            log.warning("stream_unchecked", stream=stream, problem=str(error))
            asyncio.get_running_loop().call_later(RETRY_SECONDS, self._ring, stream)
            return
        if not stays or not (media.is_live(stream) or media.viewers(stream)):
            # While viewers wait for their publisher, it must come back to where they are.
            self._forget(stream)
            await self._directory.release(stream)

    def _forget(self, stream: str) -> None:
        unfollow = self._unfollow.pop(stream, None)
        if unfollow is not None:
            unfollow()
