"""All logs (sessions, matters, word lists, frozen quarters) as they are kept, for who checks them.

Knows no rule of the chain.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import msgspec
import sqlalchemy as sa

from liveroom.matters.matter import Matter
from liveroom.matters.replay import apply
from liveroom.matters.statement import read
from liveroom.ports.rooms import Sitting
from liveroom.qa.events import VotesSealed
from liveroom.qa.question import Queue
from liveroom.qa.votes import digest, statement
from liveroom.rooms.audit import Head
from liveroom.rooms.chain import START, Link
from liveroom.storage import matter_tables, matters, quarter_log, schema, session_log, word_log
from liveroom.storage.database import Database
from liveroom.storage.kept import follow
from liveroom.storage.log import Log
from liveroom.storage.quarter_log import QuarterLog
from liveroom.storage.records import SqlRecords
from liveroom.storage.signing import SEED, Ed25519Signer, is_signed
from liveroom.storage.word_log import WordLog

_LOGS: Mapping[str, Log | WordLog | QuarterLog] = {
    log.kind: log for log in (session_log.LOG, matters.LOG, word_log.LOG, quarter_log.LOG)
}
_THEMSELVES = frozenset({word_log.LOG.kind, quarter_log.LOG.kind})
"""Logs whose lines are the present state."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One log: its name, its lines, and how many its owner says that there are."""

    chain: str
    links: Sequence[Link]
    length: int


class SqlAudit:
    """Every log of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def chains(self) -> list[str]:
        """The names of all logs: `session:…`, `matter:…`, `words:…` and `figures:quarters`."""
        async with self._database.read() as connection:
            return [log.chain(owner) for log in _LOGS.values() for owner in await log.names(connection)]

    async def heads(self) -> list[Head]:
        """The newest line of every log."""
        found = []
        for chain in await self.chains():
            kind, owner = chain.split(":", 1)
            async with self._database.read() as connection:
                link = await _LOGS[kind].head(connection, owner)
            found.append(Head(chain, link.seq, link.hash) if link else Head(chain, 0, START))
        return found

    async def read(self, chain: str) -> Reading | None:
        """A log by its name, all of it at one moment."""
        kind, _, owner = chain.partition(":")
        if kind not in _LOGS:
            return None
        log = _LOGS[kind]
        async with self._database.read() as connection:
            length = await log.length(connection, owner)
            return None if length is None else Reading(chain, await log.links(connection, owner), length)

    async def strayed(self, chain: str) -> list[str]:
        """Where the present state is not what the log leads to, one sentence each. Meant for a log that is whole."""
        kind, _, owner = chain.partition(":")
        if kind in _THEMSELVES:
            return []
        try:
            return await (self._strayed_session(owner) if kind == session_log.LOG.kind else self._strayed_matter(owner))
        except (KeyError, TypeError, ValueError, msgspec.MsgspecError):
            return ["its lines cannot be followed: they do not fit together"]

    async def unsigned(self, chain: str) -> list[str]:
        """Frozen quarters that nobody of this installation signed as they stand now, one sentence each.

        Said whatever became of the log: who can write the records can seal its lines anew, and not sign.
        """
        if chain != quarter_log.LOG.chain(quarter_log.OWNER):
            return []
        m = schema.meta.c
        async with self._database.read() as connection:
            seed = await connection.scalar(sa.select(m.value).where(m.name == SEED))
            query = sa.select(quarter_log.frozen_quarters).order_by(quarter_log.frozen_quarters.c.seq)
            rows = (await connection.execute(query)).mappings().all()
        ours = Ed25519Signer(bytes.fromhex(seed)).key if seed else ""
        return [f"{row['quarter']} {wrong}" for row in rows if (wrong := _wrong_with(dict(row), ours))]

    async def _strayed_session(self, session: str) -> list[str]:
        reading = SqlRecords(self._database, "")
        now = await reading.load(session)
        events = [entry.event for entry in await reading.since(session, 0) if entry.seq <= now.seq]
        # What the plan did not say the log does not know: which room, and the state before it.
        then = follow(Sitting(now.session, Queue(session), 0), events)
        wrong = [f"{name} of the session is not what the log says" for name in _differing(then.session, now.session)]
        for question, either in {**then.queue.questions, **now.queue.questions}.items():
            said, kept = then.queue.get(question), now.queue.get(question)
            if said is None or kept is None:
                wrong.append(f"question {either.label} is {'not' if said is None else 'only'} in the log")
                continue
            where = f"of question {either.label} is not what the log says"
            wrong += [f"{name} {where}" for name in _differing(said, kept)]
        seals = [event for event in events if isinstance(event, VotesSealed)]
        if seals:
            wrong += _unsealed(session, seals, await reading.voters(session))
        return wrong

    async def _strayed_matter(self, matter: str) -> list[str]:
        reading = matters.SqlMatters(self._database)
        now = await reading.load(matter)
        events = [line.event for line in await reading.history(matter) if line.seq <= now.seq]
        then = apply(Matter(matter, kind=now.kind), events)
        wrong = [f"{name} of the matter is not what the log says" for name in _differing(then, now)]
        m = matter_tables.matters
        async with self._database.read() as connection:
            row = (await connection.execute(sa.select(m).where(m.c.id == matter))).mappings().one()
        shown = matter_tables.row(now)
        return [
            *wrong,
            *(f"{name} in the lists is not that of the matter" for name in shown if shown[name] != row[name]),
        ]


def _wrong_with(row: Mapping[str, Any], ours: str) -> str:
    """What is wrong with the statement of a quarter; nothing where it is as it was signed."""
    if not is_signed(row["key"], row["statement"].encode(), row["signature"]):
        return "is not what was signed"
    if row["key"] != ours:
        return "is signed with a key that is not the installation's"
    said = read(row["statement"])
    return "" if said is not None and said.quarter == row["quarter"] else "holds the statement of another quarter"


def _unsealed(session: str, seals: Sequence[VotesSealed], voters: Mapping[str, Collection[str]]) -> list[str]:
    """What is wrong with the seals of the votes, one sentence each.

    Where voters got other names, because what is personal was erased, a later seal says the same counts of them.
    """
    wrong = []
    signed = [is_signed(seal.key, statement(session, seal.counts, seal.digest), seal.signature) for seal in seals]
    if not all(signed):
        wrong.append("the seal of the votes is not signed with its key")
    if any((seal.counts, seal.key) != (seals[0].counts, seals[0].key) for seal in seals):
        wrong.append("a later seal of the votes says other counts, or has another key")
    if digest(voters) != seals[-1].digest:
        wrong.append("the votes are not those that were sealed")
    return wrong


def _differing(said: Any, kept: Any) -> list[str]:
    """The fields of two values of one kind that are not equal."""
    return [f.name for f in fields(said) if getattr(said, f.name) != getattr(kept, f.name)]
