"""One open session socket: written to without waiting, skipped while it does not read. Knows no message.

Nothing of it runs by itself: ten thousand need no task, queue or timer each. What the kernel does not take at once
waits in the transport; a channel with more than `BACKLOG` there is skipped, and sent away once it reads again, or when
it does not: it comes back for the rest, which is the same path as arriving.
"""

from __future__ import annotations

import asyncio
import socket as sockets
from typing import Any, Protocol

from liveroom.qa.wire import Audience
from liveroom.rooms.roles import Actor
from liveroom.server.frames import PING, goodbye

BACKLOG = 64 * 1024
"""Bytes that may wait for one client before it is skipped; a snapshot may be larger, and then waits alone."""

KERNEL_BUFFER = 64 * 1024
"""What the kernel may hold for one client (it doubles the figure): by itself it goes up to 4 MiB for each."""

PATIENCE = 10.0
"""Seconds in which a client that is behind may read nothing at all before it is sent away."""

HEARTBEAT = 30.0
"""Seconds of silence after which a client is asked whether it is there; after as many again it is not."""

GOODBYE = 2.0
"""Seconds in which a client may read that it is sent away."""

RESYNC = 4001
OTHER_SESSION = 4002


class Wire(Protocol):
    """What a channel needs of `asyncio.Transport`."""

    def write(self, data: bytes, /) -> None: ...
    def get_write_buffer_size(self) -> int: ...
    def is_closing(self) -> bool: ...
    def close(self) -> None: ...
    def abort(self) -> None: ...
    def get_extra_info(self, name: str, /) -> Any: ...


class Channel:
    """Who is behind a socket, and what it was told."""

    __slots__ = (
        "_moved_at", "_pinged", "_waited", "actor", "audience", "behind", "closing", "device", "heard_at",
        "new", "round", "view", "wire",
    )  # fmt: skip

    def __init__(self, wire: Wire, actor: Actor, device: str, *, new: bool) -> None:
        """`new`: the device was named for this very connection and has done nothing yet."""
        self.wire = wire
        self.actor = actor
        self.device = device
        self.new = new
        self.audience = Audience.PUBLIC
        self.view = "room"
        self.round = 0
        self.behind = False
        self.closing: int | None = None
        self.heard_at = asyncio.get_running_loop().time()
        self._pinged = False
        self._waited = 0
        self._moved_at = 0.0
        kernel = wire.get_extra_info("socket")
        if kernel is not None:
            kernel.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, KERNEL_BUFFER)

    def hear(self) -> None:
        """The client said something, be it a pong."""
        self.heard_at = asyncio.get_running_loop().time()
        self._pinged = False

    def tell(self, frames: bytes) -> None:
        """News for many: written now, or not at all when this client is behind."""
        if self.behind or self.closing is not None or self.wire.is_closing():
            return
        waiting = self.wire.get_write_buffer_size()
        if waiting > BACKLOG:
            self.behind, self._waited = True, waiting
            self._moved_at = asyncio.get_running_loop().time()
            return
        self.wire.write(frames)

    def push(self, frames: bytes) -> None:
        """What this client asked for: written however much waits, since it is asked for one at a time."""
        if self.closing is None and not self.wire.is_closing():
            self.wire.write(frames)

    def look_after(self, now: float) -> None:
        """Called every few seconds by whoever holds the channel."""
        if self.closing is not None:
            return
        if self.behind:
            waiting = self.wire.get_write_buffer_size()
            if waiting < self._waited:
                self._waited, self._moved_at = waiting, now
            if not waiting or now - self._moved_at > PATIENCE:
                self.close(RESYNC)
                return
        if now - self.heard_at > 2 * HEARTBEAT:
            self.wire.abort()
        elif now - self.heard_at > HEARTBEAT and not self._pinged:
            self._pinged = True
            self.push(PING)

    def close(self, code: int) -> None:
        """Say nothing more and close; a client that does not even read the goodbye is cut off."""
        if self.closing is None:
            self.closing = code
            if not self.wire.is_closing():
                self.wire.write(goodbye(code))
            asyncio.get_running_loop().call_later(GOODBYE, self.wire.abort)
