"""Tables of lines that only grow, but for what is erased from them: of sessions and of matters, sealed.

Knows columns, not what happened.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from liveroom.rooms.chain import START, Link, sealed
from liveroom.rooms.erased import remains, vouch


@dataclass(frozen=True, slots=True)
class Log:
    """One table of lines. `owner` is the column that says whose line it is; each owner has a chain of its own.

    `owners` are the rows that they belong to, whose `seq` says how many lines there are.
    """

    kind: str
    table: sa.Table
    owner: str
    owners: sa.Table

    def chain(self, owner: str) -> str:
        return f"{self.kind}:{owner}"

    async def names(self, connection: AsyncConnection) -> list[str]:
        """Everybody who has a chain here, in order."""
        return list(await connection.scalars(sa.select(self.owners.c.id).order_by(self.owners.c.id)))

    async def length(self, connection: AsyncConnection, owner: str) -> int | None:
        """How many lines there should be; None when there is no such owner."""
        length: int | None = await connection.scalar(sa.select(self.owners.c.seq).where(self.owners.c.id == owner))
        return length

    async def append(self, connection: AsyncConnection, owner: str, links: Sequence[Link]) -> None:
        """Seal lines that follow the newest one and keep them, inside a transaction that has made sure of that."""
        if not links:
            return
        before = START
        if links[0].seq > 1:
            of = self.table.c
            query = sa.select(of.hash).where(of[self.owner] == owner, of.seq == links[0].seq - 1)
            before = await connection.scalar(query) or START
        salted = [replace(link, event=_salted(link.event)) for link in links]
        rows = [self._row(owner, link) for link in sealed(self.chain(owner), before, salted)]
        await connection.execute(sa.insert(self.table), rows)

    async def erase(self, connection: AsyncConnection, owner: str, left: Sequence[Link]) -> str:
        """Put what is left of lines in their place; their hashes stay. What the line that vouches for them says."""
        of = self.table.c
        digests: dict[int, str] = {}
        for line in left:
            query = sa.select(of.hash).where(of[self.owner] == owner, of.seq == line.seq - 1)
            before = await connection.scalar(query) or START
            digests[line.seq] = remains(self.chain(owner), before, line)
            of_line = sa.update(self.table).where(of[self.owner] == owner, of.seq == line.seq)
            await connection.execute(of_line.values(by=line.by, by_name=line.by_name, event=line.event))
        return vouch(digests)

    async def links(self, connection: AsyncConnection, owner: str) -> list[Link]:
        """All lines of an owner in the order of their numbers."""
        of = self.table.c
        rows = await connection.execute(sa.select(self.table).where(of[self.owner] == owner).order_by(of.seq))
        return [link(row) for row in rows.mappings()]

    async def head(self, connection: AsyncConnection, owner: str) -> Link | None:
        """The newest line of an owner."""
        of = self.table.c
        newest = sa.select(self.table).where(of[self.owner] == owner).order_by(of.seq.desc()).limit(1)
        row = (await connection.execute(newest)).mappings().first()
        return link(row) if row else None

    def _row(self, owner: str, line: Link) -> dict[str, Any]:
        row = {
            self.owner: owner,
            "seq": line.seq,
            "at": line.at,
            "by": line.by,
            "by_name": line.by_name,
            "event": line.event,
            "hash": line.hash,
        }
        return row if "question" not in self.table.c else {**row, "question": line.question}


def _salted(event: str) -> str:
    """With something that nobody can guess: the hash of an erased line must not tell who guesses what it said."""
    comma = "," if len(event) > 2 else ""
    return f'{event[:-1]}{comma}"salt":"{secrets.token_urlsafe(12)}"}}'


def link(row: sa.RowMapping) -> Link:
    """A line as it stands in its table."""
    values = (row["seq"], row["at"], row["by"], row["by_name"], row.get("question"), row["event"], row["hash"])
    return Link(*values)
