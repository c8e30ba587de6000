"""The process that publishes: to a WHIP endpoint as a browser would, or as plain RTP to two ports."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.client import Client
from benchmarks.traffic import (
    AUDIO,
    CLOCK_RATES,
    PAYLOAD_TYPES,
    PROFILES,
    VIDEO,
    Due,
    Profile,
    payload,
    schedule,
    trickle,
)
from benchmarks.whip import Whip
from benchmarks.worker import obey
from liveroom.media.dtls import Certificate
from liveroom.media.srtp import seal_packet
from liveroom.relay import rtcp
from liveroom.relay.rtp import is_rtcp, write_header

CONSENT_EVERY = 5.0
REPORT_EVERY = 1.0
LATE = 0.02
_SSRCS = {VIDEO: 0x11111111, AUDIO: 0x22222222}
_NTP_EPOCH = 2_208_988_800


class Publisher:
    """Sends from a thread of its own, so that the packets leave when they are due."""

    def __init__(self) -> None:
        self._send: dict[str, Callable[[bytes, bytes, int], None]] = {}
        self._client: Client | None = None
        self._sequences = {VIDEO: 1000, AUDIO: 1000}
        self._octets = {VIDEO: 0, AUDIO: 0}
        self._plan: tuple[Iterator[Due], Profile] = trickle(), PROFILES["lecture"]
        self._changed = threading.Event()
        self._keyframe = True
        self._sent = self._late = self._keyframes = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, target: dict[str, Any]) -> dict[str, Any]:
        """Connect to `{"whip": url, "token": …}` or `{"video": port, "audio": port}`; sound begins to trickle."""
        if "whip" in target:
            await self._open_whip(target["whip"], target["token"])
        else:
            self._send = {kind: _plain(target[kind]) for kind in (VIDEO, AUDIO)}
        threading.Thread(target=self._run, daemon=True).start()
        return {}

    async def play(self, profile: str, spread: float) -> dict[str, Any]:
        chosen = PROFILES[profile]
        self._keyframe = True
        self._plan = schedule(chosen, spread), chosen
        self._changed.set()
        return {"per_second": chosen.per_second}

    async def count(self) -> dict[str, Any]:
        """Packets sent so far, how many of them were late, keyframes."""
        return {"sent": self._sent, "late": self._late, "keyframes": self._keyframes}

    async def _open_whip(self, url: str, token: str) -> None:
        endpoint = Whip(url, token)
        client = self._client = Client(Certificate(), self._heard)
        await client.connect(await endpoint.negotiate(client.local))
        await endpoint.close()

        def send(header: bytes, body: bytes, index: int) -> None:
            client.send(seal_packet(client.sealer, header, body, index))

        self._send = dict.fromkeys((VIDEO, AUDIO), send)
        for work in (self._keep_consent, self._report):
            task = asyncio.create_task(work(client))
            self._tasks.add(task)

    def _heard(self, client: Client, datagram: bytes, _at: int) -> None:
        compound = client.opener.open_rtcp(datagram) if is_rtcp(datagram) else None
        for part in rtcp.read(compound or b""):
            if isinstance(part, rtcp.Feedback) and part.keyframe:
                self._keyframe = True

    async def _keep_consent(self, client: Client) -> None:
        while True:
            await asyncio.sleep(CONSENT_EVERY)
            client.check()

    async def _report(self, client: Client) -> None:
        while True:
            await asyncio.sleep(REPORT_EVERY)
            now = time.time()
            ntp = int((now + _NTP_EPOCH) * (1 << 32))
            for kind, ssrc in _SSRCS.items():
                packets = self._sequences[kind] - 1000
                if packets:
                    timestamp = _timestamp(kind, time.monotonic())
                    report = rtcp.write_sender_report(ssrc, ntp, timestamp, packets, self._octets[kind], b"bench")
                    client.send(client.sealer.seal_rtcp(report))

    def _run(self) -> None:
        while True:
            self._changed.clear()
            plan, profile = self._plan
            began = time.monotonic() + 0.05
            for due in plan:
                wait = began + due.at - time.monotonic()
                if wait > 0:
                    time.sleep(wait)
                elif wait < -LATE:
                    self._late += 1
                if self._changed.is_set():
                    break
                self._send_one(due, profile, began)

    def _send_one(self, due: Due, profile: Profile, began: float) -> None:
        kind = due.kind
        if kind == VIDEO and due.number == 0:
            self._in_keyframe, self._keyframe = self._keyframe, False
            self._keyframes += self._in_keyframe
            self._frame_timestamp = _timestamp(VIDEO, began + due.at)
        timestamp = self._frame_timestamp if kind == VIDEO else _timestamp(AUDIO, began + due.at)
        sequence = self._sequences[kind]
        header = write_header(PAYLOAD_TYPES[kind], due.last, sequence, timestamp, _SSRCS[kind])
        body = payload(due, profile, kind == VIDEO and self._in_keyframe, time.time_ns())
        self._send[kind](header, body, sequence)
        self._sequences[kind] = sequence + 1
        self._octets[kind] += len(body)
        self._sent += 1


def _timestamp(kind: str, at: float) -> int:
    return int(at * CLOCK_RATES[kind]) & 0xFFFFFFFF


def _plain(port: int) -> Callable[[bytes, bytes, int], None]:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.connect(("127.0.0.1", port))
    return lambda header, body, _: (sock.send(header + body), None)[1]


async def main() -> None:
    publisher = Publisher()
    await obey({"open": publisher.open, "play": publisher.play, "count": publisher.count})


if __name__ == "__main__":
    asyncio.run(main())
