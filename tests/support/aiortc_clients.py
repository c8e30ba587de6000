"""A publisher and a viewer built on aiortc: a foreign stack, over plain WHIP and WHEP."""

from __future__ import annotations

import asyncio
import fractions
import time
from collections import Counter
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import av
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError, VideoStreamTrack


class Picture(VideoStreamTrack):
    """A moving grey ramp, 30 frames a second."""

    async def recv(self) -> av.VideoFrame:
        pts, base = await self.next_timestamp()
        frame = av.VideoFrame(320, 240, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([pts // 3000 % 256]) * plane.buffer_size)
        frame.pts, frame.time_base = pts, fractions.Fraction(base)
        return frame


async def negotiate(connection: RTCPeerConnection, url: str, token: str | None = None) -> tuple[int, dict[str, str]]:
    """POST the offer, apply the answer; status and headers."""
    await connection.setLocalDescription(await connection.createOffer())
    headers = {"Content-Type": "application/sdp"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    async with (
        aiohttp.ClientSession() as client,
        client.post(url, data=connection.localDescription.sdp, headers=headers) as response,
    ):
        answer = await response.text()
        if response.status == 201:
            await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        return response.status, dict(response.headers)


async def publish(url: str, token: str) -> RTCPeerConnection:
    """A connection that sends picture and sound."""
    connection = RTCPeerConnection()
    connection.addTrack(AudioStreamTrack())
    connection.addTrack(Picture())
    status, _ = await negotiate(connection, url, token)
    if status != 201:
        await connection.close()
        raise RuntimeError(f"publishing was refused: {status}")
    return connection


class Watching:
    """A viewer that decodes and counts frames by kind."""

    def __init__(self) -> None:
        self.frames: Counter[str] = Counter()
        self.first_at: dict[str, float] = {}
        self._stack = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self, url: str, tries: int = 120) -> Watching:
        for _ in range(tries):
            self.connection = RTCPeerConnection()
            self.connection.addTransceiver("audio", direction="recvonly")
            self.connection.addTransceiver("video", direction="recvonly")
            self.connection.on("track", self._take)
            status, _ = await negotiate(self.connection, url)
            if status == 201:
                return self
            await self.connection.close()
            await asyncio.sleep(0.5)
        raise RuntimeError(f"watching was refused: {status}")

    def _take(self, track: Any) -> None:
        self._tasks.append(asyncio.create_task(self._count(track)))

    async def _count(self, track: Any) -> None:
        try:
            while True:
                await track.recv()
                self.frames[track.kind] += 1
                self.first_at.setdefault(track.kind, time.monotonic())
        except MediaStreamError:
            return

    async def until(self, kind: str, more: int, seconds: float = 45) -> int:
        """Wait until `more` further frames were decoded; how many there are."""
        wanted = self.frames[kind] + more
        async with asyncio.timeout(seconds):
            while self.frames[kind] < wanted:
                await asyncio.sleep(0.05)
        return self.frames[kind]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self.connection.close()
