"""Reminds the staff (提醒、催办、通报): each person once of each step, on their work list and by their address.

Knows no rule of who is told, no template and no service.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

import structlog

from liveroom.clock import Clock
from liveroom.matters.reminding import Reminder, Why, receivers
from liveroom.notices.followers import Way
from liveroom.notices.timing import Quiet, for_staff
from liveroom.ports.jobs import Job
from liveroom.ports.notices import Addressed, Notice
from liveroom.ports.people import People
from liveroom.ports.reminders import PAGE, Addresses, Planned, Reminded, Reminders, StaffWording
from liveroom.rooms.roles import Actor

log = structlog.get_logger()


class Reminding:
    """The work of the jobs of kind `remind`, the letters that come of it, and each person's own list."""

    page = PAGE

    def __init__(
        self,
        reminders: Reminders,
        addresses: Addresses,
        people: People,
        wording: StaffWording,
        clock: Clock,
        quiet: Quiet | None,
        morning: time,
    ) -> None:
        self._reminders = reminders
        self._addresses = addresses
        self._people = people
        self._wording = wording
        self._clock = clock
        self._quiet = quiet
        self._morning = morning

    async def work(self, job: Job) -> None:
        """A step becomes a reminder for everybody whom it concerns: rows, so exactly once.

        `data` holds matter, seq, by (who took it) and told (reasons and names, as `matters.reminding` decided them).
        """
        now, addresses = self._clock(), await self._addresses.all()
        told = [Reminder(Why(why), whom) for why, whom in job.data["told"]]
        people = [account.actor for account in await self._people.accounts() if not account.removed]
        planned = []
        for account, why in receivers(told, people, str(job.data["by"])).items():
            due, gathers = for_staff(now, self._morning, self._quiet, urgent=why.urgent)
            way = addresses[account].way if account in addresses else Way.WORKLIST
            planned.append(Planned(account, why, way, due, gathers))
        await self._reminders.plan(str(job.data["matter"]), int(job.data["seq"]), planned, job, now)
        if planned:
            log.debug("reminded", matter=job.data["matter"], seq=job.data["seq"], people=len(planned))

    async def addressed(self, notices: Sequence[Notice]) -> Addressed | None:
        """The letter of these notices, which are one person's; satisfies `liveroom.ports.notices.ToStaff`."""
        first = notices[0]
        account, address = await self._people.account(first.account), await self._addresses.of(first.account)
        if account is None or account.removed or address.contact is None or not address.way.carried:
            return None
        told = await self._reminders.of_message(account.actor, first.message)
        kept = {notice.id for notice in notices}
        told = sorted((one for one in told if one.id in kept), key=lambda one: list(Why).index(one.why))
        write = self._wording.staff_sms if address.way is Way.SMS else self._wording.staff_mail
        return Addressed(address.way, address.contact, write(address, account.name, told, first.message, first.due))

    async def of(self, by: Actor, *, after: str = "", unread: bool = False, limit: int = PAGE) -> list[Reminded]:
        """A page of what this person was told, newest first."""
        return await self._reminders.of(by, after=after, limit=limit, unread=unread)

    async def unread(self, by: Actor) -> int:
        return await self._reminders.unread(by.id)

    async def read(self, by: Actor, matter: str = "") -> None:
        """This person has opened a matter; or looked through all of them."""
        await self._reminders.read(by.id, matter, self._clock())
