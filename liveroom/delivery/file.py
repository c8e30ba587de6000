"""Codes into a private folder instead of to a person: for the demo, for tests, and where no service is set up yet."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

from liveroom.clock import Clock
from liveroom.errors import Unavailable
from liveroom.vault.contacts import Contact

KEEP = 50
"""Files at most: the newest ones."""


class FileSender:
    """One file for each code, readable for our own user only, named so that the newest stands last."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    async def send(self, contact: Contact, code: str) -> None:
        name = f"{self._clock():%Y%m%dT%H%M%S.%f}-{contact.channel}.json"
        text = json.dumps({"to": contact.address, "code": code}, ensure_ascii=False)
        try:
            await asyncio.to_thread(self._write, name, text)
        except OSError as error:
            raise Unavailable(f"the code could not be written: {error.strerror}") from error

    def _write(self, name: str, text: str) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text + "\n")
        for old in sorted(self._folder.glob("*.json"))[:-KEEP]:
            old.unlink(missing_ok=True)
