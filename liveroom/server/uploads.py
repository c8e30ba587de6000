"""A form of ours with one file in it, read within limits. Knows no file's meaning."""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass

from aiohttp import BodyPartReader, web

from liveroom.errors import Refused, slow_down
from liveroom.server import keys
from liveroom.server.identity import csrf_token

FIELDS_LIMIT = 8
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


async def read_upload(request: web.Request, limit: int) -> Upload:
    """A form of ours as `multipart/form-data` (RFC 7578). Of a larger file come `limit` bytes and one more.

    `csrf` comes before the file, so that nobody else's is read. Refuses `bad_form` without the right one, `bad_message`
    for what is no such form or takes longer than five minutes, and `slow_down` while enough others are sending.
    """
    if request.content_type != "multipart/form-data":
        raise Refused("bad_message")
    turns = request.app[keys.UPLOADS]
    if turns.locked():
        raise slow_down(10)
    async with turns:
        try:
            async with asyncio.timeout(SECONDS):
                return await _parts(request, limit)
        except TimeoutError:
            raise Refused("bad_message") from None


async def _parts(request: web.Request, limit: int) -> Upload:
    fields: dict[str, str] = {}
    try:
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
    except ValueError:  # no boundary, a broken part, fields that are no UTF-8
        raise Refused("bad_message") from None
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
