"""HTTP towards the server under test: sends, keeps everything that was seen. Knows no duty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

import aiohttp
from multidict import CIMultiDict

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
BODY_LIMIT = 256 * 1024
MOVES = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """What came back. A `status` of 0 means that nothing came in time; `body` then says why."""

    method: str
    url: str
    status: int
    headers: CIMultiDict[str] = field(default_factory=CIMultiDict)
    body: str = ""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """Whether it is a 4xx that may be due to what was sent."""
        return 400 <= self.status < 500 and not self.turned_away

    @property
    def turned_away(self) -> bool:
        """Whether we were not let in, or found nobody: what was sent was perhaps never looked at."""
        return self.status in {401, 403, 404, 429}

    @property
    def kind(self) -> str:
        """The content type without its parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def __str__(self) -> str:
        return f"{self.method} was answered {self.status}" if self.status else f"{self.method}: {self.body}"

    def shows(self, name: str) -> str:
        """What was seen of a header, for the report."""
        value = self.headers.get(name)
        return f"{self}, {'no ' + name if value is None else f'{name}: {value}'}"


class Wire:
    """One client; `seen` is everything that ever came back."""

    def __init__(self, http: aiohttp.ClientSession, seconds: float) -> None:
        self.seen: list[Seen] = []
        self._http = http
        self._timeout = aiohttp.ClientTimeout(total=seconds)

    async def send(
        self,
        method: str,
        url: str,
        *,
        token: str = "",
        body: str | None = None,
        kind: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Seen:
        """One request, no redirection followed."""
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if kind:
            sent["Content-Type"] = kind
        try:
            async with self._http.request(
                method, url, data=body, headers=sent, allow_redirects=False, timeout=self._timeout
            ) as response:
                body_seen = bytearray()
                async for chunk in response.content.iter_chunked(8192):
                    body_seen += chunk
                    if len(body_seen) > BODY_LIMIT:
                        break
                text = body_seen.decode(errors="replace")
                seen = Seen(method, url, response.status, CIMultiDict(response.headers), text)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            seen = Seen(method, url, 0, body=f"no answer ({type(error).__name__})")
        self.seen.append(seen)
        return seen

    async def post_offer(self, url: str, offer: str, token: str, headers: Mapping[str, str] | None = None) -> Seen:
        """An offer; a server that moves us with 307 or 308 is followed."""
        for _ in range(MOVES):
            seen = await self.send("POST", url, token=token, body=offer, kind=SDP, headers=headers)
            if seen.status not in {307, 308} or "Location" not in seen.headers:
                break
            url = urljoin(url, seen.headers["Location"])
        return seen
