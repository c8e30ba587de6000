"""Tells followers of the outcome of their question, each once; where a matter comes of it, that is told step by step.

Knows no template and no mail server.
"""

from __future__ import annotations

from datetime import time

import structlog

from liveroom.clock import Clock
from liveroom.matters.matter import MatterStep
from liveroom.notices.followers import Way, one_each
from liveroom.notices.timing import Quiet, due
from liveroom.ports.followers import Followers
from liveroom.ports.jobs import Job
from liveroom.ports.matters import Line
from liveroom.ports.notices import QUESTION, Notice, Notices, Told
from liveroom.ports.rooms import Records
from liveroom.qa.events import OutcomeGiven
from liveroom.qa.question import Outcome

log = structlog.get_logger()


class TellingOutcomes:
    """Announces outcomes, and says what letters tell of them."""

    def __init__(
        self,
        followers: Followers,
        notices: Notices,
        records: Records,
        clock: Clock,
        quiet: Quiet | None,
        digest_at: time,
    ) -> None:
        self._followers = followers
        self._notices = notices
        self._records = records
        self._clock = clock
        self._quiet = quiet
        self._digest_at = digest_at

    async def announce(self, job: Job) -> None:
        """The outcome in line `seq` of a session becomes a notice for everybody who follows the question, or one that
        was merged into it: rows, so exactly once.
        """
        question, seq, now = str(job.data["question"]), int(job.data["seq"]), self._clock()
        queue = (await self._records.load(str(job.data["session"]))).queue
        asked = queue.questions[question]
        line = await self._line(question, seq)
        followers = await self._followers.of("", [question, *(merged.id for merged in queue.merged(question))])
        # A board in public is no place for what was never public.
        told = [f for f in one_each(followers, line.at) if asked.was_public or f.way is not Way.STATION]
        planned = [(follower, due(follower, now, self._quiet, self._digest_at)) for follower in told]
        await self._notices.plan("", seq, planned, job, now, question=question)
        if told:
            log.info("announced", question=question, seq=seq, followers=len(told))

    async def told(self, notice: Notice) -> Told:
        """What a notice of an outcome says: under the words that its receiver follows."""
        session = await self._records.session_of(notice.question)
        queue = (await self._records.load(session or "")).queue
        follower = await self._followers.find(notice.follower)
        theirs = queue.get(follower.question) if follower else None
        asked = theirs or queue.questions[notice.question]
        return Told(asked.id, QUESTION, "", asked.text, await self._line(notice.question, notice.seq))

    async def _line(self, question: str, seq: int) -> Line:
        session = await self._records.session_of(question) or ""
        for entry in await self._records.about(session, [question]):
            if entry.seq == seq and isinstance(entry.event, OutcomeGiven):
                note = entry.event.note if entry.event.outcome is Outcome.ANSWERED_TEXT else ""
                values = {"outcome": entry.event.outcome.value, "text": note, "note": entry.event.note}
                return Line(seq, entry.at, "", "", MatterStep("outcome", "", values))
        raise LookupError(f"line {seq} about {question} tells of no outcome")
