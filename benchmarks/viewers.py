"""The process of all viewers: they join, stay alive, report if told to, and sample what reaches them."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Any, Protocol

from benchmarks.client import Client, Local, Remote
from benchmarks.janus import Streaming
from benchmarks.traffic import sent_at
from benchmarks.whip import Whip
from benchmarks.worker import obey
from liveroom.media.dtls import Certificate
from liveroom.relay.rtcp import ReportBlock, write_receiver_report
from liveroom.relay.rtp import is_rtcp, parse

AT_ONCE = 8
SAMPLES_PER_SECOND = 200
CONSENT_EVERY = {"silent": 10.0, "reports": 5.0}
"""RFC 7675 asks for a check every 5 seconds; who is silent does just enough to stay."""

REPORT_EVERY = 1.0
_BEAT = 0.01


class Room(Protocol):
    """Where viewers join."""

    async def negotiate(self, local: Local) -> Remote: ...

    async def close(self) -> None: ...


class Crowd:
    """Viewers in the order of their joining. Only the first `heard` of them count for the delays."""

    def __init__(self) -> None:
        self._certificate = Certificate()
        self._viewers: list[Client] = []
        self._heard: set[Client] = set()
        self._delays: list[int] = []
        self._rtp = self._rtcp = self._damaged = 0
        self._room: Room | None = None
        self._host = ""
        self._share = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._ssrc = secrets.randbits(31)

    async def open(self, target: dict[str, Any], mode: str, packets_per_second: float) -> dict[str, Any]:
        """`target` is `{"whep": url}` or `{"janus": url, "mountpoint": id}`, with the `host` to receive at.

        `packets_per_second` is what all viewers together will get.
        """
        self._room = Whip(target["whep"]) if "whep" in target else Streaming(target["janus"], target["mountpoint"])
        self._host = target["host"]
        self._share = min(SAMPLES_PER_SECOND / packets_per_second, 1.0)
        self._keep(self._pace(CONSENT_EVERY[mode], Client.check))
        if mode == "reports":
            self._keep(self._pace(REPORT_EVERY, self._report))
        return {}

    async def join(self, count: int, within: float = 0.0) -> dict[str, Any]:
        """Join, a few at once, or evenly `within` so many seconds. Delays are those of the viewers before."""
        self._delays.clear()
        began, gate, failed = time.monotonic(), asyncio.Semaphore(count if within else AT_ONCE), 0

        async def one(number: int) -> None:
            nonlocal failed
            await asyncio.sleep(number * within / count)
            async with gate:
                try:
                    await self._join()
                except (OSError, TimeoutError, ValueError):
                    failed += 1

        await asyncio.gather(*(one(number) for number in range(count)))
        seconds = time.monotonic() - began
        delays = list(self._delays)
        if not within:
            self._heard.update(self._viewers)
        return {"failed_joins": failed, "seconds": seconds, "delays": delays}

    async def begin(self) -> dict[str, Any]:
        """Forget the delays so far."""
        self._delays.clear()
        return {}

    async def count(self) -> dict[str, Any]:
        """What reached all viewers so far, how much of it was sampled, the delays (nanoseconds) since `begin`."""
        return {
            "arrived": sum(viewer.dropped for viewer in self._viewers) + self._rtp + self._rtcp,
            "rtp": self._rtp,
            "rtcp": self._rtcp,
            "damaged": self._damaged,
            "closed": sum(viewer.closed for viewer in self._viewers),
            "delays": self._delays,
        }

    async def close(self) -> dict[str, Any]:
        if self._room is not None:
            await self._room.close()
        return {}

    async def _join(self) -> None:
        if self._room is None:
            raise ConnectionError("open a room first")
        viewer = Client(self._certificate, self._receive, self._host)
        viewer.drop_media(self._share)
        await viewer.connect(await self._room.negotiate(viewer.local))
        self._viewers.append(viewer)

    def _receive(self, viewer: Client, datagram: bytes, at: int) -> None:
        if is_rtcp(datagram):
            self._rtcp += 1
            return
        self._rtp += 1
        opened = viewer.opener.open_rtp(datagram) if hasattr(viewer, "opener") else None
        packet = parse(*opened) if opened is not None else None
        if packet is None:
            self._damaged += 1
        elif viewer in self._heard:
            self._delays.append(at - sent_at(packet.payload))

    def _report(self, viewer: Client) -> None:
        blocks = [ReportBlock(ssrc, 0, 0, 1000, 20, 0, 0) for ssrc in viewer.remote.ssrcs[:2]]
        viewer.send(viewer.sealer.seal_rtcp(write_receiver_report(self._ssrc, blocks)))

    async def _pace(self, every: float, act: Any) -> None:
        """`act` for each viewer once in `every` seconds, evenly."""
        before, credit, turn = time.monotonic(), 0.0, 0
        while True:
            await asyncio.sleep(_BEAT)
            now, there = time.monotonic(), len(self._viewers)
            credit, before = min(credit + (now - before) / every * there, there), now
            while credit >= 1:
                credit, turn = credit - 1, turn + 1
                act(self._viewers[turn % there])

    def _keep(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)


async def main() -> None:
    crowd = Crowd()
    await obey(
        {"open": crowd.open, "join": crowd.join, "begin": crowd.begin, "count": crowd.count, "close": crowd.close}
    )


if __name__ == "__main__":
    asyncio.run(main())
