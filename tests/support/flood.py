"""Sends one HTTP request over and over, at a rate and for a time, from a process of its own, to this machine only.

    python -m tests.support.flood URL REQUESTS_PER_SECOND SECONDS FILE_WITH_OFFER [ADDRESSES]

It comes from one or more ADDRESSES of 127.0.0.0/8, each of which has limits of its own. Prints one JSON object: how
many were sent and which statuses came back.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

CONNECTIONS = 16
EACH = 20
"""Requests of a connection; when all are answered, it makes way for one from the next address.

So at most these wait for their answers: a slow server gets fewer, not ever more.
"""

_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


class Connection(asyncio.Protocol):
    def __init__(self, statuses: Counter[str]) -> None:
        self.statuses = statuses
        self.waiting = 0
        self.left = EACH
        self.closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        for status in _STATUS.findall(data):
            self.statuses[status.decode()] += 1
            self.waiting -= 1
        if not self.left and not self.waiting:
            self.closed = True
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True


async def flood(url: str, rate: float, seconds: float, offer: bytes, addresses: int = 1) -> dict[str, object]:
    parts = urlsplit(url)
    assert parts.hostname == "127.0.0.1"
    head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/sdp\r\n"
    request = head.encode() + f"Content-Length: {len(offer)}\r\n\r\n".encode() + offer
    statuses: Counter[str] = Counter()
    loop = asyncio.get_running_loop()
    open_ones: list[Connection] = []
    began, sent, at, opened = time.monotonic(), 0, 0, 0
    while (passed := time.monotonic() - began) < seconds:
        open_ones = [connection for connection in open_ones if not connection.closed]
        while len(open_ones) < CONNECTIONS:
            number, opened = opened % addresses, opened + 1
            ours = f"127.0.{number // 250}.{1 + number % 250}"
            _, made = await loop.create_connection(
                lambda: Connection(statuses), parts.hostname, parts.port, local_addr=(ours, 0)
            )
            open_ones.append(made)
        tries = 0
        while sent < passed * rate and tries < CONNECTIONS:
            at, tries = at + 1, tries + 1
            connection = open_ones[at % len(open_ones)]
            if connection.left and not connection.closed:
                connection.transport.write(request)
                connection.waiting += 1
                connection.left -= 1
                sent, tries = sent + 1, 0
        await asyncio.sleep(0.002)
    await asyncio.sleep(0.5)
    for connection in open_ones:
        connection.transport.close()
    return {"sent": sent, "rate": sent / seconds, "statuses": dict(statuses)}


if __name__ == "__main__":
    address, wanted, lasting, file, *more = sys.argv[1:]
    told = asyncio.run(flood(address, float(wanted), float(lasting), Path(file).read_bytes(), *map(int, more)))
    print(json.dumps(told))
