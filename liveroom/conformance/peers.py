"""A publisher and a player with real ICE, DTLS and media, by aiortc. Knows no HTTP."""

from __future__ import annotations

import asyncio
import fractions
import time
from typing import Any

import av
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError

PICTURES_PER_SECOND = 10
_CLOCK = 90_000


class Peer:
    """One connection; `last_frame_at` is in seconds of the steady clock, 0 for never.

    It asks no STUN server: the server under test is to be reached as it is.
    """

    def __init__(self) -> None:
        self.frames = {"audio": 0, "video": 0}
        self.last_frame_at = 0.0
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self.connection.on("track", self._take)
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    def publisher(cls) -> Peer:
        peer = cls()
        peer.connection.addTrack(AudioStreamTrack())
        peer.connection.addTrack(_Picture())
        return peer

    @classmethod
    def player(cls) -> Peer:
        peer = cls()
        for kind in ("audio", "video"):
            peer.connection.addTransceiver(kind, direction="recvonly")
        return peer

    async def offer(self) -> str:
        """With all candidates, and with `rtcp-mux-only`, which the standards ask of clients, too."""
        if self.connection.localDescription is None:
            await self.connection.setLocalDescription(await self.connection.createOffer())
        return _mux_only(self.connection.localDescription.sdp)

    async def accept(self, answer: str) -> None:
        """The server's answer. Raises ValueError when it is none that this peer can use."""
        await self._describe(RTCSessionDescription(answer, "answer"))

    async def answer(self, offer: str) -> str:
        """Our answer to the server's offer. Raises ValueError when it is none that this peer can use."""
        await self._describe(RTCSessionDescription(offer, "offer"))
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        return _mux_only(self.connection.localDescription.sdp)

    async def _describe(self, description: RTCSessionDescription) -> None:
        try:
            await self.connection.setRemoteDescription(description)
        except Exception as error:  # aiortc raises a dozen different ones
            raise ValueError(f"aiortc cannot use this {description.type}: {error}") from error

    async def connects(self, seconds: float) -> bool:
        return await _soon(lambda: self.connection.connectionState == "connected", seconds)

    async def plays(self, seconds: float) -> bool:
        """Whether some frames of both kinds are decoded in time."""
        return await _soon(lambda: min(self.frames.values()) >= 3, seconds)

    async def is_told_goodbye(self, seconds: float) -> bool:
        """Whether the other side closes DTLS in time."""
        transports = [t.receiver.transport for t in self.connection.getTransceivers()]
        return await _soon(lambda: any(t.state == "closed" for t in transports), seconds)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self.connection.close()

    def _take(self, track: MediaStreamTrack) -> None:
        self._tasks.append(asyncio.create_task(self._count(track)))

    async def _count(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                await track.recv()
                self.frames[track.kind] += 1
                self.last_frame_at = time.monotonic()
        except MediaStreamError:
            return


class _Picture(MediaStreamTrack):
    """A small grey picture that changes."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._number = 0
        self._began = time.monotonic()

    async def recv(self) -> av.VideoFrame:
        self._number += 1
        await asyncio.sleep(max(0.0, self._began + self._number / PICTURES_PER_SECOND - time.monotonic()))
        frame = av.VideoFrame(320, 240, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([self._number * 7 % 256]) * plane.buffer_size)
        frame.pts = self._number * _CLOCK // PICTURES_PER_SECOND
        frame.time_base = fractions.Fraction(1, _CLOCK)
        return frame


def _mux_only(sdp: str) -> str:
    return sdp.replace("a=rtcp-mux\r\n", "a=rtcp-mux\r\na=rtcp-mux-only\r\n")


async def _soon(holds: Any, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        await asyncio.sleep(0.05)
    return True
