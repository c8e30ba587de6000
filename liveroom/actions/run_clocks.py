"""Does what a clock of a matter makes necessary: a step of the system, a line in the history, a reminder.

Knows no kind of matter. A clock that was moved or stopped since means nothing any more, so nothing is done twice.
"""

from __future__ import annotations

from datetime import date

from liveroom.actions.matter_steps import TRIES, MatterSteps
from liveroom.errors import Stale
from liveroom.matters.engine import note
from liveroom.matters.matter import Matter, MatterStep
from liveroom.matters.timers import END, LISTED, OVERDUE
from liveroom.ports.jobs import Job
from liveroom.ports.matters import Matters


class RunningClocks:
    """The work of the jobs of kind `clock`; `data` holds matter, clock, what and ends."""

    def __init__(self, matters: Matters, steps: MatterSteps) -> None:
        self._matters = matters
        self._steps = steps

    async def work(self, job: Job) -> None:
        """Ends the job in the transaction of its step. Raises `Refused` when there is no such matter, `Stale` when it
        changed again and again meanwhile, or when the job is not ours any more.
        """
        name, what, ends = str(job.data["clock"]), str(job.data["what"]), date.fromisoformat(job.data["ends"])
        for last in (False,) * (TRIES - 1) + (True,):
            matter = await self._matters.load(str(job.data["matter"]))
            if matter.clocks.get(name) != ends:
                return
            try:
                if what == END:
                    await self._steps.expire(matter, name, ends, job)
                else:
                    late = await self._steps.late(matter, name)
                    await self._steps.note(matter, _facts(matter, name, what, ends, self._steps.today(), late), job)
            except Stale:
                if last:
                    raise
                continue
            return


def _facts(matter: Matter, name: str, what: str, ends: date, today: date, late: str) -> list[MatterStep]:
    """What the history says of it, in the order of the days also when several are due at once after an absence.

    What is overdue says who is late. Nothing is said twice of one end of a clock.
    """
    said = {"clock": name, "due": ends.isoformat()}
    if what not in (OVERDUE, LISTED):
        return [note(matter, "remind", said, today, internal=True)]
    said["late"] = late
    found = []
    if f"{name}/{ends.isoformat()}" not in matter.overdue:
        found.append(note(matter, "overdue", said, today))
    if what == LISTED and all((listing.clock, listing.due) != (name, ends) for listing in matter.listings):
        found.append(note(matter, "list_overdue", said, today))
    return found
