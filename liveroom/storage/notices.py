"""Notices in SQL: one row for each receiver and step, so that nobody is told twice. Knows no contact and no word.

A receiver is a follower, or somebody of the staff (`account`, with the reason in `why`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from liveroom import ids
from liveroom.clock import day
from liveroom.errors import Refused
from liveroom.notices.followers import Follower, NoticeState, Way
from liveroom.ports.jobs import Job
from liveroom.ports.notices import Delivery, Notice
from liveroom.storage import jobs
from liveroom.storage.database import Database
from liveroom.storage.matter_tables import matters
from liveroom.storage.schema import Instant, accounts, metadata, questions
from liveroom.storage.vault import Seal

DELIVER = "deliver"
"""The kind of job that carries a letter."""

ERROR_LIMIT = 200

followers = sa.Table(
    "followers",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("question", sa.String(32), nullable=False, index=True),
    sa.Column("matter", sa.String(32), nullable=False, index=True),
    sa.Column("way", sa.String(8), nullable=False),
    sa.Column("language", sa.String(2), nullable=False),
    sa.Column("digest", sa.Boolean, nullable=False),
    sa.Column("device", sa.String(32), nullable=False, index=True),
    sa.Column("receiver", sa.String(64), nullable=False, index=True),
    # The contact; forgotten when they stop to follow.
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("place", sa.String(40), nullable=False),
    sa.Column("site", sa.String(200), nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("confirmed_at", Instant),
    sa.Column("ended_at", Instant),
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("follower", sa.ForeignKey("followers.id"), index=True),
    sa.Column("account", sa.String(32), nullable=False, server_default=""),
    sa.Column("why", sa.String(16), nullable=False, server_default=""),
    sa.Column("receiver", sa.String(64), nullable=False),
    # Either a step of a matter or the outcome of a question.
    sa.Column("matter", sa.String(32), nullable=False),
    sa.Column("question", sa.String(32), nullable=False, server_default=""),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("way", sa.String(8), nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("message", sa.String(32), nullable=False, index=True),
    sa.Column("due", Instant, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("error", sa.String(ERROR_LIMIT), nullable=False, server_default=""),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("sent_at", Instant),
    # When somebody of the staff opened it.
    sa.Column("read_at", Instant),
    # Nobody is told of a step twice, by whatever questions they follow it.
    sa.UniqueConstraint("receiver", "matter", "question", "seq", name="uq_notices_receiver_matter_question_seq"),
    sa.Index("ix_notices_state_made_at", "state", "made_at"),
    sa.Index("ix_notices_account_read_at", "account", "read_at"),
)

_N, _M, _F, _A = notices.c, matters.c, followers.c, accounts.c
_SENT_OUT = _N.way != Way.WORKLIST.value
"""What stands on a work list alone goes nowhere."""
_OPEN = (NoticeState.WAITING.value, NoticeState.SENDING.value)


class SqlNotices:
    """Satisfies `liveroom.ports.notices.Notices`."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    async def plan(
        self,
        matter: str,
        seq: int,
        planned: Sequence[tuple[Follower, datetime]],
        job: Job,
        now: datetime,
        *,
        question: str = "",
    ) -> None:
        step = {"matter": matter, "question": question, "seq": seq}
        rows = [self._row(step, follower, due, now) for follower, due in planned]
        async with self._database.write() as connection:
            await jobs.end(connection, job)
            if not rows:
                return
            fresh = self._database.insert(notices)
            await connection.execute(fresh.on_conflict_do_nothing(index_elements=["receiver", *step]), rows)
            # Of those who were told already, nothing new waits: a letter without notices is not sent.
            carried = [row for row in rows if row["state"] == NoticeState.WAITING.value and Way(row["way"]).carried]
            letters = [delivery(row["receiver"], row["message"], row["due"]) for row in carried]
            await jobs.schedule(connection, letters, keep=True)

    async def postpone(self, message: str, job: Job, due: datetime) -> None:
        async with self._database.write() as connection:
            await jobs.postpone(connection, job, due)
            waiting = (_N.message == message, _N.state == NoticeState.WAITING.value)
            await connection.execute(sa.update(notices).where(*waiting).values(due=due))

    async def begin(self, message: str, now: datetime) -> list[Notice]:
        ours = sa.and_(_N.message == message, _N.state.in_(_OPEN))
        async with self._database.write() as connection:
            begun = sa.update(notices).where(ours).values(state=NoticeState.SENDING.value, tries=_N.tries + 1)
            await connection.execute(begun)
            query = sa.select(notices).where(ours).order_by(_N.matter, _N.question, _N.seq)
            return [_notice(row) for row in (await connection.execute(query)).mappings()]

    async def sent(self, message: str, job: Job, now: datetime) -> None:
        async with self._database.write() as connection:
            await jobs.end(connection, job)
            values = {"state": NoticeState.SENT.value, "sent_at": now, "error": ""}
            await connection.execute(sa.update(notices).where(*_sending(message)).values(values))

    async def silence(self, silenced: Sequence[str]) -> None:
        here = sa.and_(_N.id.in_(list(silenced)), _N.state == NoticeState.SENDING.value)
        async with self._database.write() as connection:
            await connection.execute(sa.update(notices).where(here).values(state=NoticeState.DROPPED.value))

    async def put_off(self, message: str, error: str) -> None:
        values = {"state": NoticeState.WAITING.value, "error": error[:ERROR_LIMIT]}
        async with self._database.write() as connection:
            await connection.execute(sa.update(notices).where(*_sending(message)).values(values))

    async def failed(self, message: str, job: Job, error: str) -> None:
        values = {"state": NoticeState.FAILED.value, "error": error[:ERROR_LIMIT]}
        async with self._database.write() as connection:
            await jobs.end(connection, job)
            await connection.execute(sa.update(notices).where(*_sending(message)).values(values))

    async def drop(self, message: str, job: Job) -> None:
        async with self._database.write() as connection:
            await jobs.end(connection, job)
            dropped = sa.update(notices).where(*_sending(message))
            await connection.execute(dropped.values(state=NoticeState.DROPPED.value))

    async def deliveries(self, state: NoticeState, after: str, limit: int) -> list[Delivery]:
        query = _shown().where(_N.state == state.value, _SENT_OUT)
        async with self._database.read() as connection:
            last = (await connection.execute(sa.select(_N.made_at, _N.id).where(_N.id == after))).first()
            if last is not None:
                query = query.where(sa.or_(_N.made_at < last[0], sa.and_(_N.made_at == last[0], _N.id < last[1])))
            query = query.order_by(_N.made_at.desc(), _N.id.desc()).limit(limit)
            return [_shown_row(row) for row in (await connection.execute(query)).mappings()]

    async def counts(self) -> dict[NoticeState, int]:
        query = sa.select(_N.state, sa.func.count()).where(_SENT_OUT).group_by(_N.state)
        async with self._database.read() as connection:
            found = {row[0]: row[1] for row in await connection.execute(query)}
        return {state: found.get(state.value, 0) for state in NoticeState}

    async def find(self, notice: str) -> Delivery | None:
        async with self._database.read() as connection:
            row = (await connection.execute(_shown().where(_N.id == notice))).mappings().first()
            return _shown_row(row) if row else None

    async def again(self, notice: str, due: datetime) -> None:
        here = sa.and_(_N.id == notice, _N.state == NoticeState.FAILED.value)
        values = {"state": NoticeState.WAITING.value, "tries": 0, "message": notice, "due": due}
        async with self._database.write() as connection:
            if (await connection.execute(sa.update(notices).where(here).values(values))).rowcount != 1:
                raise Refused("wrong_state")
            # A letter of its own, also when it was part of a digest.
            receiver = str(await connection.scalar(sa.select(_N.receiver).where(_N.id == notice)))
            await jobs.schedule(connection, [delivery(receiver, notice, due)])

    async def posted(self, notice: str, now: datetime) -> None:
        open_there = (_N.way == Way.STATION.value, _N.state == NoticeState.WAITING.value)
        async with self._database.write() as connection:
            here = sa.select(_N.receiver, _N.matter, _N.question, _N.seq).where(_N.id == notice, *open_there)
            found = (await connection.execute(here)).first()
            if found is None:
                raise Refused("wrong_state")
            # A poster says where the matter stands: it tells of the steps before, too.
            of = (_N.receiver == found[0], _N.matter == found[1], _N.question == found[2])
            told = (*of, _N.seq <= found[3])
            hung = sa.update(notices).where(*told, *open_there)
            await connection.execute(hung.values(state=NoticeState.SENT.value, sent_at=now))

    async def of_follower(self, follower: str, limit: int) -> list[Notice]:
        query = sa.select(notices).where(_N.follower == follower).order_by(_N.made_at.desc(), _N.seq.desc())
        async with self._database.read() as connection:
            return [_notice(row) for row in (await connection.execute(query.limit(limit))).mappings()]

    def _row(self, step: Mapping[str, Any], follower: Follower, due: datetime, now: datetime) -> dict[str, Any]:
        notice = ids.new_id()
        # A feed is fetched: what stands in it has been told.
        state = NoticeState.SENT if follower.way is Way.FEED else NoticeState.WAITING
        return {
            "id": notice,
            "follower": follower.id,
            "receiver": follower.receiver,
            **step,
            "way": follower.way.value,
            "state": state.value,
            "message": self._digest(follower.receiver, due) if follower.digest and follower.way.carried else notice,
            "due": due,
            "made_at": now,
            "sent_at": now if state is NoticeState.SENT else None,
        }

    def _digest(self, receiver: str, due: datetime) -> str:
        """The name of everything that one contact is told on one day."""
        return self._seal.digest("message", receiver, day(due).isoformat())[:32]


