"""Does what the outbox says is due, and tries again what failed. Knows no kind of work by name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import timedelta

import structlog

from liveroom.clock import Clock
from liveroom.errors import Refused, Stale, Unavailable
from liveroom.ports.jobs import LEASE, Job, Jobs

log = structlog.get_logger()

LOOK_EVERY = 1.0
"""Seconds between two looks at the outbox, which other processes fill, too."""

AT_ONCE = 8
"""Jobs of one process at the same time: most of them wait for a mail server."""

LONGEST = 45.0
"""Seconds that one job may take: less than its lease, so that nobody else is at it meanwhile."""

STOP_SECONDS = 3.0
"""How long the end of the process waits for work that is under way."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=6)
MOST_ATTEMPTS = 12
"""Over about a day; then a job is given up, and the office sees it."""

Work = Callable[[Job], Awaitable[None]]
"""Does one job. Work in the database ends its job in the same transaction; what is outside may happen twice.

Raises `Unavailable` to be called again later, `Refused` when it never can be done.
"""


class WorkingOff:
    """One for each process; the leases of the outbox keep them apart."""

    def __init__(self, jobs: Jobs, works: Mapping[str, Work], clock: Clock) -> None:
        self._jobs = jobs
        self._works = dict(works)
        self._clock = clock
        self._stopping = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    async def run(self) -> None:
        """For as long as the process serves, until `stop`."""
        while not self._stopping.is_set():
            try:
                worked = await self.work_off()
                wait = await self._until_next()
            except Unavailable as error:
                log.warning("jobs_wait", problem=str(error))
                worked, wait = 0, LOOK_EVERY
            if not worked:
                await self._sleep(wait)

    async def work_off(self) -> int:
        """Do what is due now, a few at a time; how many were tried."""
        now = self._clock()
        due = await self._jobs.next_due(now, self._works)
        if due is None or due > now or self._stopping.is_set():
            return 0
        self._idle.clear()
        try:
            taken = await self._jobs.take(now, self._works, AT_ONCE)
            await asyncio.gather(*(self._do_all(about) for about in _by_subject(taken)))
        finally:
            self._idle.set()
        return len(taken)

    async def stop(self) -> None:
        """Take nothing more, and wait a little for what is under way. What is cancelled then is given back."""
        self._stopping.set()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._idle.wait()
        except TimeoutError:
            log.warning("jobs_interrupted")

    async def _do_all(self, taken: Sequence[Job]) -> None:
        """One after the other: what is about one thing keeps its order, and is in nobody's way.

        What would outlive its lease when its turn comes is given back.
        """
        begin_until = asyncio.get_running_loop().time() + LEASE.total_seconds() - LONGEST
        left = list(taken)
        try:
            while left and asyncio.get_running_loop().time() < begin_until:
                await self._do(left.pop(0))
        finally:
            for job in left:
                await self._note(self._jobs.give_back(job), job)

    async def _do(self, job: Job) -> None:
        try:
            problem = await self._try(job)
        except asyncio.CancelledError:
            await self._note(self._jobs.give_back(job), job)
            raise
        if problem is None:
            return
        final, error = problem
        now = self._clock()
        again_at = None if final or job.attempts >= MOST_ATTEMPTS else now + pause(job.attempts)
        log.warning("job_failed", kind=job.kind, job=job.id, attempts=job.attempts, problem=error, again_at=again_at)
        await self._note(self._jobs.failed(job, again_at, error, now), job)

    async def _try(self, job: Job) -> tuple[bool, str] | None:
        """None when the job has ended; else whether it is final, and what is wrong, without anything personal."""
        if job.attempts > MOST_ATTEMPTS:
            return True, "the process died of it again and again"
        try:
            async with asyncio.timeout(LONGEST):
                await self._works[job.kind](job)
            await self._jobs.done(job)
        except Refused as refused:
            return True, f"refused: {refused.code}"
        except Stale:
            return False, "it was changed meanwhile"
        except Unavailable as error:
            return False, str(error)
        except TimeoutError:
            return False, "it took too long"
        except Exception as error:
            # The kind only: what an unforeseen error says may hold anything.
            log.exception("job_broke", kind=job.kind, job=job.id)
            return False, type(error).__name__
        return None

    async def _note(self, noting: Awaitable[None], job: Job) -> None:
        try:
            await noting
        except Unavailable as error:
            # The lease runs out, and then the job is taken again.
            log.warning("job_not_noted", kind=job.kind, job=job.id, problem=str(error))

    async def _until_next(self) -> float:
        now = self._clock()
        due = await self._jobs.next_due(now, self._works)
        return LOOK_EVERY if due is None else min(LOOK_EVERY, max(0.0, (due - now).total_seconds()))

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            pass


def _by_subject(taken: Iterable[Job]) -> list[list[Job]]:
    """Jobs whose keys agree in the first two parts belong together (`matter:{id}`)."""
    found: dict[tuple[str, ...], list[Job]] = {}
    for job in taken:
        found.setdefault(tuple(job.key.split(":")[:2]), []).append(job)
    return list(found.values())


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: twice as long each time, up to six hours."""
    doubled: int = 1 << min(attempts - 1, 20)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)
