"""Tells followers of the outcome of their question, each once; where a matter comes of it, that is told step by step.

Knows no template and no mail server.
"""

from __future__ import annotations

from datetime import time

import structlog

from liveroom.actions.follow_up import FollowingUp
from liveroom.actions.instead import COMMAND, NOT_ADMITTED
from liveroom.clock import Clock
from liveroom.matters.matter import Matter, MatterStep
from liveroom.matters.sight import may_hang
from liveroom.notices.followers import Way, one_each
from liveroom.notices.timing import Quiet, due
from liveroom.ports.followers import Followers
from liveroom.ports.jobs import Job
from liveroom.ports.matters import Line, Matters
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
        matters: Matters,
        following_up: FollowingUp,
        clock: Clock,
        quiet: Quiet | None,
        digest_at: time,
    ) -> None:
        self._followers = followers
        self._notices = notices
        self._records = records
        self._matters = matters
        self._following_up = following_up
        self._clock = clock
        self._quiet = quiet
        self._digest_at = digest_at

    async def announce(self, job: Job) -> None:
        """The outcome in line `seq` of a session becomes a notice for everybody who follows the question, or one that
        was merged into it: rows, so exactly once. Whoever is told of it with the step of a matter is told of it once.
        """
        question, seq, now = str(job.data["question"]), int(job.data["seq"]), self._clock()
        queue = (await self._records.load(str(job.data["session"]))).queue
        asked = queue.questions[question]
        line, given, _ = await self._line(question, seq)
        followers = await self._followers.of("", [question, *(merged.id for merged in queue.merged(question))])
        telling = await self._telling(given, str(job.data.get("ended", "")))
        # A board in public is no place for what was never public.
        told = [
            follower
            for follower in one_each(followers, line.at)
            if (asked.was_public or follower.way is not Way.STATION)
            and (telling is None or (follower.way is Way.STATION and not may_hang(telling)))
        ]
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
        line, _, over = await self._line(notice.question, notice.seq)
        return Told(asked.id, QUESTION, "", asked.text, line, over=over)

    async def _telling(self, given: OutcomeGiven, ended: str) -> Matter | None:
        """The matter of which a step that is told says the outcome: the one that let the question go, or that began."""
        for matter, command in ((ended, NOT_ADMITTED), (given.matter, COMMAND)):
            if matter and await self._following_up.tells(matter, command):
                return await self._matters.load(matter)
        return None

    async def _line(self, question: str, seq: int) -> tuple[Line, OutcomeGiven, bool]:
        """The line, what stands in it, and whether another outcome has taken its place."""
        session = await self._records.session_of(question) or ""
        entries = [e for e in await self._records.about(session, [question]) if e.seq >= seq]
        outcomes = [(entry, entry.event) for entry in entries if isinstance(entry.event, OutcomeGiven)]
        if not outcomes or outcomes[0][0].seq != seq:
            raise LookupError(f"line {seq} about {question} tells of no outcome")
        (entry, given), *later = outcomes
        note = given.note if given.outcome is Outcome.ANSWERED_TEXT else ""
        values = {"outcome": given.outcome.value, "text": note, "note": given.note}
        over = any((one.outcome, one.note) != (given.outcome, given.note) for _, one in later)
        return Line(seq, entry.at, "", "", MatterStep("outcome", "", values)), given, over
