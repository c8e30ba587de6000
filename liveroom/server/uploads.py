"""Forms with a file or several in them, read within limits. Knows no file's meaning."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from aiohttp import BodyPartReader, web

from liveroom.errors import Refused, slow_down
from liveroom.server import keys
from liveroom.server.identity import csrf_token

_T = TypeVar("_T")

FIELDS_LIMIT = 8
FILING_FIELDS = 30
FIELD_LIMIT = 1024
"""Bytes of a field that is no file."""

SECONDS = 300.0
"""For a photograph over a weak link."""

AT_ONCE = 6
"""Each holds a file in memory."""


@dataclass(frozen=True, slots=True)
class Upload:
    """The fields, and the file as it came, with the name that its sender gave it: empty when none was chosen."""

    fields: dict[str, str]
    content: bytes
    name: str = ""


@dataclass(frozen=True, slots=True)
class Filing:
    """The fields, and files in their order; None for one of which there was more than the form may bring."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[bytes | None] = field(default_factory=list)


Check = Callable[[dict[str, str]], Awaitable[None]]
"""Looks at the fields before any file is read; refuses."""


async def read_filing(request: web.Request, check: Check, *, most: int, limit: int, words: int) -> Filing:
    """A form with up to `most` files of `limit` bytes together, after fields of `words` bytes each.

    What comes after a file that is too much is not read. Refuses what `check` and `read_upload` refuse.
    """

    async def reading() -> Filing:
        found, left = Filing(), limit
        parts = await request.multipart()
        async for part in parts:
            if not isinstance(part, BodyPartReader) or not part.name or len(found.fields) > FILING_FIELDS:
                raise Refused("bad_message")
            if part.filename is None:
                if not found.files:
                    found.fields[part.name] = (await _read(part, words)).decode()
                continue
            if not found.files:
                await check(found.fields)
            content = await _read(part, left)
            if len(content) > left:
                found.files.append(None)
                return found
            left -= len(content)
            # A form without a file sends an empty one without a name.
            if content or part.filename:
                found.files.append(content)
            if len(found.files) > most:
                return found
        if not found.files:
            await check(found.fields)
        return found

    return await _in_turn(request, reading)


async def check_csrf(request: web.Request, fields: dict[str, str]) -> None:
    """The form is one of ours."""
    _check(request, fields)


async def read_upload(request: web.Request, limit: int) -> Upload:
    """A form of ours as `multipart/form-data` (RFC 7578). Of a larger file come `limit` bytes and one more.

    `csrf` comes before the file, so that nobody else's is read. Refuses `bad_form` without the right one, `bad_message`
    for what is no such form or takes longer than five minutes, and `slow_down` while enough others are sending.
    """
    return await _in_turn(request, lambda: _parts(request, limit))


async def _in_turn(request: web.Request, read: Callable[[], Awaitable[_T]]) -> _T:
    """What is read of a form with files, while not too many others send."""
    if request.content_type != "multipart/form-data":
        raise Refused("bad_message")
    turns = request.app[keys.UPLOADS]
    if turns.locked():
        raise slow_down(10)
    async with turns:
        try:
            async with asyncio.timeout(SECONDS):
                return await read()
        except (TimeoutError, ValueError):  # no boundary, a broken part, fields that are no UTF-8
            raise Refused("bad_message") from None


async def _parts(request: web.Request, limit: int) -> Upload:
    fields: dict[str, str] = {}
    parts = await request.multipart()
    for _ in range(FIELDS_LIMIT):
        part = await parts.next()
        if part is None:
            break
        if not isinstance(part, BodyPartReader) or not part.name:
            raise Refused("bad_message")
        if part.filename is not None:
            _check(request, fields)
            return Upload(fields, await _read(part, limit), part.filename)
        fields[part.name] = (await _read(part, FIELD_LIMIT)).decode()
    _check(request, fields)
    return Upload(fields, b"")


def _check(request: web.Request, fields: dict[str, str]) -> None:
    if not hmac.compare_digest(fields.get("csrf", "").encode(), csrf_token(request).encode()):
        raise Refused("bad_form")


async def _read(part: BodyPartReader, limit: int) -> bytes:
    """So many bytes at most, and one more when there are more; the rest is not read."""
    content = bytearray()
    while len(content) <= limit:
        piece = await part.read_chunk(64 * 1024)
        if not piece:
            break
        content += piece
    return bytes(content[: limit + 1])
