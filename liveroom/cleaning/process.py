"""Has files made anew by a child process with limits, a few at a time. Decodes nothing itself."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

import filetype
import msgspec

from liveroom.errors import Refused, Unavailable
from liveroom.matters.enclosures import FILE_BYTES, FileKind
from liveroom.ports.files import Clean

CHILD = Path(__file__).with_name("child.py")
SECONDS = 30.0
"""For one file, the start of the process included; what decoding may take in CPU is a limit of the child's own."""

AT_ONCE = 2
MADE_MOST = 2 * FILE_BYTES

_KINDS = {kind.mime: kind for kind in FileKind}


class _Said(msgspec.Struct):
    refused: str = ""
    unlimited: bool = False
    width: int = 0
    height: int = 0


class ChildCleaner:
    """Satisfies `liveroom.ports.files.Cleaner`."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def clean(self, content: bytes) -> Clean:
        """Raises `Unavailable` where the machine lets no process limit itself."""
        kind = recognise(content)
        async with self._turns:
            said, made = await self._have_made(kind, content)
        if said.unlimited:
            raise Unavailable("a process may not limit itself here: files cannot be opened safely")
        if said.refused:
            raise Refused(said.refused)
        if not made or len(made) > FILE_BYTES:
            raise Refused("file_too_demanding" if made else "file_damaged")
        return Clean(kind, made, said.width, said.height)

    async def _have_made(self, kind: FileKind, content: bytes) -> tuple[_Said, bytes]:
        pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        # -I: neither the environment nor the working folder says what is imported.
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-B", str(CHILD), kind.value, stdin=pipe, stdout=pipe, stderr=nothing, env={}
        )
        try:
            async with asyncio.timeout(self._seconds):
                answer = await _exchange(process, content)
        except TimeoutError:
            raise Refused("file_too_demanding") from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            # To its end: a pipe that nobody reads any more would keep the process from being over.
            await process.communicate()
        line, _, made = answer.partition(b"\n")
        try:
            return msgspec.json.decode(line, type=_Said), made
        except msgspec.MsgspecError:
            # It ended in the middle: a limit, or a decoder that fell over.
            raise Refused("file_too_demanding") from None


async def _exchange(process: asyncio.subprocess.Process, content: bytes) -> bytes:
    """Everything that the child writes, up to a bound, while it is given the content."""
    assert process.stdin is not None
    assert process.stdout is not None

    async def give(into: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            into.write(content)
            await into.drain()
        into.close()

    giving = asyncio.create_task(give(process.stdin))
    try:
        answer = bytearray()
        while chunk := await process.stdout.read(1 << 16):
            answer += chunk
            if len(answer) > MADE_MOST:
                raise Refused("file_too_demanding")
    finally:
        giving.cancel()
        await asyncio.gather(giving, return_exceptions=True)
    return bytes(answer)


def recognise(content: bytes) -> FileKind:
    """By what it begins with, whatever its name says. Refuses `file_kind`."""
    guess = filetype.guess_mime(content[:8192])
    kind = _KINDS.get(guess or "")
    if kind is None:
        raise Refused("file_kind")
    return kind
