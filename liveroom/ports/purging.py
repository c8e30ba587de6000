"""What the actions need to let go of what was kept long enough. Knows no database and no period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from liveroom.ports.jobs import Job


@dataclass(frozen=True, slots=True)
class Purged:
    """What one look did to one class of data: how much went, and what is due but stays.

    `waits` are sessions that are not archived yet, `held` questions whose askers and seconders have not been heard yet:
    what came of them goes on, or has not been over for long enough.
    """

    kind: str
    gone: int
    waits: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What one look did, class by class."""

    at: datetime
    purged: Sequence[Purged]


class Purges(Protocol):
    """Data that are let go by their age, and a book of what was."""

    async def codes(self, before: datetime) -> int:
        """Codes that were sent before, used or not, in the records and in files."""

    async def keys(self, before: datetime) -> int:
        """Sign-ins and one-time links that ended before."""

    async def looks(self, before: datetime) -> int:
        """Of looks into the vault before: whose identity, by whom, and why. That there was one stays."""

    async def deliveries(self, before: datetime) -> int:
        """What followers were told before, and those who stopped to follow before."""

    async def contacts(self, before: datetime) -> int:
        """Contacts of those who follow what was closed for good before."""

    async def said(self, before: datetime, now: datetime) -> int:
        """What askers and seconders added about the result of matters that ended for good before, and who they were."""

    async def waiting(self, before: datetime) -> int:
        """Sessions that ended before and are not archived: nothing of them may go yet."""

    async def held(self, before: datetime) -> int:
        """Questions of archived sessions that ended before, whose matter goes on or ended later."""

    async def plan(self, at: datetime) -> None:
        """The first look, unless one is planned."""

    async def note(self, job: Job, purged: Sequence[Purged], now: datetime, again_at: datetime) -> None:
        """Write down what the job did and plan the next one; the job ends in the same transaction."""

    async def reports(self, limit: int) -> Sequence[Report]:
        """The last look, and those before it that did anything, the newest first."""
