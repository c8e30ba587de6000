"""Votes across merges, and their seal at the end, against real databases."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from liveroom.actions.ask import Asking
from liveroom.actions.attend import Attending
from liveroom.actions.broadcast import Broadcasting
from liveroom.actions.seal_votes import SealingVotes
from liveroom.actions.sittings import Change, Sittings
from liveroom.bus.memory import MemoryBus
from liveroom.errors import Refused, Unavailable
from liveroom.ports.rooms import Kept, Sitting, Vote
from liveroom.qa import commands as c
from liveroom.qa.decide import decide
from liveroom.qa.events import VotesSealed
from liveroom.qa.votes import statement
from liveroom.rooms import session as rooms
from liveroom.rooms.roles import Actor, Role, visitor
from liveroom.rooms.room import Room
from liveroom.rooms.session import Session, SessionScheduled
from liveroom.storage.audit import SqlAudit
from liveroom.storage.database import Database
from liveroom.storage.matters import SqlMatters
from liveroom.storage.people import SqlPeople
from liveroom.storage.records import SqlRecords
from liveroom.storage.signing import Ed25519Signer, is_signed
from tests.support.screening import no_lists

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PEOPLE = Actor("m", "M", frozenset({Role.LEAD_MODERATOR, Role.OFFICE}))


def clock() -> datetime:
    return NOW


class NoMedia:
    async def cut(self, stream: str) -> None: ...

    def viewers(self, stream: str) -> int:
        return 0


@dataclass
class Evening:
    """A session on air with two questions, both public."""

    records: SqlRecords
    sittings: Sittings
    asking: Asking
    broadcasting: Broadcasting
    sealing: SealingVotes
    attending: Attending
    a: str = ""
    b: str = ""

    async def do(self, command: c.QuestionCommand) -> None:
        await self.sittings.change(
            "s", lambda sitting, now: Change(decide(sitting.queue, sitting.session, command, PEOPLE, now)), PEOPLE
        )

    async def seals(self) -> list[VotesSealed]:
        return [entry.event for entry in await self.records.since("s", 0) if isinstance(entry.event, VotesSealed)]


@pytest.fixture
async def evening(database: Database) -> Evening:
    records = await SqlRecords.open(database)
    await records.add_room(Room("r", "直播间"))
    await records.add_session(
        Session("s", "r", "主题", NOW, ("d",)), SessionScheduled("主题", NOW, ("d",)), PEOPLE, NOW
    )
    bus = MemoryBus()
    sittings = Sittings(records, bus, clock)
    sealing = SealingVotes(records, sittings, Ed25519Signer(bytes(32)))
    asking = Asking(records, sittings, no_lists(), bus, clock)
    broadcasting = Broadcasting(records, sittings, sealing, clock)
    made = Evening(
        records, sittings, asking, broadcasting, sealing, Attending(records, SqlPeople(database), SqlMatters(database))
    )
    made.a, made.b = [(await made.asking.ask("s", visitor(f"d{n}"), "key-12345", f"问题{n}"))[1].id for n in "ab"]
    for question in (made.a, made.b):
        await made.do(c.Publish(question))
    await made.broadcasting.media_flows(NoMedia(), "s")
    return made


async def test_votes_are_united_by_a_merge_and_restored_by_its_end(evening: Evening) -> None:
    for device, question in (("x", evening.a), ("x", evening.b), ("y", evening.b), ("db", evening.a)):
        await evening.asking.second("s", question, visitor(device))
    assert await evening.records.votes("s") == {evening.a: 2, evening.b: 2}
    await evening.do(c.Merge(evening.a, evening.b))
    assert await evening.records.votes("s") == {evening.b: 2}
    with pytest.raises(Refused, match="own_question"):
        await evening.asking.second("s", evening.b, visitor("da"))
    await evening.asking.second("s", evening.a, visitor("late"))
    assert await evening.records.votes("s") == {evening.b: 3}
    assert set(await evening.attending.seconded("s", "late")) == {evening.a, evening.b}
    await evening.do(c.Unmerge(evening.a))
    assert await evening.records.votes("s") == {evening.a: 3, evening.b: 2}


async def test_whoever_took_a_merged_question_back_seconds_the_one_that_speaks_for_it(evening: Evening) -> None:
    await evening.asking.second("s", evening.b, visitor("da"))
    await evening.do(c.Merge(evening.a, evening.b))
    assert await evening.records.votes("s") == {}, "an asker now"
    await evening.asking.withdraw("s", evening.a, visitor("da"))
    assert await evening.records.votes("s") == {evening.b: 1}
    await evening.asking.second("s", evening.b, visitor("da"))
    assert await evening.records.votes("s") == {evening.b: 1}
    with pytest.raises(Refused, match="own_question"):
        await evening.asking.second("s", evening.b, visitor("db"))


async def test_a_vote_that_makes_no_difference_is_known_also_across_a_merge(evening: Evening) -> None:
    x, asking = visitor("x"), evening.asking
    assert not await asking.has_seconded("s", evening.a, x)
    assert await asking.second("s", evening.a, x)
    assert not await asking.second("s", evening.a, x)
    assert not await asking.has_seconded("s", evening.b, x)
    await evening.do(c.Merge(evening.a, evening.b))
    assert await asking.has_seconded("s", evening.b, x)
    assert not await asking.has_seconded("s", evening.b, visitor("y"))
    assert not await asking.has_seconded("s", "nothing", x)
    for device, question, code in (("da", evening.b, "own_question"), ("z", "nothing", "not_found")):
        with pytest.raises(Refused, match=code):
            await asking.second("s", question, visitor(device))


async def test_the_end_seals_the_votes_once_with_a_signature_that_holds(evening: Evening) -> None:
    await evening.asking.second("s", evening.a, visitor("x"))
    await evening.broadcasting.end(NoMedia(), "s", PEOPLE)
    assert await evening.records.unsealed() == []
    await evening.sealing.seal_what_was_left()
    [seal] = await evening.seals()
    assert seal.counts == {evening.a: 1}
    assert is_signed(seal.key, statement("s", seal.counts, seal.digest), seal.signature)
    assert not is_signed(seal.key, statement("s", {evening.a: 2}, seal.digest), seal.signature)
    assert not is_signed("no key", b"", "")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM votes WHERE voter = 'x'", "the votes are not those that were sealed"),
        ("UPDATE votes SET voter = 'z' WHERE voter = 'x'", "the votes are not those that were sealed"),
        ("", ""),
    ],
)
async def test_the_audit_finds_votes_that_were_changed_after_the_seal(
    evening: Evening, database: Database, statement: str, said: str
) -> None:
    await evening.asking.second("s", evening.a, visitor("x"))
    await evening.broadcasting.end(NoMedia(), "s", PEOPLE)
    if statement:
        async with database.write() as connection:
            await connection.execute(sa.text(statement))
    assert await SqlAudit(database).strayed("session:s") == ([said] if said else [])


async def test_the_audit_finds_a_seal_with_another_signature(evening: Evening, database: Database) -> None:
    await evening.broadcasting.end(NoMedia(), "s", PEOPLE)
    [seal] = await evening.seals()
    forged = f"REPLACE(event, '{seal.signature}', '{'0' * len(seal.signature)}')"
    async with database.write() as connection:
        await connection.execute(sa.text(f"UPDATE feed SET event = {forged}"))
    assert await SqlAudit(database).strayed("session:s") == ["the seal of the votes is not signed with its key"]


async def test_a_vote_that_was_on_its_way_at_the_end_is_refused(evening: Evening) -> None:
    await evening.broadcasting.end(NoMedia(), "s", PEOPLE)
    assert await evening.records.second_all([Vote("s", evening.a, "x", NOW)]) == [Kept.CLOSED]
    assert await evening.records.votes("s") == {}


async def test_an_end_whose_seal_was_lost_is_sealed_at_the_next_start(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_session: str) -> None:
        raise Unavailable("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(evening.sealing, "seal", full)
        await evening.broadcasting.end(NoMedia(), "s", PEOPLE)
    assert await evening.seals() == []

    def begin(sitting: Sitting, now: datetime) -> Change:
        return Change(rooms.decide(sitting.session, rooms.BeginDisposition(), PEOPLE, now))

    await evening.sittings.change("s", begin, PEOPLE)
    assert await evening.records.unsealed() == ["s"]
    await evening.sealing.seal_what_was_left()
    assert len(await evening.seals()) == 1
    assert await evening.records.unsealed() == []


async def test_two_who_seal_at_the_same_time_seal_once(evening: Evening, monkeypatch: pytest.MonkeyPatch) -> None:
    async def later(_session: str) -> None: ...

    with monkeypatch.context() as without:
        without.setattr(evening.sealing, "seal", later)
        await evening.broadcasting.end(NoMedia(), "s", PEOPLE)
    await asyncio.gather(*(evening.sealing.seal("s") for _ in range(3)))
    assert len(await evening.seals()) == 1