def delivery(receiver: str, message: str, due: datetime) -> Job:
    """A letter that waits. Letters to one receiver are about one thing: they are carried one after the other."""
    return Job(DELIVER, f"letter:{receiver[:16]}:{message}", due, {"message": message})


def _sending(message: str) -> tuple[sa.ColumnElement[bool], ...]:
    return _N.message == message, _N.state == NoticeState.SENDING.value


def _shown() -> sa.Select[Any]:
    joined = notices.outerjoin(matters, _M.id == _N.matter).outerjoin(questions, questions.c.id == _N.question)
    joined = joined.outerjoin(followers, _F.id == _N.follower).outerjoin(accounts, _A.id == _N.account)
    title = sa.func.coalesce(_M.title, questions.c.text, "").label("title")
    return sa.select(notices, _M.number, title, _F.place, _A.name.label("person")).select_from(joined)


def _shown_row(row: sa.RowMapping) -> Delivery:
    return Delivery(_notice(row), row["number"] or "", row["title"], row["place"] or "", row["person"] or "")


def _notice(row: sa.RowMapping) -> Notice:
    return Notice(
        id=row["id"],
        follower=row["follower"] or "",
        account=row["account"],
        matter=row["matter"],
        seq=row["seq"],
        way=Way(row["way"]),
        state=NoticeState(row["state"]),
        message=row["message"],
        due=row["due"],
        tries=row["tries"],
        error=row["error"],
        sent_at=row["sent_at"],
        question=row["question"],
    )
