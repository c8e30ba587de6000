"""What the actions need to tell people: notices kept, letters written, carriers. Knows no service and no template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from liveroom.matters.matter import Matter
from liveroom.notices.followers import Follower, NoticeState, Way
from liveroom.ports.jobs import Job
from liveroom.ports.matters import Line
from liveroom.vault.contacts import Contact


@dataclass(frozen=True, slots=True)
class Notice:
    """One step of one matter for one follower, or for one person of the staff (`account`).

    `message` names the letter that carries it, a digest several.
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
    """A step in its matter, as everybody may see it."""

    matter: Matter
    line: Line


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
        self, matter: str, seq: int, planned: Sequence[tuple[Follower, datetime]], job: Job, now: datetime
    ) -> None:
        """Keep the notices of a step, each receiver once, and their delivery; the job ends in the same transaction."""

    async def postpone(self, message: str, job: Job, due: datetime) -> None:
        """Let a letter wait, and its job with it, in one transaction."""

    async def begin(self, message: str, now: datetime) -> list[Notice]:
        """The notices of a letter, noted as being sent now; none when its follower has gone."""

    async def sent(self, message: str, job: Job, now: datetime) -> None:
        """They were taken; the job ends in the same transaction."""

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
