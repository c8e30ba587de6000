"""A session that is over, with questions whose askers and seconders want to be told what comes of them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path

from liveroom.actions.ask import Asking
from liveroom.actions.broadcast import Broadcasting
from liveroom.actions.claim import Claiming
from liveroom.actions.conclude import Concluding
from liveroom.actions.follow import Following, Target, Wish
from liveroom.actions.follow_up import FollowingUp
from liveroom.actions.matter_steps import MatterSteps
from liveroom.actions.moderate import Moderating
from liveroom.actions.seal_votes import SealingVotes
from liveroom.actions.sittings import Sittings
from liveroom.actions.tell import Telling
from liveroom.actions.tell_outcomes import TellingOutcomes
from liveroom.actions.verify import Verifying
from liveroom.actions.work_off import WorkingOff
from liveroom.bus.memory import MemoryBus
from liveroom.clock import CHINA
from liveroom.contacts import Channel, Contact
from liveroom.errors import Refused, Unavailable
from liveroom.media.absent import AbsentMedia
from liveroom.notices.followers import Follower, Way
from liveroom.notices.timing import Quiet
from liveroom.ports.matters import Unit
from liveroom.ports.notices import QUESTION, Letter, Told
from liveroom.ports.people import Account
from liveroom.ports.rooms import Vote
from liveroom.qa import commands as c
from liveroom.rooms.roles import Actor, Role, visitor
from liveroom.rooms.room import Room
from liveroom.rooms.session import Session, SessionScheduled
from liveroom.storage.claims import SqlClaims
from liveroom.storage.database import Database
from liveroom.storage.followers import SqlFollowers
from liveroom.storage.jobs import SqlJobs
from liveroom.storage.matters import ANNOUNCE, SqlMatters
from liveroom.storage.notices import DELIVER, SqlNotices
from liveroom.storage.people import SqlPeople
from liveroom.storage.records import SqlRecords
from liveroom.storage.rule_sets import SqlRuleBook
from liveroom.storage.session_log import OUTCOME
from liveroom.storage.signing import Ed25519Signer
from liveroom.storage.vault import Seal, SqlVault
from liveroom.storage.workdays import ChineseWorkingDays
from tests.support.admission import ADMITTED
from tests.support.screening import no_lists

NOON = datetime(2026, 3, 2, 12, tzinfo=CHINA)
OFFICE = Actor("o", "工委", frozenset({Role.OFFICE}))
MODERATOR = Actor("m", "审核员", frozenset({Role.MODERATOR}))
DEPUTY = Actor("d", "林代表", frozenset({Role.DEPUTY}))
Step = tuple[str, dict[str, str], Actor]
STEPS: list[Step] = [
    ("offer", {"deputy": "d"}, OFFICE),
    ("edit", {"title": "关于夜间航班的建议", "body": "内容"}, DEPUTY),
    ("adopt", {"signature": "林"}, DEPUTY),
    ("register", ADMITTED, OFFICE),
]

TOLD_OF = ["draft", "offer", "adopt", "register"]
"""What of it is public: how the text was edited is the office's own."""
NO_MORE: Step = (
    "not_admit",
    {**ADMITTED, "instead": "work_order", "reason": "属于日常维修"},
    OFFICE,
)


