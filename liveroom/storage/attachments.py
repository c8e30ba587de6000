"""Attachments: their rows in SQL, their contents as files of the data folder. Knows nothing of what they show."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from liveroom.errors import Refused, Stale, Unavailable
from liveroom.matters.enclosures import Attachment, FileKind
from liveroom.storage.database import Database
from liveroom.storage.schema import Instant, metadata

attachments = sa.Table(
    "attachments",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("matter", sa.ForeignKey("matters.id"), nullable=False, index=True),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("caption", sa.String(80), nullable=False),
    sa.Column("party", sa.String(48), nullable=False),
    sa.Column("by", sa.String(32), nullable=False),
    sa.Column("at", Instant, nullable=False),
    # Of the matter's history; 0 while no step carries it.
    sa.Column("step", sa.Integer, nullable=False, server_default="0"),
)

_A = attachments.c
_COLUMNS = [f.name for f in fields(Attachment)]


class Contents:
    """A folder of files, each named by what it holds and whose it is; readable by the folder's user alone.

    Two attachments never share a file, so that one can be forgotten without asking after the other.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, attachment: Attachment, content: bytes) -> None:
        """On the disk when this returns. Raises OSError."""
        place = self.place(attachment)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = place.with_name(f"{secrets.token_hex(8)}.partial")
        try:
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(place)
        finally:
            unfinished.unlink(missing_ok=True)
        directory = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def place(self, attachment: Attachment) -> Path:
        return self._folder / attachment.digest[:2] / f"{attachment.digest}.{attachment.id}"

    def drop(self, attachment: Attachment) -> None:
        self.place(attachment).unlink(missing_ok=True)

    def strays(self, before: datetime) -> Iterator[tuple[str, Path]]:
        """Whose each file is, of those that are older."""
        for file in self._folder.glob("*/*"):
            if file.stat().st_mtime < before.timestamp():
                yield file.name.partition(".")[2], file


class SqlAttachments:
    """Attachments in one database and one folder; satisfies `liveroom.ports.files.Attachments`."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._contents = Contents(folder)

    async def add(self, attachment: Attachment, content: bytes, check: Callable[[Sequence[Attachment]], None]) -> None:
        # The content comes first: what the records name is there, after a crash too.
        try:
            await asyncio.to_thread(self._contents.keep, attachment, content)
        except OSError as error:
            raise Unavailable(f"the file cannot be written now: {error.strerror}") from error
        try:
            async with self._database.write() as connection:
                check(await _of(connection, attachment.matter))
                await connection.execute(sa.insert(attachments).values(**_row(attachment)))
        except BaseException:
            await asyncio.to_thread(self._contents.drop, attachment)
            raise

    async def get(self, attachment: str) -> Attachment | None:
        async with self._database.read() as connection:
            query = sa.select(attachments).where(_A.id == attachment)
            row = (await connection.execute(query)).mappings().first()
            return _attachment(row) if row else None

    async def of(self, matter: str) -> list[Attachment]:
        async with self._database.read() as connection:
            return await _of(connection, matter)

    async def content(self, attachment: Attachment) -> bytes:
        try:
            content = await asyncio.to_thread(self._contents.place(attachment).read_bytes)
        except OSError:
            raise Refused("not_found") from None
        if hashlib.sha256(content).hexdigest() != attachment.digest:
            raise Refused("not_found")
        return content

    async def remove(self, attachment: Attachment) -> bool:
        async with self._database.write() as connection:
            waiting = sa.delete(attachments).where(_A.id == attachment.id, _A.step == 0)
            gone = (await connection.execute(waiting)).rowcount == 1
        if gone:
            await asyncio.to_thread(self._contents.drop, attachment)
        return gone

    async def sweep(self, before: datetime) -> int:
        async with self._database.read() as connection:
            query = sa.select(attachments).where(_A.step == 0, _A.at < before)
            forgotten = [_attachment(row) for row in (await connection.execute(query)).mappings()]
        removed = sum([await self.remove(attachment) for attachment in forgotten])
        for owner, file in await asyncio.to_thread(lambda: list(self._contents.strays(before))):
            if await self.get(owner) is None:
                await asyncio.to_thread(file.unlink, missing_ok=True)
                removed += 1
        return removed


async def carry(connection: AsyncConnection, matter: str, step: int, carried: Sequence[str]) -> None:
    """Note inside a transaction that a step takes these along. Raises `Stale` when one of them is not there to take."""
    if not carried:
        return
    waiting = sa.update(attachments).where(_A.id.in_(list(carried)), _A.matter == matter, _A.step == 0)
    if (await connection.execute(waiting.values(step=step))).rowcount != len(carried):
        raise Stale(matter)


async def _of(connection: AsyncConnection, matter: str) -> list[Attachment]:
    query = sa.select(attachments).where(_A.matter == matter).order_by(_A.at, _A.id)
    return [_attachment(row) for row in (await connection.execute(query)).mappings()]


def _row(attachment: Attachment) -> dict[str, Any]:
    return {name: getattr(attachment, name) for name in _COLUMNS}


def _attachment(row: sa.RowMapping) -> Attachment:
    values = {name: row[name] for name in _COLUMNS}
    return Attachment(**{**values, "kind": FileKind(row["kind"])})
