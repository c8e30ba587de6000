"""What the actions need to tell people: notices kept, letters written, carriers. Knows no service and no template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from liveroom.contacts import Contact
from liveroom.matters.forgetting import SAID_BY_ASKERS
from liveroom.matters.matter import Matter
from liveroom.matters.sight import everybody_reads
from liveroom.matters.telling import ASKED, ASKERS
from liveroom.notices.followers import Follower, NoticeState, Way
from liveroom.ports.jobs import Job
from liveroom.ports.matters import Line

QUESTION = "question"
"""What is told of besides the kinds of matters."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One step of one matter, or the outcome of one question, for one follower or one person of the staff (`account`).

    `seq` is its line in the log of the matter, or of the question's session. `message` names the letter that carries
    it, a digest several.
    """

    id: str
    follower: str
    matter: str
    seq: int
    way: Way
    state: NoticeState
    message: str
    due: datetime
    tries: int = 0
    error: str = ""
    sent_at: datetime | None = None
    account: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notice as the office sees it: what it is about, and no word about to whom, unless it is a colleague."""

    notice: Notice
    number: str
    title: str
    place: str
    person: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A step as whoever follows may see it, and what it is a step of: a matter of a kind, or a `QUESTION` that got its
    outcome (step `outcome`). `public` says that there is a page for everybody under its number, `asks` that those who
    asked have their say since, `code` the tracking code with which its receiver has it. `over` is what is no news any
    more: another outcome has taken its place, those who asked have their say no longer.
    """

    about: str
    kind: str
    number: str
    title: str
    line: Line
    public: bool = False
    asks: bool = False
    code: str = ""
    over: bool = False

    @property
    def page(self) -> str:
        """Where everybody reads of it; empty where only those whose it is do."""
        return f"/suggestions/{self.number}" if self.public else ""

    @classmethod
    def of_matter(cls, matter: Matter, line: Line, later: Sequence[Line] = ()) -> Told:
        """`later` are the lines after it, as far as they are told."""
        event = line.event
        moved = event.to != matter.state or any(one.event.to != event.to or one.event.what == ASKED for one in later)
        asks = matter.turn == ASKERS and not moved and event.what not in SAID_BY_ASKERS
        over = event.what == ASKED and not asks
        public = everybody_reads(matter)
        return cls(matter.id, matter.kind, matter.number, matter.title, line, public, asks, over=over)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is carried. `key` is the same however often it is carried; `stop` is the address that ends it, empty for
    what belongs to somebody's work.
    """

    key: str
    at: datetime
    subject: str
    text: str
    stop: str


@dataclass(frozen=True, slots=True)
class Addressed:
    """A letter that is ready to be carried."""

    way: Way
    contact: Contact
    letter: Letter


class ToStaff(Protocol):
    """What becomes of the notices of one person of the staff."""

    async def addressed(self, notices: Sequence[Notice]) -> Addressed | None:
        """Their letter; None when they have no address any more."""


class Notices(Protocol):
    """Every notice and where it is: one for each receiver and step."""

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
        """Keep the notices of a step, each receiver once, and their delivery; the job ends in the same transaction.

        Of the outcome of a question that says which one; there is no matter then.
        """

    async def postpone(self, message: str, job: Job, due: datetime) -> None:
        """Let a letter wait, and its job with it, in one transaction."""

    async def begin(self, message: str, now: datetime) -> list[Notice]:
        """The notices of a letter, noted as being sent now; none when its follower has gone."""

    async def sent(self, message: str, job: Job, now: datetime) -> None:
        """They were taken; the job ends in the same transaction."""

    async def silence(self, silenced: Sequence[str]) -> None:
        """Of these, which were being sent, nobody may be told any more."""

    async def put_off(self, message: str, error: str) -> None:
        """They were not taken this time."""

    async def failed(self, message: str, job: Job, error: str) -> None:
        """They will not be taken; the job ends in the same transaction."""

    async def drop(self, message: str, job: Job) -> None:
        """There is nobody to carry them to any more; the job ends in the same transaction."""

    async def deliveries(self, state: NoticeState, after: str, limit: int) -> list[Delivery]:
        """Newest first; `after` is the last one of the page before."""

    async def counts(self) -> dict[NoticeState, int]: ...

    async def find(self, notice: str) -> Delivery | None: ...

    async def again(self, notice: str, due: datetime) -> None:
        """Try one that failed anew. `Refused("wrong_state")`."""

    async def posted(self, notice: str, now: datetime) -> None:
        """A printed one hangs at its station, and tells of the earlier steps, too. `Refused("wrong_state")`."""

    async def of_follower(self, follower: str, limit: int) -> list[Notice]:
        """What a follower was told, newest first."""


class Wording(Protocol):
    """Writes letters in the follower's language."""

    def mail(self, follower: Follower, told: Sequence[Told], key: str, at: datetime) -> Letter: ...

    def sms(self, follower: Follower, told: Sequence[Told], key: str, at: datetime) -> Letter: ...


class Carrier(Protocol):
    """Carries letters to contacts: one for each way that needs one."""

    async def carry(self, contact: Contact, letter: Letter) -> None:
        """Raises `Unavailable` to be asked again later, `Refused("undeliverable")` when that is of no use."""
