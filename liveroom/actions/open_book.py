"""What everybody may read: figures with the matters behind them, the promise ledger, what is new, frozen quarters.

Knows no page, and gives away no matter that is confidential: it is counted and not named.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from liveroom.clock import Clock, day
from liveroom.errors import Refused
from liveroom.matters.calendar import WorkingDays, working_days_until
from liveroom.matters.matter import Matter
from liveroom.matters.periods import Period, read_period
from liveroom.matters.promises import Standing
from liveroom.matters.statement import Entry, Statement, read, written
from liveroom.matters.statistics import GROUPS, PARTS, TIME_TO_REPLY, Statistics, count, opened, waiting
from liveroom.ports.matters import Listed, Matters, Order, Wanted
from liveroom.ports.openness import CASES_A_PAGE, Frozen, Openness, PromisePage, Scope, Told
from liveroom.ports.signing import Signer
from liveroom.rooms.roles import Actor, Permission, require

KIND = "suggestion"
"""What the published figures are about."""

NEWS = 50
OVERDUE = Wanted(kinds=(KIND,), public=True, late="unit", final=False)
"""What is listed as overdue (通报)."""


@dataclass(frozen=True, slots=True)
class Days:
    """Working days of the clock that counts: used, and left (negative when it is over).

    What rests on holidays that are not published yet is a guess.
    """

    used: int | None = None
    left: int | None = None
    used_guessed: bool = False
    left_guessed: bool = False


@dataclass(frozen=True, slots=True)
class CasePage:
    """Some of the matters behind a figure; `hidden` are confidential ones, which are counted and not shown."""

    rows: Sequence[Listed]
    total: int
    hidden: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Checked:
    """A frozen quarter; `said` is what it says, None when it cannot be read.

    `holds` when it is signed with this installation's key, and is about this quarter.
    """

    frozen: Frozen
    said: Statement | None
    holds: bool


class OpenBook:
    """Reads what is published, and freezes quarters."""

    def __init__(self, openness: Openness, matters: Matters, signer: Signer, clock: Clock, days: WorkingDays) -> None:
        self._openness = openness
        self._matters = matters
        self._signer = signer
        self._clock = clock
        self._days = days

    def today(self) -> date:
        return day(self._clock())

    def days(self, matter: Matter | Listed, since: date | None = None) -> Days:
        """How the clock that counts stands today."""
        due, today = matter.due, self.today()
        if due is None or matter.final:
            return Days()
        used = working_days_until(since, today, self._days) if since and since <= today else None
        known = self._days.covers(today)
        left = working_days_until(today, due, self._days)
        return Days(used, left, used_guessed=not known, left_guessed=not (known and self._days.covers(due)))

    async def statistics(self, period: Period, by: str = "") -> Statistics:
        """All figures of a period, counted beside the loop: a year can be many."""
        cases = await self._openness.cases(KIND, period)
        return await asyncio.to_thread(count, cases, period, self.today(), by)

    async def behind(
        self, period: Period, measure: str, part: str, groups: Mapping[str, str] | None = None, page: int = 1
    ) -> CasePage:
        """The matters of one part of a figure, by their numbers; of the time to reply what took longest first.

        `groups` has values for some of `GROUPS`. `Refused("not_found")` for a figure that there is not.
        """
        scope = Scope(KIND, period, groups or {})
        if part not in PARTS.get(measure, ()) or not set(scope.groups) <= set(GROUPS):
            raise Refused("not_found")
        if page < 1:
            raise Refused("bad_page")
        taken = await self._openness.days_to_reply(scope) if measure == TIME_TO_REPLY else ()
        found = await self._openness.behind(scope, opened(measure, part, waiting(taken)), self.today(), page)
        pages = max(1, -(-(found.total - found.hidden) // CASES_A_PAGE))
        if page > pages:
            raise Refused("bad_page")
        return CasePage(found.rows, found.total, found.hidden, page, pages)

    async def promises(self, standing: Standing | None, after: str = "") -> PromisePage:
        return await self._openness.promises(standing, self.today(), after)

    async def standings(self) -> dict[Standing, int]:
        return await self._openness.standings(self.today())

    async def news(self, wanted: Wanted) -> list[Told]:
        """What was told last of what is public."""
        return await self._openness.told(wanted, NEWS)

    async def freeze(self, quarter: str, by: Actor) -> Frozen:
        """Publish a quarter for good: counted, written down, signed. Refuses `quarter_not_over`, `already_frozen`."""
        require(by, Permission.REVIEW)
        period = read_period(quarter)
        if period is None or not period.is_quarter:
            raise Refused("not_found")
        if not period.over(self.today()):
            raise Refused("quarter_not_over")
        at, today = self._clock(), self.today()
        cases = await self._openness.cases(KIND, period)
        names = {unit.id: unit.name for unit in await self._matters.units()}
        overdue, broken = await self._overdue(), await self._broken()
        text = await asyncio.to_thread(written, cases, period, at, today, names, overdue, broken)
        frozen = Frozen(quarter, text, self._signer.key, self._signer.sign(text.encode()), at, by.name)
        await self._openness.freeze(frozen, by)
        return frozen

    async def frozen(self, quarter: str) -> Checked | None:
        """A quarter as it was published; None while it is not."""
        found = await self._openness.frozen(quarter)
        if found is None:
            return None
        said = read(found.statement)
        signed = self._signer.is_signed(found.key, found.statement.encode(), found.signature)
        ours = found.key == self._signer.key and said is not None and said.quarter == quarter
        return Checked(found, said, signed and ours)

    async def _overdue(self) -> list[Entry]:
        found, after = [], ""
        while True:
            page = await self._matters.find(OVERDUE, Order.DUE, after)
            found += [Entry(row.number, row.unit, row.due) for row in page.rows if row.due is not None]
            if not (after := page.after):
                return found

    async def _broken(self) -> list[Entry]:
        found, after = [], ""
        while True:
            page = await self.promises(Standing.DUE, after)
            found += [Entry(row.matter.number, row.matter.unit, row.promised) for row in page.rows]
            if not (after := page.after):
                return found

    async def frozen_quarters(self) -> list[str]:
        return await self._openness.frozen_quarters()
