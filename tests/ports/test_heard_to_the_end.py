"""Whoever asked or seconded keeps their say until what came of it is over, and what they say is theirs."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
import sqlalchemy as sa

from liveroom.actions.confirm import Confirming
from liveroom.actions.erase import Erasing
from liveroom.actions.purge import CLASSES, PURGE, Purging
from liveroom.actions.seal_votes import SealingVotes
from liveroom.actions.verify import Verifying
from liveroom.actions.work_off import WorkingOff
from liveroom.contacts import Channel
from liveroom.errors import Refused
from liveroom.matters.forgetting import person
from liveroom.matters.matter import Matter
from liveroom.ports.purging import Purged
from liveroom.qa.question import Outcome, Question, Queue
from liveroom.qa.question import QuestionState as Q
from liveroom.recording.folder import RecordingFolder
from liveroom.rooms.audit import check
from liveroom.rooms.roles import Actor, Role
from liveroom.rooms.room import Room
from liveroom.rooms.session import Session, SessionState
from liveroom.settings import Settings
from liveroom.storage import matter_tables, records, schema
from liveroom.storage.attachments import SqlAttachments
from liveroom.storage.audit import SqlAudit
from liveroom.storage.database import Database
from liveroom.storage.purges import SqlPurges
from liveroom.storage.records import SqlRecords
from liveroom.storage.signing import Ed25519Signer
from liveroom.storage.vault import Seal, SqlVault
from tests.support.island import DEPUTY, NOON, OFFICE, STEPS, Island

UNIT = Actor("u", "水务局", frozenset({Role.UNIT_HEAD, Role.UNIT_OFFICER}), "water")
ASKER, MERGED, SECONDER, LONE, HIDDEN = "dev0", "dev1", "seconder", "dev2", "dev3"
COMMENT = "灯还是只亮到半夜，请再来看看"


class Heard:
    """The island with what lets go of data, and a clock that is turned."""

    def __init__(self, island: Island, folder: Path) -> None:
        self.island, self.records = island, island.records
        seal, signer = Seal("k" * 32), Ed25519Signer(b"s" * 32)
        self.vault = SqlVault(island.database, seal)
        verifying = Verifying(self.vault, dict.fromkeys(Channel, island.post), island.clock)
        sittings, steps = island.concluding._sittings, island.concluding._steps
        sealing = SealingVotes(self.records, sittings, signer)
        self.erasing = Erasing(
            self.records, sittings, sealing, signer, self.vault, verifying, island.followers, island.matters
        )
        self.confirming = Confirming(island.matters, self.records, steps, steps._rules)
        self.purges = SqlPurges(island.database, folder / "codes")
        attachments = SqlAttachments(island.database, folder / "files")
        days = {one.kind: int(getattr(Settings(), one.setting)) for one in CLASSES}
        recordings = RecordingFolder(folder / "recordings")
        self.purging = Purging(self.purges, self.records, self.erasing, attachments, recordings, island.clock, days)
        self.nights = WorkingOff(island.jobs, {PURGE: self.purging.look}, island.clock)

    async def archived(self) -> str:
        """The suggestion that came of the first question; everything else was answered, and the session is archived."""
        matter = await self.island.drafted()
        others = self.island.questions[2:]
        await self.island.concluding.give_outcome("s", others, Outcome.ANSWERED_TEXT, "已修", OFFICE)
        await self.island.concluding.archive("s", OFFICE)
        return matter

    async def replied(self, matter: str) -> None:
        reply = {"class": "A", "text": "已经换新。"}
        judged = {"attitude": "satisfied", "result": "satisfied"}
        await self.island.step(
            matter,
            *STEPS,
            ("assign", {"unit": "water"}, OFFICE),
            ("accept", {}, UNIT),
            ("contact", {"contact": "看过"}, UNIT),
            ("reply", reply, UNIT),
            ("evaluate", judged, DEPUTY),
        )

    async def sleep(self, days: int, step: int = 5) -> None:
        """Nights pass; so that it does not take as long, the looks of one in `step` are looked at."""
        for _ in range(0, days, step):
            self.island.now += timedelta(days=step)
            await self.nights.work_off()

    async def last(self, kind: str) -> Purged:
        """What the last look did to a class of data."""
        (newest, *_) = await self.purging.reports(OFFICE)
        (found,) = [one for one in newest.purged if one.kind == kind]
        return found

    async def gone(self, kind: str) -> int:
        """How much of a class has gone in all looks."""
        reports = await self.purging.reports(OFFICE)
        return sum(one.gone for report in reports for one in report.purged if one.kind == kind)

    async def voices(self, matter: str, device: str) -> tuple[bool, str]:
        voice = await self.confirming.voice(await self.island.matters.load(matter), device)
        return voice.open, voice.said

    async def by_code(self, number: int) -> str:
        """Under which name the code of a question speaks."""
        asked = (await self.records.load("s")).queue.questions[self.island.questions[number]]
        return (await self.island.following_up.follow(asked.code)).question.device

    async def ended(self, matter: str) -> None:
        now = await self.island.matters.load(matter)
        ends = now.clocks["asker_check"]
        self.island.now = datetime.combine(ends + timedelta(days=2), NOON.time(), NOON.tzinfo)
        assert await self.island.concluding._steps.expire(now, "asker_check", ends)

    async def wrong(self) -> list[str]:
        """What `liveroom audit verify` would say."""
        audit, said = SqlAudit(self.island.database), []
        for chain in await audit.chains():
            log = await audit.read(chain)
            assert log is not None
            said += check(chain, log.links, log.length) + await audit.strayed(chain)
        return said

    async def everything(self) -> str:
        async with self.island.database.read() as connection:
            tables = schema.metadata.sorted_tables
            found = [str(row) for t in tables for row in (await connection.execute(sa.select(t))).all()]
        return "\n".join(found)


@pytest.fixture
async def heard(island: Island, tmp_path: Path) -> Heard:
    made = Heard(island, tmp_path)
    await made.purging.begin()
    return made


async def test_after_half_a_year_asker_merged_asker_and_seconder_say_by_browser_and_by_code_whether_it_is_solved(
    heard: Heard,
) -> None:
    followers = [await heard.island.follow(n, f"{n}@example.org") for n in range(3)]
    matter = await heard.archived()
    await heard.sleep(150)
    assert (await heard.last("live")).held == 2, "both questions wait for the suggestion"
    queue = (await heard.records.load("s")).queue
    erased = [queue.questions[one].erased for one in heard.island.questions]
    assert erased == ["", "", "retention", "retention"], "of the others nothing came"
    assert (await heard.by_code(0), await heard.by_code(1)) == (ASKER, MERGED)
    still = [await heard.island.followers.find(one.id) for one in followers]
    assert [one is not None and one.active for one in still] == [True, True, False]

    await heard.replied(matter)
    for device in (ASKER, MERGED, SECONDER):
        assert await heard.voices(matter, device) == (True, ""), device
    for device in (LONE, HIDDEN, "stranger"):
        assert await heard.voices(matter, device) == (False, ""), device
    await heard.confirming.say(matter, SECONDER, {"solved": "yes"})
    await heard.confirming.say(matter, await heard.by_code(1), {"solved": "yes"})
    await heard.confirming.say(matter, await heard.by_code(0), {"solved": "no", "comment": COMMENT})
    after = await heard.island.matters.load(matter)
    assert (after.state, [c.solved for c in after.checks]) == ("rehandling", [True, True, False])
    assert await heard.wrong() == []


async def test_when_it_is_over_for_good_everything_that_waited_for_it_goes(heard: Heard) -> None:
    matter = await heard.archived()
    await heard.sleep(150)
    await heard.replied(matter)
    for device in (ASKER, SECONDER):
        await heard.confirming.say(matter, device, {"solved": "yes", "comment": COMMENT})
    await heard.ended(matter)
    await heard.sleep(55)
    found = await heard.everything()
    for kept in (ASKER, MERGED, SECONDER, COMMENT, person(matter, ASKER)):
        assert kept in found, kept
    await heard.sleep(15)
    found = await heard.everything()
    for gone in (ASKER, MERGED, SECONDER, COMMENT, person(matter, ASKER), person(matter, SECONDER)):
        assert gone not in found, gone
    after = await heard.island.matters.load(matter)
    assert [c.solved for c in after.checks] == [True, True], "what they said stays counted"
    assert await heard.gone("said") == 2
    assert (await heard.last("live")).held == 0
    assert await heard.wrong() == []
    before = after.seq
    await heard.sleep(10)
    assert (await heard.island.matters.load(matter)).seq == before, "nothing is erased twice"


@pytest.mark.parametrize(("number", "device"), [(0, ASKER), (1, MERGED)])
async def test_what_an_asker_adds_is_in_their_own_data_and_is_erased_with_their_question(
    heard: Heard, number: int, device: str
) -> None:
    matter = await heard.archived()
    await heard.replied(matter)
    await heard.confirming.say(matter, SECONDER, {"solved": "yes", "comment": "我看是好了"})
    await heard.confirming.say(matter, device, {"solved": "yes", "comment": COMMENT})
    question = heard.island.questions[number]

    async def said() -> list[dict[str, str]]:
        sitting = await heard.records.load("s")
        return [line.event.values for line in await heard.erasing.said(sitting, sitting.queue.questions[question])]

    (kept,) = await said()
    assert (kept["solved"], kept["comment"]) == ("yes", COMMENT)
    await heard.erasing.erase("s", question)
    found = await heard.everything()
    for gone in (COMMENT, person(matter, device)):
        assert gone not in found, gone
    assert "我看是好了" in found, "what another said is another's"
    after = await heard.island.matters.load(matter)
    assert [c.solved for c in after.checks] == [True, True]
    assert await heard.wrong() == []
    (kept,) = await said()
    assert (kept["solved"], kept.get("comment")) == ("yes", None)
    with pytest.raises(Refused, match="already_checked"):
        await heard.confirming.say(matter, await heard.by_code(number), {"solved": "no"})


async def test_a_work_order_is_rated_once_by_whoever_asked_and_the_words_are_theirs(heard: Heard) -> None:
    conclude, questions = heard.island.concluding, heard.island.questions
    order = await conclude.follow_up("s", questions[:1], Outcome.WORK_ORDER, {}, OFFICE)
    assert await heard.voices(order, ASKER) == (False, "")
    await heard.island.step(
        order,
        ("accept", {}, OFFICE),
        ("forward", {"unit": "water"}, OFFICE),
        ("accept", {}, UNIT),
        ("reply", {"class": "A", "text": "修好了。"}, UNIT),
        ("call_back", {"reached": "yes", "note": "打过电话"}, OFFICE),
    )
    assert [await heard.voices(order, one) for one in (ASKER, MERGED, "stranger")] == [
        (True, ""), (True, ""), (False, "")
    ]  # fmt: skip
    with pytest.raises(Refused, match="not_asked"):
        await heard.confirming.say(order, "stranger", {"result": "satisfied"})
    with pytest.raises(Refused, match="empty"):
        await heard.confirming.say(order, ASKER, {"solved": "yes"})
    rated = await heard.confirming.say(order, await heard.by_code(1), {"result": "dissatisfied", "comment": COMMENT})
    assert (rated.state, rated.turn) == ("handling", "unit")
    assert await heard.voices(order, MERGED) == (False, "dissatisfied")
    assert await heard.voices(order, ASKER) == (False, "")
    await heard.island.step(
        order,
        ("reply", {"class": "A", "text": "又修了。"}, UNIT),
        ("call_back", {"reached": "yes", "note": "打过电话"}, OFFICE),
    )
    assert await heard.voices(order, MERGED) == (True, "")
    await heard.confirming.say(order, ASKER, {"result": "satisfied"})
    await heard.erasing.erase("s", questions[1])
    assert COMMENT not in await heard.everything()
    assert await heard.wrong() == []


def some_sessions(rng: random.Random) -> tuple[list[Session], list[Queue], list[Matter]]:
    """Sessions with trees of merged questions, and matters in every stage that some of them are held by."""
    sessions, queues, matters = [], [], []
    for n in range(60):
        state = rng.choice([SessionState.ARCHIVED] * 4 + [SessionState.DISPOSITION])
        ended = NOON - timedelta(days=rng.choice([10, 59, 61, 200]))
        sessions.append(Session(f"s{n}", "r", "主题", NOON, ("d",), state, ended_at=ended))
        questions: list[Question] = []
        for m in range(rng.randrange(1, 7)):
            into = rng.choice(questions).id if questions and rng.random() < 0.6 else ""
            held = ""
            if not into and rng.random() < 0.7:
                closed = rng.choice([None, NOON.date() - timedelta(days=rng.choice([5, 59, 62, 100]))])
                held = f"m{n}-{m}"
                matters.append(Matter(held, end="solved" if closed else "", closed_on=closed))
            name = f"q{n}-{m}"
            erased = rng.choice(["", "", "", "asker"])
            asked = Question(name, f"L{m}", name, name, name, "？", "", "", NOON, Q.MERGED if into else Q.ANSWERED)
            questions.append(replace(asked, merged_into=into, matter=held, erased=erased))
        queues.append(Queue(f"s{n}", MappingProxyType({question.id: question for question in questions})))
    return sessions, queues, matters


@pytest.mark.parametrize("seed", range(3))
async def test_a_question_goes_when_its_session_and_what_came_of_its_root_are_over_for_long_enough(
    database: Database, tmp_path: Path, seed: int
) -> None:
    sessions, queues, matters = some_sessions(random.Random(seed))
    kept = await SqlRecords.open(database)
    await kept.add_room(Room("r", "直播间"))
    async with database.write() as connection:
        await connection.execute(sa.insert(schema.sessions), [records._session_row(s) for s in sessions])
        rows = [records._question_row(q.session, one) for q in queues for one in q.questions.values()]
        await connection.execute(sa.insert(schema.questions), rows)
        made = [{**matter_tables.row(m), "created_at": NOON, "place": n} for n, m in enumerate(matters, 1)]
        await connection.execute(sa.insert(matter_tables.matters), made)
    before = NOON.astimezone(UTC) - timedelta(days=60)
    ended: dict[str, date | None] = {matter.id: matter.closed_on for matter in matters}
    due: dict[str, set[str]] = {}
    held = 0
    for session, queue in zip(sessions, queues, strict=True):
        if session.state is not SessionState.ARCHIVED or session.ended_at is None or session.ended_at >= before:
            continue
        for question in queue.questions.values():
            matter = queue.root(question).matter
            closed = ended.get(matter)
            if question.erased:
                continue
            if matter and (closed is None or closed >= before.date()):
                held += 1
            else:
                due.setdefault(session.id, set()).add(question.id)
    assert due
    assert held
    assert await kept.expired(before, 1000) == due
    assert await SqlPurges(database, tmp_path).held(before) == held
    assert len(await kept.expired(before, 2)) == 2


async def test_of_a_look_into_the_vault_stays_that_there_was_one(heard: Heard) -> None:
    looks = schema.identity_accesses
    async with heard.island.database.write() as connection:
        for n, at in enumerate((NOON, NOON + timedelta(days=100)), 1):
            row = {"id": n, "at": at, "question": "q", "reason": "法院来函，王某", "first": "d", "second": "d"}
            await connection.execute(sa.insert(looks).values(row))
    await heard.sleep(1080, 90)
    await heard.sleep(10)
    assert await heard.gone("looks") == 0
    await heard.sleep(10)
    async with heard.island.database.read() as connection:
        old, new = (await connection.execute(sa.select(looks).order_by(looks.c.at))).all()
    assert tuple(old) == (1, NOON.astimezone(UTC), "", "", None, None)
    assert (new.reason, new.first) == ("法院来函，王某", "d")
    assert await heard.gone("looks") == 1
