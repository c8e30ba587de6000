"""What the actions need to remind the staff: reminders kept and written, and how each person is reached.

Knows no service and no template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from liveroom.contacts import Contact
from liveroom.matters.reminding import Why
from liveroom.notices.followers import Way
from liveroom.ports.jobs import Job
from liveroom.ports.notices import Letter
from liveroom.rooms.roles import Actor

PAGE = 50
"""Reminders of one page."""


@dataclass(frozen=True, slots=True)
class OwnAddress:
    """How somebody of the staff is reached. Nothing but codes goes to a contact that is not `proved`.

    `site` is the address under which they came to this site when they proved it.
    """

    account: str
    contact: Contact | None = None
    proved: bool = False
    language: str = "zh"
    site: str = ""

    @property
    def way(self) -> Way:
        """By which way they are told; their work list is there in any case."""
        return Way(self.contact.channel.value) if self.contact and self.proved else Way.WORKLIST

    def at(self, contact: Contact | None) -> OwnAddress:
        """The same person at another contact, or at none: what is new is proved by nobody yet."""
        return self if contact and contact == self.contact else replace(self, contact=contact, proved=False, site="")


@dataclass(frozen=True, slots=True)
class Planned:
    """A reminder for one person: why, by which way, when, and whether it `gathers` with others of that morning."""

    account: str
    why: Why
    way: Way
    due: datetime
    gathers: bool


@dataclass(frozen=True, slots=True)
class Reminded:
    """A reminder as its person sees it, with the matter as it stands now.

    `what` is the step; `clock` and `due` are its own, for what is about a clock or a later date. `seen` says whether
    the matter still concerns this person, `mine` whether it is still their turn, `public` whether everybody reads it.
    """

    id: str
    why: Why
    what: str
    at: datetime
    read: bool
    matter: str
    kind: str
    number: str
    title: str
    public: bool
    confidential: bool
    clock: str
    due: date | None
    seen: bool
    mine: bool

    @property
    def settled(self) -> bool:
        """Somebody has acted meanwhile: it is nobody's turn here any more."""
        return self.why.calls and not self.mine


class Reminders(Protocol):
    """Reminders of the staff, kept among the notices: one for each person and step."""

    async def plan(self, matter: str, seq: int, planned: Sequence[Planned], job: Job, now: datetime) -> None:
        """Keep the reminders of a step, each person once, and their letters; the job ends in the same transaction."""

    async def of(self, by: Actor, *, after: str = "", limit: int = PAGE, unread: bool = False) -> list[Reminded]:
        """What this person was told, newest first. `after` is the last of the page before."""

    async def of_message(self, by: Actor, message: str) -> list[Reminded]:
        """What one letter tells this person."""

    async def unread(self, account: str) -> int:
        """How many they have not opened."""

    async def read(self, account: str, matter: str, now: datetime) -> None:
        """They have opened this matter; all of them when it is empty."""


class Addresses(Protocol):
    """How the people of the staff are reached, their contacts sealed."""

    async def of(self, account: str) -> OwnAddress: ...

    async def all(self) -> Mapping[str, OwnAddress]:
        """Of everybody who has a contact or has chosen a language."""

    async def put(self, address: OwnAddress) -> None:
        """Instead of what was kept of this person; a contact that is left out is forgotten."""

    async def prove(self, address: OwnAddress) -> bool:
        """Their contact is proved now; False when it is another one meanwhile."""


class StaffWording(Protocol):
    """Writes letters to the staff in the language of each."""

    def staff_mail(self, to: OwnAddress, name: str, told: Sequence[Reminded], key: str, at: datetime) -> Letter: ...

    def staff_sms(self, to: OwnAddress, name: str, told: Sequence[Reminded], key: str, at: datetime) -> Letter: ...
