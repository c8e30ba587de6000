"""The records, against real databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from liveroom.actions.ask import Asking
from liveroom.actions.attend import Attending
from liveroom.actions.sittings import Change, Sittings
from liveroom.bus.memory import MemoryBus
from liveroom.errors import Refused, Stale
from liveroom.ports.bus import session_topic
from liveroom.ports.people import Account, SignIn
from liveroom.ports.rooms import Kept, Tally, Vote
from liveroom.qa import commands as c
from liveroom.qa.decide import decide
from liveroom.qa.events import OutcomeGiven, QuestionAnswered
from liveroom.qa.question import Outcome
from liveroom.qa.wire import Audience
from liveroom.rooms import session as rooms
from liveroom.rooms.roles import Actor, Role, visitor
from liveroom.rooms.room import Room
from liveroom.rooms.session import Session, SessionScheduled, SessionState
from liveroom.storage.database import Database
from liveroom.storage.matters import SqlMatters
from liveroom.storage.people import SqlPeople
from liveroom.storage.records import SqlRecords
from tests.support.screening import no_lists

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OFFICE = Actor("o", "工委", frozenset({Role.OFFICE}))
MODERATOR = Actor("m", "审核员", frozenset({Role.MODERATOR}))


def clock() -> datetime:
    return NOW


@pytest.fixture
async def records(database: Database) -> SqlRecords:
    made = await SqlRecords.open(database)
    await made.add_room(Room("r", "直播间"))
    event = SessionScheduled("主题", NOW, ("d",))
    await made.add_session(Session("s", "r", "主题", NOW, ("d",)), event, OFFICE, NOW)
    return made


def asking(records: SqlRecords) -> Asking:
    bus = MemoryBus()
    return Asking(records, Sittings(records, bus, clock), no_lists(), bus, clock)


async def test_what_was_saved_is_loaded_by_another_process(database: Database, records: SqlRecords) -> None:
    _, question = await asking(records).ask("s", visitor("dev"), "key-12345", "问题一", "阿芳", "西屿")
    sittings = Sittings(records, MemoryBus(), clock)
    for command in (c.Publish(question.id), c.Refuse(question.id, "off_topic", "说明"), c.Publish(question.id)):
        await sittings.change(
            "s", lambda s, now, k=command: Change(decide(s.queue, s.session, k, MODERATOR, now)), MODERATOR
        )
    here, there = await records.load("s"), await (await SqlRecords.open(database)).load("s")
    assert here == there
    assert here.queue.questions[question.id].text == "问题一"


async def test_the_same_key_of_a_device_gives_the_same_question(records: SqlRecords) -> None:
    verb = asking(records)
    first = await verb.ask("s", visitor("dev"), "key-12345", "问题")
    again = await verb.ask("s", visitor("dev"), "key-12345", "问题")
    other = await verb.ask("s", visitor("another"), "key-12345", "问题")
    assert first[1].id == again[1].id != other[1].id
    assert len((await records.load("s")).queue.questions) == 2


async def test_many_at_once_lose_nothing_and_number_without_gaps(records: SqlRecords) -> None:
    verb = asking(records)
    await asyncio.gather(*(verb.ask("s", visitor(f"dev{n}"), f"key-{n:05}", f"问题 {n}") for n in range(40)))
    assert [entry.seq for entry in await records.since("s", 0)] == list(range(1, 42))
    assert len((await records.load("s")).queue.questions) == 40


async def test_a_sitting_that_is_not_the_newest_is_refused(database: Database, records: SqlRecords) -> None:
    stale = await records.load("s")
    await asking(await SqlRecords.open(database)).ask("s", visitor("dev"), "key-12345", "问题")
    events = decide(stale.queue, stale.session, c.Ask("i", "L", "CODE", "key-67890", "另一个"), visitor("x"), NOW)
    with pytest.raises(Stale):
        await records.save(stale, events, visitor("x"), NOW)
    assert len((await records.load("s")).queue.questions) == 1


async def test_what_was_recorded_as_a_commitment_is_counted_until_it_has_an_outcome(records: SqlRecords) -> None:
    assert await records.tallies(["s"]) == {}
    verb, sittings, found = asking(records), Sittings(records, MemoryBus(), clock), []
    for n in range(3):
        found.append((await verb.ask("s", visitor(f"dev{n}"), f"key-{n:05}", f"问题 {n}"))[1].id)
    marked = [QuestionAnswered(found[0], 9, True), QuestionAnswered(found[1], 9, True)]
    await sittings.change("s", lambda _sitting, _now: Change(marked), MODERATOR)
    assert await records.tallies(["s"]) == {"s": Tally(3, 3, 2)}
    given = [OutcomeGiven(found[0], Outcome.COMMITMENT, "", "")]
    await sittings.change("s", lambda _sitting, _now: Change(given), MODERATOR)
    assert await records.tallies(["s"]) == {"s": Tally(3, 2, 1)}


async def test_a_vote_counts_once(records: SqlRecords) -> None:
    verb = asking(records)
    _, question = await verb.ask("s", visitor("dev"), "key-12345", "问题")
    first, again, other = (Vote("s", question.id, voter, NOW) for voter in ("v1", "v1", "v2"))
    assert await records.second_all([first, again]) == [Kept.NEW, Kept.AGAIN]
    assert await records.second_all([other, again]) == [Kept.NEW, Kept.AGAIN]
    assert await records.votes("s") == {question.id: 2}
    assert await records.seconded("s", "v1") == [question.id]


async def test_what_was_missed_leads_to_the_same_state_as_a_snapshot(database: Database, records: SqlRecords) -> None:
    attending = Attending(records, SqlPeople(database), SqlMatters(database))
    verb, sittings = asking(records), Sittings(records, MemoryBus(), clock)
    seen: dict[str, object] = {}
    at = (await records.load("s")).seq
    for n in range(12):
        _, question = await verb.ask("s", visitor(f"dev{n}"), f"key-{n:05}", f"问题 {n}")
        for command in (c.Publish(question.id), c.Enqueue(question.id), c.Refuse(question.id, "duplicate"))[: n % 4]:
            await sittings.change(
                "s", lambda s, now, k=command: Change(decide(s.queue, s.session, k, MODERATOR, now)), MODERATOR
            )
        if n % 3 == 0:
            sitting = await records.load("s")
            missed = await attending.missed(sitting, at, {}, [Audience.PUBLIC])
            assert missed is not None
            part = missed[Audience.PUBLIC]
            seen.update({view.id: view for view in part.changed})
            for gone in part.gone:
                seen.pop(gone, None)
            at = part.seq
    sitting = await records.load("s")
    missed = await attending.missed(sitting, at, {}, [Audience.PUBLIC])
    assert missed is not None
    seen.update({view.id: view for view in missed[Audience.PUBLIC].changed})
    for gone in missed[Audience.PUBLIC].gone:
        seen.pop(gone, None)
    assert seen == {view.id: view for view in attending.questions(sitting, {}, Audience.PUBLIC, ())}
    assert await attending.missed(sitting, sitting.seq + 1, {}, [Audience.PUBLIC]) is None


async def test_a_one_time_link_works_once_and_not_too_late(database: Database) -> None:
    people = SqlPeople(database)
    await people.add_account(Account("a", "lin", "林", frozenset({Role.DEPUTY})))
    await people.add_link("hash1", "a", "/worklist", NOW + timedelta(hours=1))
    await people.add_link("hash2", "a", "/worklist", NOW - timedelta(hours=1))
    used = await people.use_link("hash1", NOW)
    assert used is not None
    assert used[1] == "/worklist"
    assert await people.use_link("hash1", NOW) is None
    assert await people.use_link("hash2", NOW) is None


async def test_names_that_cannot_be_are_simply_not_there(database: Database, records: SqlRecords) -> None:
    assert await records.room("\0") is None
    assert await records.find_question("A\0" * 100) is None
    assert await SqlPeople(database).by_login("lin\0") is None


async def test_a_new_password_ends_every_sign_in(database: Database) -> None:
    people = SqlPeople(database)
    account = Account("a", "lin", "林", frozenset({Role.DEPUTY}))
    await people.add_account(account)
    with pytest.raises(Refused, match="login_taken"):
        await people.add_account(replace(account, id="b"))
    hour = timedelta(hours=1)
    await people.open_sign_in("secret", "a", NOW + hour, NOW + 3 * hour)
    assert await people.sign_in("secret", NOW) == SignIn(account, NOW + hour, NOW + 3 * hour)
    assert await people.sign_in("secret", NOW + hour) is None
    await people.renew_sign_in("secret", NOW + 2 * hour)
    assert await people.sign_in("secret", NOW + hour) is not None
    await people.set_password("a", "hash")
    await people.renew_sign_in("secret", NOW + 3 * hour)
    assert await people.sign_in("secret", NOW) is None


async def test_the_bus_rings_followers_until_they_leave() -> None:
    bus, heard = MemoryBus(), []
    leave = bus.follow(session_topic("s"), heard.append)
    await bus.publish(session_topic("s"))
    await bus.publish(session_topic("other"))
    leave()
    await bus.publish(session_topic("s"))
    assert heard == [session_topic("s")]


async def test_a_rooms_programme_is_always_the_newest(records: SqlRecords) -> None:
    assert await records.programme("nowhere") is None
    before = await records.programme("r")
    assert before is not None
    assert [session.state for session in before[1]] == [SessionState.SCHEDULED]
    cancelled = rooms.decide(before[1][0], rooms.Cancel("大风"), OFFICE, NOW)
    reading = asyncio.gather(*(records.programme("r") for _ in range(20)))
    await records.save(await records.load("s"), cancelled, OFFICE, NOW)
    await reading
    after = await records.programme("r")
    assert after is not None
    assert [session.state for session in after[1]] == [SessionState.CANCELLED]
    event = SessionScheduled("又一场", NOW, ("d",))
    await records.add_session(Session("t", "r", "又一场", NOW, ("d",)), event, OFFICE, NOW)
    last = await records.programme("r")
    assert last is not None
    assert len(last[1]) == 2
