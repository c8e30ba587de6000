"""Retention: every class of data has a period, a job lets go of what is older, and says what it did. Knows no table.

`CLASSES` is all there is to know about periods: the page of the office and docs/operations.md show the same rows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import structlog

from liveroom.actions.erase import Erasing
from liveroom.clock import Clock, next_at
from liveroom.errors import Refused
from liveroom.ports.files import Attachments
from liveroom.ports.jobs import Job
from liveroom.ports.purging import Purged, Purges, Report
from liveroom.ports.recordings import Recordings
from liveroom.ports.rooms import Records
from liveroom.rooms.roles import Actor, Permission, may

log = structlog.get_logger()

PURGE = "purge"
"""The kind of job."""

AT = time(3, 40)
"""When people sleep, in China."""

SESSIONS_AT_ONCE = 20
"""Sessions of one look; the rest follows at the next one, which then comes at once."""


@dataclass(frozen=True, slots=True)
class DataClass:
    """Data of one kind, and the setting that says how many days they are kept."""

    kind: str
    setting: str


CLASSES = (
    DataClass("said", "keep_live_days"),
    DataClass("live", "keep_live_days"),
    DataClass("recordings", "keep_recording_days"),
    DataClass("contacts", "keep_contact_days"),
    DataClass("deliveries", "keep_delivery_days"),
    DataClass("codes", "keep_code_days"),
    DataClass("files", "keep_file_days"),
    DataClass("keys", "keep_key_days"),
    DataClass("looks", "keep_look_days"),
)
"""`said`: what askers and seconders added about the result of a matter, and who they were; days after its final end.

`live`: wordings that were never public, nicknames, appeals, browsers, of archived sessions; days after their end, and
after that of the matter which came of the question.

`recordings`: of broadcasts, with the clips of them.

`contacts`: of followers, after the final end of what they follow. `deliveries`: who was told what, when. `codes`: sent
codes with their contacts. `files`: attachments that no step took along. `keys`: ended sign-ins and links.
`looks`: whose contact was looked up in the vault, by whom and why; that there was a look stays.
"""


class Purging:
    """Looks once a day, or at once while there is more than one look can do."""

    def __init__(
        self,
        purges: Purges,
        records: Records,
        erasing: Erasing,
        attachments: Attachments,
        recordings: Recordings,
        clock: Clock,
        days: Mapping[str, int],
    ) -> None:
        self._purges = purges
        self._records = records
        self._erasing = erasing
        self._clock = clock
        self.days = dict(days)
        self._works: Mapping[str, Callable[[datetime], Awaitable[Purged]]] = {
            "said": self._said,
            "live": self._live,
            "recordings": self._counting("recordings", recordings.sweep),
            "contacts": self._counting("contacts", purges.contacts),
            "deliveries": self._counting("deliveries", purges.deliveries),
            "codes": self._counting("codes", purges.codes),
            "files": self._counting("files", attachments.sweep),
            "keys": self._counting("keys", purges.keys),
            "looks": self._counting("looks", purges.looks),
        }

    async def begin(self) -> None:
        """Plan the first look of an installation."""
        await self._purges.plan(next_at(self._clock(), AT))

    async def look(self, job: Job) -> None:
        """Let go of everything that was kept long enough, write down what went, plan the next look."""
        now = self._clock()
        purged = [await self._works[kind](now - timedelta(days=days)) for kind, days in self.days.items()]
        more = bool(await self._records.expired(now - timedelta(days=self.days["live"]), 1))
        await self._purges.note(job, purged, now, now if more else next_at(now, AT))
        gone = {one.kind: one.gone for one in purged if one.gone}
        log.info("purged", **gone, waiting=sum(one.waits for one in purged), held=sum(one.held for one in purged))

    async def reports(self, by: Actor, limit: int = 30) -> list[Report]:
        """What the last looks did. Refuses `forbidden`."""
        if not (may(by, Permission.ARCHIVE) or may(by, Permission.ADMINISTER) or may(by, Permission.AUDIT)):
            raise Refused("forbidden")
        return list(await self._purges.reports(limit))

    async def _said(self, before: datetime) -> Purged:
        return Purged("said", await self._purges.said(before, self._clock()))

    async def _live(self, before: datetime) -> Purged:
        sessions = await self._records.expired(before, SESSIONS_AT_ONCE)
        gone = sum([await self._erasing.expire(session, due) for session, due in sessions.items()])
        return Purged("live", gone, await self._purges.waiting(before), await self._purges.held(before))

    @staticmethod
    def _counting(kind: str, purge: Callable[[datetime], Awaitable[int]]) -> Callable[[datetime], Awaitable[Purged]]:
        async def counting(before: datetime) -> Purged:
            return Purged(kind, await purge(before))

        return counting
