"""Votes in SQL: kept many at a time, counted as they come. Knows questions and voters, not who may vote."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from liveroom.ports.rooms import Given, Kept, Renamed, Vote
from liveroom.qa.question import Queue
from liveroom.rooms.session import OPEN_FOR_QUESTIONS
from liveroom.storage import schema
from liveroom.storage.database import Database

KEPT_SESSIONS = 16
KEPT_UNITED = 1000
"""Counts of questions that speak for others; of an evening's session there are some dozens."""


class SqlVotes:
    """The votes of one database.

    What each question counts is kept up with every vote, not counted anew. That is right where one process writes;
    where several do, the rows are counted each time.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._alone = not database.shared
        self._writing = asyncio.Lock()
        # Votes given at each question, by session.
        self._given: OrderedDict[str, Counter[str]] = OrderedDict()
        # What a question that speaks for others counts: as long as it speaks for these, and they were given so many.
        self._united: OrderedDict[str, tuple[object, int]] = OrderedDict()

    async def keep(self, votes: Sequence[Vote]) -> list[Kept]:
        """All votes in one transaction; what became of each."""
        sessions = {vote.session for vote in votes}
        async with self._writing:
            async with self._database.write() as connection:
                closed = sessions - await self._open(connection, sessions)
                rows = [
                    {"session": v.session, "question": v.question, "voter": v.voter, "at": v.at}
                    for v in votes
                    if v.session not in closed
                ]
                new = await self._insert(connection, rows)
                first = {s: await _count(connection, s) for s in sessions - closed if s not in self._given}
            kept: list[Kept] = []
            for vote in votes:
                if vote.session in closed:
                    kept.append(Kept.CLOSED)
                    continue
                is_new = (vote.question, vote.voter) in new
                new.discard((vote.question, vote.voter))
                kept.append(Kept.NEW if is_new else Kept.AGAIN)
                if is_new and vote.session in self._given:
                    self._given[vote.session][vote.question] += 1
            if self._alone:
                self._given.update(first)
                while len(self._given) > KEPT_SESSIONS:
                    self._given.popitem(last=False)
            return kept

    async def tally(self, queue: Queue) -> Mapping[str, int]:
        """What each question counts, as `qa.votes.tally` says it from all the voters."""
        given = self._given.get(queue.session)
        if given is None:
            async with self._database.read() as connection:
                given = await _count(connection, queue.session)
        counts: dict[str, int] = {}
        for question in queue.questions.values():
            if question.merged_into:
                continue
            merged = queue.merged(question.id)
            count = given.get(question.id, 0)
            if merged:
                names = (question.id, *(q.id for q in merged))
                count = await self._unite(names, queue.askers(question), tuple(given.get(n, 0) for n in names))
            if count:
                counts[question.id] = count
        return counts

    async def voters(self, session: str) -> Mapping[str, Collection[str]]:
        """Who voted, by the question at which they did."""
        v = schema.votes.c
        found: dict[str, set[str]] = {}
        async with self._database.read() as connection:
            for question, voter in await connection.execute(sa.select(v.question, v.voter).where(v.session == session)):
                found.setdefault(question, set()).add(voter)
        return found

    async def given(self, voter: str) -> list[Given]:
        """All votes of somebody, the newest first; the index begins with the session."""
        v = schema.votes.c
        anywhere = v.session.in_(sa.select(schema.sessions.c.id))
        query = sa.select(v.session, v.question, v.at).where(anywhere, v.voter == voter).order_by(v.at.desc())
        async with self._database.read() as connection:
            return [Given(row.session, row.question, row.at) for row in await connection.execute(query)]

    async def given_by(self, session: str, voter: str) -> list[str]:
        """The questions at which somebody voted."""
        v = schema.votes.c
        async with self._database.read() as connection:
            query = sa.select(v.question).where(v.session == session, v.voter == voter)
            return list(await connection.scalars(query))

    async def _unite(self, questions: tuple[str, ...], askers: set[str], given: tuple[int, ...]) -> int:
        """Voters of any of the questions, each once; counted anew when one was given another vote or an asker left."""
        state = questions, given, askers
        known = self._united.get(questions[0])
        if self._alone and known is not None and known[0] == state:
            return known[1]
        v = schema.votes.c
        query = sa.select(sa.func.count(sa.distinct(v.voter))).where(v.question.in_(questions), v.voter.not_in(askers))
        async with self._database.read() as connection:
            count = int(await connection.scalar(query) or 0)
        self._united[questions[0]] = state, count
        while len(self._united) > KEPT_UNITED:
            self._united.popitem(last=False)
        return count

    async def _insert(self, connection: AsyncConnection, rows: list[dict[str, object]]) -> set[tuple[str, str]]:
        """Question and voter of those that were not there yet."""
        if not rows:
            return set()
        v = schema.votes.c
        statement = self._database.insert(schema.votes).on_conflict_do_nothing().returning(v.question, v.voter)
        return {(row[0], row[1]) for row in await connection.execute(statement, rows)}

    @staticmethod
    async def _open(connection: AsyncConnection, sessions: set[str]) -> set[str]:
        """Looked at in the same transaction: after the end was committed no vote comes in, and the seal holds all."""
        s = schema.sessions.c
        query = sa.select(s.id).where(s.id.in_(sessions), s.state.in_(OPEN_FOR_QUESTIONS)).with_for_update(read=True)
        return set((await connection.scalars(query)).all())


async def rename(connection: AsyncConnection, session: str, voter: Renamed) -> None:
    """A voter's name in one question becomes another one, inside an open transaction."""
    v = schema.votes.c
    given = sa.update(schema.votes).where(v.session == session, v.question == voter.question, v.voter == voter.before)
    await connection.execute(given.values(voter=voter.after))


async def _count(connection: AsyncConnection, session: str) -> Counter[str]:
    v = schema.votes.c
    query = sa.select(v.question, sa.func.count()).where(v.session == session).group_by(v.question)
    return Counter({row[0]: row[1] for row in await connection.execute(query)})
