"""Reminders of the staff in SQL, among the notices: one row for each person and step. Knows no rule and no word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from liveroom import ids
from liveroom.clock import CHINA
from liveroom.matters.matter import MatterStep
from liveroom.matters.parties import names_of, turns_of
from liveroom.matters.reminding import Why
from liveroom.notices.followers import NoticeState
from liveroom.ports.jobs import Job
from liveroom.ports.reminders import PAGE, Planned, Reminded
from liveroom.rooms.roles import Actor, Permission, may
from liveroom.storage import jobs, matter_lists
from liveroom.storage.database import Database
from liveroom.storage.matter_tables import matters, parties, steps
from liveroom.storage.notices import delivery, notices
from liveroom.storage.vault import Seal

_N, _M, _S = notices.c, matters.c, steps.c
_decode = msgspec.json.Decoder(MatterStep)
ONCE = ("receiver", "matter", "question", "seq")
"""What names a notice once; a reminder is about no question."""


class SqlReminders:
    """Satisfies `liveroom.ports.reminders.Reminders`."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    async def plan(self, matter: str, seq: int, planned: Sequence[Planned], job: Job, now: datetime) -> None:
        rows = [self._row(matter, seq, one, now) for one in planned]
        async with self._database.write() as connection:
            await jobs.end(connection, job)
            if not rows:
                return
            fresh = self._database.insert(notices)
            await connection.execute(fresh.on_conflict_do_nothing(index_elements=[*ONCE]), rows)
            carried = [row for row in rows if row["state"] == NoticeState.WAITING.value]
            letters = [delivery(row["receiver"], row["message"], row["due"]) for row in carried]
            await jobs.schedule(connection, letters, keep=True)

    async def of(self, by: Actor, *, after: str = "", limit: int = PAGE, unread: bool = False) -> list[Reminded]:
        query = _shown(by).where(_N.account == by.id).order_by(_N.made_at.desc(), _N.id.desc()).limit(limit)
        if unread:
            query = query.where(_N.read_at.is_(None))
        async with self._database.read() as connection:
            here = sa.select(_N.made_at, _N.id).where(_N.id == after, _N.account == by.id)
            last = (await connection.execute(here)).first() if after else None
            if last is not None:
                query = query.where(sa.tuple_(_N.made_at, _N.id) < sa.tuple_(_made(last[0]), sa.literal(last[1])))
            return [_reminded(row) for row in (await connection.execute(query)).mappings()]

    async def of_message(self, by: Actor, message: str) -> list[Reminded]:
        query = _shown(by).where(_N.account == by.id, _N.message == message).order_by(_N.made_at, _N.matter, _N.seq)
        async with self._database.read() as connection:
            return [_reminded(row) for row in (await connection.execute(query)).mappings()]

    async def unread(self, account: str) -> int:
        query = sa.select(sa.func.count()).where(_N.account == account, _N.read_at.is_(None))
        async with self._database.read() as connection:
            return int(await connection.scalar(query) or 0)

    async def read(self, account: str, matter: str, now: datetime) -> None:
        theirs = [_N.account == account, _N.read_at.is_(None)]
        if matter:
            theirs.append(_N.matter == matter)
        async with self._database.write() as connection:
            await connection.execute(sa.update(notices).where(*theirs).values(read_at=now))

    def _row(self, matter: str, seq: int, planned: Planned, now: datetime) -> dict[str, Any]:
        notice = ids.new_id()
        receiver = self._seal.digest("receiver", "staff", planned.account)
        # What nobody carries stands on the work list: it has been told.
        state = NoticeState.WAITING if planned.way.carried else NoticeState.SENT
        morning = planned.due.astimezone(CHINA).date().isoformat()
        gathered = self._seal.digest("message", receiver, morning)[:32]
        return {
            "id": notice,
            "account": planned.account,
            "why": planned.why.value,
            "receiver": receiver,
            "matter": matter,
            "question": "",
            "seq": seq,
            "way": planned.way.value,
            "state": state.value,
            "message": gathered if planned.gathers and planned.way.carried else notice,
            "due": planned.due,
            "made_at": now,
            "sent_at": now if state is NoticeState.SENT else None,
        }


def _shown(by: Actor) -> sa.Select[Any]:
    def party(names: frozenset[str]) -> sa.ColumnElement[bool]:
        return sa.exists().where(parties.c.matter == _N.matter, parties.c.party.in_(sorted(names)))

    seen = sa.literal(True) if may(by, Permission.REVIEW) else party(names_of(by))
    joined = notices.join(matters, _M.id == _N.matter).join(steps, sa.and_(_S.matter == _N.matter, _S.seq == _N.seq))
    public = sa.and_(*matter_lists.FOR_EVERYBODY).label("public")
    columns = [_M.kind, _M.number, _M.title, public, _M.confidential, _S.event]
    shown = [seen.label("seen"), party(turns_of(by)).label("mine")]
    return sa.select(_N.id, _N.why, _S.at, _N.read_at, _N.matter, *columns, *shown).select_from(joined)


def _reminded(row: sa.RowMapping) -> Reminded:
    event = _decode.decode(row["event"])
    due = event.values.get("due") or event.values.get("until")
    return Reminded(
        id=row["id"],
        why=Why(row["why"]),
        what=event.what,
        at=row["at"],
        read=row["read_at"] is not None,
        matter=row["matter"],
        kind=row["kind"],
        number=row["number"] or "",
        title=row["title"],
        public=bool(row["public"]),
        confidential=bool(row["confidential"]),
        clock=event.values.get("clock", ""),
        due=date.fromisoformat(due) if due else None,
        seen=bool(row["seen"]),
        mine=bool(row["mine"]),
    )


def _made(at: datetime) -> sa.BindParameter[datetime]:
    return sa.literal(at, _N.made_at.type)
