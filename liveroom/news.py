"""Carries what happens to streams from the media plane to the sessions. Knows no packet and no rule of a session."""

from __future__ import annotations

import asyncio

import structlog

from liveroom.actions.broadcast import Broadcasting
from liveroom.errors import Unavailable
from liveroom.media.results import StreamHappening
from liveroom.ports.directory import Directory
from liveroom.ports.media import Media

log = structlog.get_logger()

RETRY_SECONDS = 1.0
"""Pause before a session that could not be told of its stream is told again."""


class MediaNews:
    """What happened last to each stream and no session knows yet.

    What cannot be noted now is noted as soon as it can; meanwhile a newer state takes the place of the older one.
    """

    def __init__(self, broadcasting: Broadcasting, directory: Directory, pause: float = RETRY_SECONDS) -> None:
        self._broadcasting = broadcasting
        self._directory = directory
        self._pause = pause
        self._last: dict[str, str] = {}
        self._rung = asyncio.Event()

    def hear(self, happening: StreamHappening) -> None:
        """Called by the media plane, which is never kept waiting."""
        log.info("stream", kind=happening.kind, stream=happening.stream)
        if happening.kind in {"flowing", "lost", "stopped"}:
            self._last[happening.stream] = happening.kind
            self._rung.set()

    async def tell(self, media: Media) -> None:
        """Make facts of the sessions of it, for as long as the process serves."""
        while True:
            await self._rung.wait()
            self._rung.clear()
            noted = [await self._note(media, stream, self._last.pop(stream)) for stream in tuple(self._last)]
            if not all(noted):
                await asyncio.sleep(self._pause)
                self._rung.set()

    async def _note(self, media: Media, stream: str, kind: str) -> bool:
        """Whether nothing is left to do for it."""
        try:
            if kind == "flowing":
                # First: whoever hears that a session is live and asks for its media must be shown where they are.
                await self._directory.hold(stream)
                await self._broadcasting.media_flows(media, stream)
            else:
                await self._broadcasting.media_lost(stream)
        except Unavailable as error:
            log.warning("stream_waits", stream=stream, problem=str(error))
            self._last.setdefault(stream, kind)
            return False
        except Exception:
            log.exception("stream_not_noted", stream=stream)
        return True