class Post:
    """Carries codes and letters: into two lists, or not at all."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        self.letters: list[tuple[str, Letter]] = []
        self.problem: BaseException | None = None

    async def send(self, contact: Contact, code: str) -> None:
        self.codes[contact.address] = code

    async def carry(self, contact: Contact, letter: Letter) -> None:
        if isinstance(self.problem, Refused | Unavailable):
            raise self.problem
        self.letters.append((contact.address, letter))
        if self.problem is not None:
            raise self.problem

    def to(self, address: str) -> list[str]:
        return [letter.text for to, letter in self.letters if to == address]


def said(told: Told) -> str:
    values = told.line.event.values
    return f"{told.title}: {values['outcome']} {values['note']}" if told.kind == QUESTION else told.line.event.what


class Plain:
    """Writes the commands of the steps and the outcomes of questions, one a line."""

    def mail(self, follower: Follower, told: list[Told], key: str, at: datetime) -> Letter:
        words = [said(t) for t in told]
        return Letter(key, at, follower.language, "\n".join(words), f"/{follower.id}")

    sms = mail


class Island:
    """A session that is over with four questions: the second is merged into the first, which was answered; nobody has
    seen the last. And people who want to know."""

    def __init__(self, database: Database, records: SqlRecords, rules: SqlRuleBook) -> None:
        self.database = database
        self.now = NOON
        self.post = Post()
        self.records = records
        self.matters, people, bus = SqlMatters(database), SqlPeople(database), MemoryBus()
        seal = Seal("k" * 32)
        sittings = Sittings(records, bus, self.clock)
        self.asking = Asking(records, sittings, no_lists(), bus, self.clock)
        claiming = Claiming(records, SqlClaims(database), bus, self.clock)
        self.moderating = Moderating(records, sittings, claiming, people, no_lists())
        sealing = SealingVotes(records, sittings, Ed25519Signer(b"s" * 32))
        self.broadcasting = Broadcasting(records, sittings, sealing, self.clock)
        days = ChineseWorkingDays()
        steps = MatterSteps(self.matters, people, rules, bus, self.clock, days)
        self.concluding = Concluding(records, sittings, self.matters, steps)
        self.following_up = FollowingUp(self.matters, records, steps, rules, self.clock, days)
        self.followers, self.notices = SqlFollowers(database, seal), SqlNotices(database, seal)
        verifying = Verifying(SqlVault(database, seal), dict.fromkeys(Channel, self.post), self.clock)
        self.following = Following(self.followers, verifying, self.matters, records, self.clock)
        self.jobs = SqlJobs(database)
        quiet, digest_at = Quiet(time(21), time(8)), time(18)
        self.outcomes = TellingOutcomes(
            self.followers, self.notices, records, self.matters, self.following_up, self.clock, quiet, digest_at
        )
        self.telling = Telling(
            self.followers,
            self.notices,
            self.following,
            self.following_up,
            self.matters,
            Plain(),
            {Way.MAIL: self.post, Way.SMS: self.post},
            self.jobs,
            self.clock,
            quiet,
            digest_at,
            self.outcomes,
        )
        works = {ANNOUNCE: self.telling.announce, DELIVER: self.telling.deliver, OUTCOME: self.outcomes.announce}
        self.worker = WorkingOff(self.jobs, works, self.clock)
        self.questions: list[str] = []

    def clock(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    async def follow(self, number: int, contact: str, way: Way = Way.MAIL, **wish: object) -> Follower:
        """Whoever asked question `number` wants to be told, and has typed the code where one was sent."""
        device = f"{contact}-{number}"
        chosen = Wish(way, contact if way.carried else "", contact, "zh", wish.get("digest") is True)
        target = Target(question=self.questions[number]) if "matter" not in wish else Target(matter=str(wish["matter"]))
        begun = await self.following.begin(target, chosen, device, "n", "https://live.example")
        if begun.confirmed_at is not None:
            return begun
        return await self.following.confirm(begun.id, device, self.post.codes[contact])

    async def drafted(self) -> str:
        return await self.concluding.draft_suggestion("s", [self.questions[0]], "", OFFICE)

    async def work(self) -> None:
        while await self.worker.work_off():
            pass

    async def step(self, matter: str, *steps: Step) -> None:
        for command, values, by in steps:
            await self.following_up.step(matter, command, values, by)

    async def counts(self) -> dict[str, int]:
        return {state.value: count for state, count in (await self.notices.counts()).items() if count}


async def opened(database: Database, folder: Path, rules: str = "standard") -> Island:
    records = await SqlRecords.open(database)
    await records.add_room(Room("r", "直播间"))
    planned = SessionScheduled("主题", NOON, ("d",))
    await records.add_session(Session("s", "r", "主题", NOON, ("d",)), planned, OFFICE, NOON)
    await SqlPeople(database).add_account(Account("d", "lin", "林代表", frozenset({Role.DEPUTY})))
    made = Island(database, records, await SqlRuleBook.open(database, folder, rules, NOON))
    await made.matters.add_unit(Unit("water", "水务局"))
    for n in range(3):
        _, question = await made.asking.ask("s", visitor(f"dev{n}"), "key-12345", f"问题{n}")
        made.questions.append(question.id)
        await made.moderating.do("s", c.Publish(question.id), MODERATOR)
    _, hidden = await made.asking.ask("s", visitor("dev3"), "key-12345", "没有公开的")
    made.questions.append(hidden.id)
    await made.moderating.do("s", c.Merge(made.questions[1], made.questions[0]), MODERATOR)
    await made.broadcasting.media_flows(AbsentMedia(), "s")
    await made.moderating.do("s", c.PutOnAir(made.questions[0]), MODERATOR)
    await made.moderating.do("s", c.MarkAnswered(made.questions[0]), MODERATOR)
    votes = [(0, "seconder"), (2, "seconder"), (2, "dev0")]
    await records.second_all([Vote("s", made.questions[n], voter, NOON) for n, voter in votes])
    await made.broadcasting.end(AbsentMedia(), "s", DEPUTY)
    return made
