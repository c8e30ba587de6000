"""Tells followers of the public steps of what they follow, each once. Knows no template and no mail server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import time

import structlog

from liveroom.actions.follow import Following
from liveroom.actions.follow_up import FollowingUp
from liveroom.actions.instead import COMMAND, NOT_ADMITTED
from liveroom.actions.tell_outcomes import TellingOutcomes
from liveroom.actions.work_off import MOST_ATTEMPTS
from liveroom.clock import Clock
from liveroom.errors import Refused, Unavailable
from liveroom.matters.sight import may_hang
from liveroom.notices.followers import Follower, NoticeState, Way, one_each
from liveroom.notices.timing import Quiet, at_once, due
from liveroom.ports.followers import Followers
from liveroom.ports.jobs import DeadJob, Job, Jobs
from liveroom.ports.matters import Matters
from liveroom.ports.notices import Addressed, Carrier, Delivery, Notice, Notices, Told, ToStaff, Wording
from liveroom.rooms.roles import Actor, Permission, require

log = structlog.get_logger()

PAGE = 50
FEED_LONGEST = 50


class Telling:
    """Two kinds of work: a step is announced, a letter is delivered. And what the office sees of it."""

    page = PAGE

    def __init__(
        self,
        followers: Followers,
        notices: Notices,
        following: Following,
        following_up: FollowingUp,
        matters: Matters,
        wording: Wording,
        carriers: Mapping[Way, Carrier],
        jobs: Jobs,
        clock: Clock,
        quiet: Quiet | None,
        digest_at: time,
        outcomes: TellingOutcomes,
        staff: ToStaff | None = None,
    ) -> None:
        self._followers = followers
        self._notices = notices
        self._following = following
        self._following_up = following_up
        self._matters = matters
        self._wording = wording
        self._carriers = carriers
        self._jobs = jobs
        self._clock = clock
        self._quiet = quiet
        self._digest_at = digest_at
        self._staff = staff
        self._outcomes = outcomes

    async def announce(self, job: Job) -> None:
        """The step `seq` of a matter becomes a notice for everybody who follows it: rows, so exactly once."""
        matter = await self._matters.load(job.data["matter"])
        seq, now = int(job.data["seq"]), self._clock()
        line = next((line for line in await self._following_up.told_of(matter) if line.seq == seq), None)
        if line is not None and matter.continues and line.event.what == COMMAND:
            # What was not admitted says itself what it goes on as.
            line = None if await self._following_up.tells(matter.continues, NOT_ADMITTED) else line
        told: list[Follower] = []
        if line is not None:
            questions = await self._following.questions_of(matter)
            followers = await self._followers.of(matter.id, questions)
            # A board in public is no place for what was told in confidence.
            told = [f for f in one_each(followers, line.at) if f.way is not Way.STATION or may_hang(matter)]
        planned = [(follower, due(follower, now, self._quiet, self._digest_at)) for follower in told]
        await self._notices.plan(matter.id, seq, planned, job, now)
        if told:
            log.info("announced", matter=matter.id, seq=seq, followers=len(told))

    async def deliver(self, job: Job) -> None:
        """Carry a letter. It is noted as being sent before, as sent after: a process that is killed between the two
        leaves it to be sent again, with the same name.
        """
        message, now = str(job.data["message"]), self._clock()
        morning = at_once(now, self._quiet)
        if morning > now:
            # It was late: the service or the process was away until the quiet hours began.
            await self._notices.postpone(message, job, morning)
            return
        notices = await self._notices.begin(message, now)
        if not notices:
            return
        to_staff = self._staff if notices[0].account else None
        ready = await (to_staff.addressed(notices) if to_staff else self._to_follower(notices))
        if ready is None:
            await self._notices.drop(message, job)
            return
        try:
            await self._carriers[ready.way].carry(ready.contact, ready.letter)
        except Refused as refused:
            await self._notices.failed(message, job, refused.code)
            log.warning("notice_failed", way=ready.way.value, problem=refused.code)
        except Unavailable as error:
            if job.attempts < MOST_ATTEMPTS:
                await self._notices.put_off(message, str(error))
                raise
            await self._notices.failed(message, job, str(error))
            log.warning("notice_failed", way=ready.way.value, problem=str(error))
        else:
            await self._notices.sent(message, job, self._clock())

    async def feed(self, follower: Follower) -> list[tuple[Notice, Told]]:
        """What a follower was told, newest first."""
        notices = await self._notices.of_follower(follower.id, FEED_LONGEST)
        told = await self._told(notices)
        return [(notice, told[notice.id]) for notice in notices if notice.id in told]

    async def deliveries(self, state: NoticeState, after: str, by: Actor) -> list[Delivery]:
        """A page of notices, newest first, for the office."""
        require(by, Permission.REVIEW)
        return await self._notices.deliveries(state, after, PAGE)

    async def counts(self, by: Actor) -> Mapping[NoticeState, int]:
        require(by, Permission.REVIEW)
        return await self._notices.counts()

    async def given_up(self, by: Actor) -> list[DeadJob]:
        """Work of any kind that was tried to the end."""
        require(by, Permission.REVIEW)
        return await self._jobs.dead()

    async def find(self, notice: str, by: Actor) -> Delivery:
        require(by, Permission.REVIEW)
        found = await self._notices.find(notice)
        if found is None:
            raise Refused("not_found")
        return found

    async def says(self, notice: Notice) -> Told:
        """What a notice tells; `not_found` for what may not be spoken of any more."""
        told = await self._told([notice])
        if notice.id not in told:
            raise Refused("not_found")
        return told[notice.id]

    async def again(self, notice: str, by: Actor) -> None:
        """Try a notice that failed anew, not in quiet hours."""
        require(by, Permission.REVIEW)
        await self._notices.again(notice, at_once(self._clock(), self._quiet))

    async def posted(self, notice: str, by: Actor) -> None:
        """A printed notice hangs at its station."""
        require(by, Permission.REVIEW)
        await self._notices.posted(notice, self._clock())

    async def revive(self, job: int, by: Actor) -> None:
        require(by, Permission.REVIEW)
        if not await self._jobs.revive(job, self._clock()):
            raise Refused("wrong_state")

    async def discard(self, job: int, by: Actor) -> None:
        require(by, Permission.REVIEW)
        if not await self._jobs.discard(job):
            raise Refused("wrong_state")

    async def _to_follower(self, notices: list[Notice]) -> Addressed | None:
        """A letter with what is news and may be spoken of, of what is followed still; a digest is of several things."""
        told = await self._told(notices)
        following = {name: await self._followers.find(name) for name in dict.fromkeys(n.follower for n in notices)}
        active = {name: follower for name, follower in following.items() if follower and follower.active}
        ready = {n.id: told[n.id] for n in notices if n.follower in active and n.id in told and not told[n.id].over}
        if silenced := [notice.id for notice in notices if notice.id not in ready]:
            await self._notices.silence(silenced)
        follower = next((active[notice.follower] for notice in notices if notice.id in ready), None)
        contact = await self._followers.contact(follower.id) if follower else None
        if follower is None or contact is None:
            return None
        write = self._wording.sms if follower.way is Way.SMS else self._wording.mail
        return Addressed(
            follower.way, contact, write(follower, list(ready.values()), notices[0].message, notices[0].due)
        )

    async def _told(self, notices: list[Notice]) -> dict[str, Told]:
        """The steps of notices, and outcomes, by notice, without what may not be spoken of any more; a matter is read
        once.
        """
        found: dict[str, dict[int, Told]] = {}
        for matter_id in {notice.matter for notice in notices if notice.matter}:
            matter = await self._matters.load(matter_id)
            history = await self._following_up.told_of(matter)
            found[matter_id] = {
                line.seq: Told.of_matter(matter, line, history[n:]) for n, line in enumerate(history, 1)
            }
        told: dict[str, Told] = {}
        for notice in notices:
            if not notice.matter:
                told[notice.id] = await self._outcomes.told(notice)
            elif notice.seq in found[notice.matter]:
                step = found[notice.matter][notice.seq]
                follower = await self._followers.find(notice.follower) if step.asks else None
                told[notice.id] = replace(step, code=await self._following.code_of(follower)) if follower else step
        return told
