"""Four moderators who work against one another in one session, and the proof that somebody could have done it alone."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from liveroom.actions.ask import Asking
from liveroom.actions.claim import Claiming
from liveroom.actions.moderate import Moderating
from liveroom.actions.sittings import Change, Sittings
from liveroom.bus.memory import MemoryBus
from liveroom.errors import Refused
from liveroom.ports.rooms import Entry, Records, Sitting
from liveroom.qa import commands as c
from liveroom.qa.apply import apply
from liveroom.qa.decide import decide
from liveroom.qa.events import QueueEvent
from liveroom.qa.question import Queue, RefusalReason
from liveroom.rooms import session as rooms
from liveroom.rooms.roles import SYSTEM, Actor, Role, visitor
from liveroom.rooms.room import Room
from liveroom.rooms.session import Session, SessionScheduled
from liveroom.settings import Settings
from liveroom.storage.claims import SqlClaims
from liveroom.storage.opening import opened
from liveroom.storage.people import SqlPeople
from liveroom.storage.records import SqlRecords
from tests.support.screening import no_lists


@dataclass(frozen=True, slots=True)
class Attempt:
    """A move as one moderator saw it: the feed's number before and after, and what came of it."""

    by: Actor
    command: c.QuestionCommand
    before: int
    after: int
    first: int = 0
    last: int = 0
    refused: str = ""


class Clock:
    """Every look is a millisecond later."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


def moderators() -> list[Actor]:
    roles = frozenset({Role.MODERATOR, Role.LEAD_MODERATOR, Role.HOST})
    return [Actor(f"m{n}", f"审核员{n}", roles) for n in range(4)]


def any_move(questions: Sequence[str], chance: random.Random) -> c.QuestionCommand:
    """A move that may or may not make sense where it lands."""
    one, other = chance.choice(questions), chance.choice(questions)
    return chance.choice(
        [
            c.Publish(one),
            c.Publish(one),
            c.Refuse(one, chance.choice(list(RefusalReason))),
            c.Edit(one, "改成" + "".join(chance.choices("甲乙丙丁", k=6))),
            c.Tag(one, (f"标签{chance.randrange(3)}",)),
            c.Merge(one, other),
            c.Unmerge(one),
            c.Defer(one),
            c.Enqueue(one),
            c.Dequeue(one),
            c.Order(one, chance.choice([None, other])),
            c.PutOnAir(one),
            c.TakeOffAir(one),
            c.MarkAnswered(one),
        ]
    )


async def work_against_one_another(
    records: Records, desks: Sequence[Moderating], session: str, questions: Sequence[str], moves: int, seed: int
) -> list[Attempt]:
    """So many moves by four people at once, each at the desk (of a process) of their own."""
    chance = random.Random(seed)
    left = [moves]

    async def one(by: Actor, desk: Moderating) -> list[Attempt]:
        attempts = []
        while left[0] > 0:
            left[0] -= 1
            command = any_move(questions, chance)
            before = (await records.load(session)).seq
            attempt = Attempt(by, command, before, before)
            try:
                moved = await desk.do(session, command, by)
                attempt = replace(attempt, first=moved.first, last=moved.last)
            except Refused as refused:
                attempt = replace(attempt, refused=refused.code)
            attempts.append(replace(attempt, after=(await records.load(session)).seq))
            await asyncio.sleep(0)
        return attempts

    people = [one(by, desks[n % len(desks)]) for n, by in enumerate(moderators())]
    return [attempt for attempts in await asyncio.gather(*people) for attempt in attempts]


def contradictions(start: Sitting, feed: Sequence[Entry], end: Sitting, attempts: Sequence[Attempt]) -> list[str]:
    """What could not have happened had the moves been made one after another, in the order of the feed.

    Every granted move must give, on the state before its lines, exactly its lines, and its lines must lie between what
    its moderator saw before and after; every refusal must be right in one of the states in between.
    """
    states: dict[int, Queue] = {start.seq: start.queue}
    at: dict[int, datetime] = {}
    queue, found = start.queue, []
    for entry in feed:
        if entry.seq != max(states) + 1:
            found.append(f"line {entry.seq} comes after {max(states)}")
        if isinstance(entry.event, QueueEvent):
            queue = apply(queue, [entry.event])
        states[entry.seq], at[entry.seq] = queue, entry.at
    if queue != end.queue:
        found.append("the lines do not lead to the state")
    events = {entry.seq: entry.event for entry in feed}
    claimed: set[int] = set()

    def outcome(state: Queue, attempt: Attempt, now: datetime) -> Callable[[], list[object]] | str:
        try:
            facts = decide(state, start.session, attempt.command, attempt.by, now)
        except Refused as refused:
            return refused.code
        return lambda: list(facts)

    for attempt in attempts:
        if attempt.refused:
            now = at.get(attempt.after, max(at.values()))
            between = [states[seq] for seq in range(attempt.before, attempt.after + 1)]
            if attempt.refused not in [outcome(state, attempt, now) for state in between]:
                found.append(f"refused without a cause: {attempt}")
        elif attempt.last >= attempt.first:
            lines = range(attempt.first, attempt.last + 1)
            if attempt.first <= attempt.before or attempt.last > attempt.after or claimed & set(lines):
                found.append(f"lines out of their time: {attempt}")
            claimed |= set(lines)
            would = outcome(states[attempt.first - 1], attempt, at[attempt.first])
            if isinstance(would, str) or would() != [events[seq] for seq in lines]:
                found.append(f"lines that do not follow: {attempt}")
    if claimed != set(events):
        found.append("lines that nobody wrote, or that somebody wrote in vain")
    return found


async def history(settings: Settings, moves: int, seed: int) -> tuple[list[str], list[Attempt]]:
    """A session on air with eight questions, played through in new records; what contradicts a serial order."""
    database, clock, bus = await opened(settings), Clock(), MemoryBus()
    try:
        records = await SqlRecords.open(database)
        await records.add_room(Room("r", "直播间"))
        planned = SessionScheduled("主题", clock.now, ("d",))
        office = Actor("o", "工委", frozenset({Role.OFFICE}))
        await records.add_session(Session("s", "r", "主题", clock.now, ("d",)), planned, office, clock.now)
        sittings = Sittings(records, bus, clock)
        asking = Asking(records, sittings, no_lists(), bus, clock)
        questions = [(await asking.ask("s", visitor(f"d{n}"), f"key-{n:05}", f"提问{n}"))[1].id for n in range(8)]
        await sittings.change(
            "s", lambda sitting, now: Change(rooms.decide(sitting.session, rooms.GoLive(), SYSTEM, now)), SYSTEM
        )
        claiming = Claiming(records, SqlClaims(database), bus, clock)
        # Two of each kind, as in two processes: their locks do not know one another, only the records decide.
        desks = [
            Moderating(records, Sittings(records, bus, clock), claiming, SqlPeople(database), no_lists())
            for _ in range(2)
        ]
        start = await records.load("s")
        attempts = await work_against_one_another(records, desks, "s", questions, moves, seed)
        feed = await records.since("s", start.seq)
        return contradictions(start, feed, await records.load("s"), attempts), attempts
    finally:
        await database.close()
