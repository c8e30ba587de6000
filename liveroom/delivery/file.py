"""Codes and letters into private folders instead of to people: for the demo, for tests, and where no service is yet."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

from liveroom.clock import Clock
from liveroom.contacts import Contact
from liveroom.errors import Unavailable
from liveroom.ports.notices import Letter

KEEP = 50
"""Codes at most: the newest ones."""

KEEP_LETTERS = 5000


class FileSender:
    """One file for each code, readable for our own user only, named so that the newest stands last."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    async def send(self, contact: Contact, code: str) -> None:
        name = f"{self._clock():%Y%m%dT%H%M%S.%f}-{contact.channel}.json"
        await _write(self._folder, name, {"to": contact.address, "code": code}, KEEP)


class FileCarrier:
    """One file for each letter, named by its key: a letter that is carried twice is one file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def carry(self, contact: Contact, letter: Letter) -> None:
        name = f"{letter.at:%Y%m%dT%H%M%S.%f}-{contact.channel}-{letter.key}.json"
        values = {"to": contact.address, "subject": letter.subject, "text": letter.text, "stop": letter.stop}
        await _write(self._folder, name, values, KEEP_LETTERS)


async def _write(folder: Path, name: str, values: dict[str, str], keep: int) -> None:
    def write() -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(json.dumps(values, ensure_ascii=False) + "\n")
        for old in sorted(folder.glob("*.json"))[:-keep]:
            old.unlink(missing_ok=True)

    try:
        await asyncio.to_thread(write)
    except OSError as error:
        raise Unavailable(f"the message could not be written: {error.strerror}") from error
