"""Work that is to be done at a time, kept with the records. Knows no database and no kind of work."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

LEASE = timedelta(seconds=60)
"""Longer than any work may take: whoever has not ended by then is dead."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do once, when it is `due`, by whoever does work of its `kind`.

    `key` names it among all that are open, in parts that colons divide: `matter:{id}:clock:reply:due`. `data` is JSON
    and holds nothing personal. What follows is the storage's: `attempts` counts the present one, and `lease` names it.
    """

    kind: str
    key: str
    due: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0
    attempts: int = 0
    lease: str = ""


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A job that was given up, with what it failed of: for the office to look at."""

    job: Job
    at: datetime
    error: str


class Jobs(Protocol):
    """The outbox. What is planned in a transaction is here once that is committed, and is done at least once.

    A job that does its work in the database ends in the same transaction as its work (`end` of the storage), so it is
    done exactly once.
    """

    async def next_due(self, now: datetime, kinds: Collection[str]) -> datetime | None:
        """When the first job of these kinds is due that nobody holds; None when there is none."""

    async def take(self, now: datetime, kinds: Collection[str], limit: int) -> list[Job]:
        """What is due, earliest first, under a lease that counts as an attempt. Nobody else is given the same.

        A lease that runs out is given away anew: whoever held it is dead or too late.
        """

    async def done(self, job: Job) -> None:
        """Nothing is left of it, unless the lease has passed to somebody else or the job was planned anew."""

    async def failed(self, job: Job, again_at: datetime | None, error: str, now: datetime) -> None:
        """To be tried again at a time, or given up (None). Nothing happens when the lease is not ours any more."""

    async def give_back(self, job: Job) -> None:
        """As if it had not been taken: the process ends before the work is done."""

    async def free_all(self) -> None:
        """No lease holds any more: for a process that knows itself to be alone with the records."""

    async def dead(self) -> list[DeadJob]:
        """What was given up, newest first, a hundred at most."""

    async def revive(self, job: int, now: datetime) -> bool:
        """Try a job that was given up again, as if it were new; False when there is none."""

    async def discard(self, job: int) -> bool:
        """Forget a job that was given up; False when there is none."""
