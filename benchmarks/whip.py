"""Offers over WHIP and WHEP, with one codec of each kind. Knows no media."""

from __future__ import annotations

import asyncio

import aiohttp

from benchmarks.client import Local, Remote
from benchmarks.traffic import AUDIO, CLOCK_RATES, PAYLOAD_TYPES, VIDEO

_CODECS = {VIDEO: f"VP8/{CLOCK_RATES[VIDEO]}", AUDIO: f"opus/{CLOCK_RATES[AUDIO]}/2"}
_FEEDBACK = ("nack", "nack pli", "ccm fir", "goog-remb")


def section(kind: str, mid: str, direction: str, local: Local, setup: str) -> str:
    """An m-section of ours."""
    number = PAYLOAD_TYPES[kind]
    feedback = "".join(f"a=rtcp-fb:{number} {name}\r\n" for name in _FEEDBACK) if kind == VIDEO else ""
    return (
        f"m={kind} 9 UDP/TLS/RTP/SAVPF {number}\r\nc=IN IP4 0.0.0.0\r\na=mid:{mid}\r\na={direction}\r\na=rtcp-mux\r\n"
        f"a=rtpmap:{number} {_CODECS[kind]}\r\n{feedback}{local.lines(setup)}"
    )


def head(mids: list[str]) -> str:
    return f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {' '.join(mids)}\r\n"


class Whip:
    """An endpoint: WHIP when there is a token, else WHEP."""

    def __init__(self, url: str, token: str = "") -> None:
        self._url = url
        self._headers = {"Content-Type": "application/sdp"} | ({"Authorization": f"Bearer {token}"} if token else {})
        self._direction = "sendonly" if token else "recvonly"
        self._client: aiohttp.ClientSession | None = None

    async def negotiate(self, local: Local) -> Remote:
        """POST an offer; a server that is not live yet is asked again for a while."""
        # No connection is shared: viewers are strangers to one another.
        self._client = self._client or aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
        offer = head(["0", "1"]) + "".join(
            section(kind, mid, self._direction, local, "actpass") for mid, kind in (("0", VIDEO), ("1", AUDIO))
        )
        for _ in range(50):
            async with self._client.post(self._url, data=offer, headers=self._headers) as response:
                text = await response.text()
                if response.status == 201:
                    return Remote.read(text)
                if response.status not in {409, 503}:
                    break
            await asyncio.sleep(0.2)
        raise ConnectionError(f"{self._url} answered {response.status}: {text[:200]}")

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
