"""Claims of moderators, and moves on claimed questions, against real databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from liveroom.actions.ask import Asking
from liveroom.actions.claim import Claiming
from liveroom.actions.moderate import Moderating
from liveroom.actions.sittings import Sittings
from liveroom.bus.memory import MemoryBus
from liveroom.errors import Refused
from liveroom.ports.bus import claims_topic
from liveroom.ports.people import Account
from liveroom.qa import commands as c
from liveroom.qa.question import QuestionState as Q
from liveroom.qa.question import RefusalReason
from liveroom.rooms.roles import Actor, Role, visitor
from liveroom.rooms.room import Room
from liveroom.rooms.session import Session, SessionScheduled
from liveroom.storage.claims import SqlClaims
from liveroom.storage.database import Database
from liveroom.storage.people import SqlPeople
from liveroom.storage.records import SqlRecords
from tests.support.screening import no_lists

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OFFICE = Actor("o", "工委", frozenset({Role.OFFICE}))
ONE = Actor("m", "审核员甲", frozenset({Role.MODERATOR}))
OTHER = Actor("n", "审核员乙", frozenset({Role.MODERATOR}))


class Desk:
    """A session with three questions, and a clock that is set by hand."""

    def __init__(self, database: Database, records: SqlRecords) -> None:
        self.now = NOW
        self.bus = MemoryBus()
        self.records = records
        self.people = SqlPeople(database)
        sittings = Sittings(records, self.bus, self.clock)
        self.asking = Asking(records, sittings, no_lists(), self.bus, self.clock)
        self.claiming = Claiming(records, SqlClaims(database), self.bus, self.clock)
        self.moderating = Moderating(records, sittings, self.claiming, self.people, no_lists())
        self.questions: list[str] = []

    def clock(self) -> datetime:
        return self.now

    async def states(self) -> list[str]:
        queue = (await self.records.load("s")).queue
        return [queue.questions[question].state.value for question in self.questions]

    async def refusal(self, command: c.QuestionCommand, by: Actor) -> Refused:
        with pytest.raises(Refused) as caught:
            await self.moderating.do("s", command, by)
        return caught.value


@pytest.fixture
async def desk(database: Database) -> Desk:
    records = await SqlRecords.open(database)
    await records.add_room(Room("r", "直播间"))
    await records.add_session(
        Session("s", "r", "主题", NOW, ("d",)), SessionScheduled("主题", NOW, ("d",)), OFFICE, NOW
    )
    made = Desk(database, records)
    for n in range(3):
        _, question = await made.asking.ask("s", visitor(f"dev{n}"), "key-12345", f"问题{n}")
        made.questions.append(question.id)
    return made


async def test_a_claim_is_the_first_ones_until_it_runs_out(desk: Desk) -> None:
    question = desk.questions[0]
    rung: list[str] = []
    desk.bus.follow(claims_topic("s"), rung.append)
    claim = await desk.claiming.claim("s", question, ONE)
    assert (claim.by_name, claim.until) == ("审核员甲", NOW + timedelta(seconds=60))
    desk.now += timedelta(seconds=40)
    with pytest.raises(Refused) as caught:
        await desk.claiming.claim("s", question, OTHER)
    assert (caught.value.code, caught.value.detail["name"], caught.value.detail["seconds"]) == (
        "claimed",
        "审核员甲",
        20,
    )
    desk.now += timedelta(seconds=20)
    assert (await desk.claiming.claim("s", question, OTHER)).by == "n"
    assert len(rung) == 2


async def test_a_sign_of_life_keeps_a_claim(desk: Desk) -> None:
    claim = await desk.claiming.claim("s", desk.questions[0], ONE)
    desk.now += timedelta(seconds=59)
    renewed = await desk.claiming.claim("s", desk.questions[0], ONE)
    assert renewed.until == desk.now + timedelta(seconds=60)
    desk.now += timedelta(seconds=1)
    assert (desk.claiming.ran_out([claim]), desk.claiming.ran_out([renewed])) == (True, False)


async def test_a_colleagues_claim_can_be_taken_over_but_not_given_back(desk: Desk) -> None:
    question = desk.questions[0]
    await desk.claiming.claim("s", question, ONE)
    await desk.claiming.release("s", question, OTHER)
    assert [claim.by for claim in await desk.claiming.held("s")] == ["m"]
    assert (await desk.claiming.claim("s", question, OTHER, take_over=True)).by == "n"
    await desk.claiming.release("s", question, OTHER)
    assert await desk.claiming.held("s") == []


async def test_a_colleagues_move_on_a_claimed_question_is_refused(desk: Desk) -> None:
    question = desk.questions[0]
    await desk.claiming.claim("s", question, ONE)
    assert (await desk.refusal(c.Publish(question), OTHER)).code == "claimed"
    await desk.moderating.do("s", c.Publish(question), ONE)
    assert (await desk.states())[0] == Q.PUBLISHED


async def test_a_larger_move_leaves_out_what_a_colleague_has(desk: Desk) -> None:
    await desk.claiming.claim("s", desk.questions[1], ONE)
    moved = await desk.moderating.do_all("s", [c.Publish(question) for question in desk.questions], OTHER)
    assert await desk.states() == [Q.PUBLISHED, Q.PENDING, Q.PUBLISHED]
    assert [skipped.refused.code for skipped in moved.skipped] == ["claimed"]


async def test_only_those_who_triage_claim(desk: Desk) -> None:
    with pytest.raises(Refused, match="forbidden"):
        await desk.claiming.claim("s", desk.questions[0], visitor("dev0"))
    with pytest.raises(Refused, match="not_found"):
        await desk.claiming.claim("s", "nothing", ONE)


async def test_a_larger_move_does_what_fits_and_names_the_rest(desk: Desk) -> None:
    await desk.moderating.do("s", c.Defer(desk.questions[1]), ONE)
    moves = [c.Refuse(question, RefusalReason.ADVERTISING) for question in [*desk.questions, "nothing"]]
    moved = await desk.moderating.do_all("s", moves, ONE)
    assert await desk.states() == [Q.REFUSED, Q.DEFERRED, Q.REFUSED]
    assert [skipped.refused.code for skipped in moved.skipped] == ["wrong_state", "not_found"]
    await desk.moderating.undo("s", moved.first, moved.last, ONE)
    assert await desk.states() == [Q.PENDING, Q.DEFERRED, Q.PENDING]


async def test_too_many_at_once_are_refused_and_change_nothing(desk: Desk) -> None:
    with pytest.raises(Refused, match="too_many"):
        await desk.moderating.do_all("s", [c.Publish(desk.questions[0])] * 501, ONE)
    assert (await desk.states())[0] == Q.PENDING


async def test_questions_are_given_to_people_who_can_do_something_about_them(desk: Desk) -> None:
    for login, role in (("deputy", Role.DEPUTY), ("unit", Role.UNIT_OFFICER)):
        await desk.people.add_account(Account(login, login, login.upper(), frozenset({role})))
    question = desk.questions[0]
    assert (await desk.refusal(c.Assign(question, "unit"), ONE)).code == "not_found"
    moved = await desk.moderating.do("s", c.Assign(question, "deputy", "a forged name"), ONE)
    assert moved.sitting.queue.questions[question].assigned_name == "DEPUTY"
    moved = await desk.moderating.do("s", c.Assign(question, ""), ONE)
    assert moved.sitting.queue.questions[question].assigned_name == ""
