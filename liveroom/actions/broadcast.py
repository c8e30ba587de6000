"""What happens to a session as a whole: planned, on air, interrupted, cut, ended. Knows no packets."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from liveroom import ids
from liveroom.actions.seal_votes import SealingVotes
from liveroom.actions.sittings import Change, Sittings
from liveroom.clock import Clock
from liveroom.errors import Refused, Unavailable
from liveroom.ports.media import Media
from liveroom.ports.rooms import Records, Sitting
from liveroom.qa.commands import Freeze
from liveroom.qa.decide import decide as decide_question
from liveroom.rooms import session as rooms
from liveroom.rooms.roles import SYSTEM, Actor, Permission, require
from liveroom.rooms.session import BEFORE, ON_THE_AIR, OVER, Session, SessionState

LINGER = timedelta(hours=24)
"""How long a room shows the session that has just ended, unless the next one is near."""

NEAR = timedelta(hours=1)
"""How long before its start the next session takes the room over."""

LATE = timedelta(hours=4)
"""How long after its start a session that nobody began is still waited for, unless the room has nothing else."""

PLANNED = BEFORE - {SessionState.DRAFT}


class Broadcasting:
    """Sessions: which one a room shows, who may go on air, and the steps of its life."""

    def __init__(self, records: Records, sittings: Sittings, sealing: SealingVotes, clock: Clock) -> None:
        self._records = records
        self._sittings = sittings
        self._sealing = sealing
        self._clock = clock

    async def current(self, slug: str) -> Session | None:
        """The session that the room shows now. Raises `not_found` for an unknown room."""
        programme = await self._records.programme(slug)
        if programme is None:
            raise Refused("not_found")
        return choose(programme[1], self._clock())

    async def coming(self) -> list[Session]:
        """In all rooms, what was planned and is still waited for; by its start."""
        now = self._clock()
        return [s for s in await self._records.sessions(states=PLANNED) if _is_waited_for(s, now)]

    async def to_broadcast(self, slug: str, by: Actor) -> Session:
        """The session this person may go on air in now.

        Raises `not_found`, `no_session`, `forbidden`, `session_over`, `session_cut`.
        """
        require(by, Permission.BROADCAST)
        session = await self.current(slug)
        if session is None:
            raise Refused("no_session")
        if not rooms.may_broadcast(session, by):
            raise Refused("forbidden", permission=Permission.BROADCAST.value)
        if session.state is SessionState.CUT:
            raise Refused("session_cut", reason=session.cut_reason)
        if session.state in OVER or session.state is SessionState.DRAFT:
            raise Refused("session_over", state=session.state.value)
        return session

    async def plan(self, slug: str, topic: str, starts_at: datetime, deputies: tuple[str, ...], by: Actor) -> Session:
        """A new session, announced."""
        if await self._records.room(slug) is None:
            raise Refused("not_found")
        now = self._clock()
        event = rooms.schedule(topic, starts_at, deputies, by, now)
        session = Session(ids.new_id(), slug, event.topic, event.starts_at, event.deputies)
        await self._records.add_session(session, event, by, now)
        await self._sittings.announce()
        return session

    async def media_flows(self, media: Media, session: str) -> None:
        """The publisher's media arrive: on air, or back on air. Where they may not flow they are stopped."""

        def flowing(sitting: Sitting, now: datetime) -> Change:
            if sitting.session.state not in rooms.RULES[rooms.GoLive].sources:
                return Change([])
            return Change(rooms.decide(sitting.session, rooms.GoLive(), SYSTEM, now))

        after = await self._sittings.change(session, flowing, SYSTEM)
        if after.session.state not in {SessionState.LIVE, SessionState.INTERRUPTED}:
            # An offer that was on its way while the session was cut off or ended.
            await media.cut(session)

    async def media_lost(self, session: str) -> None:
        """The publisher is gone; the session waits."""

        def lost(sitting: Sitting, now: datetime) -> Change:
            if sitting.session.state is not SessionState.LIVE:
                return Change([])
            return Change(rooms.decide(sitting.session, rooms.Interrupt(), SYSTEM, now))

        await self._sittings.change(session, lost, SYSTEM)

    async def may_flow(self, session: str) -> None:
        """Raises `session_cut` or `session_over` when nobody's media may flow, whoever they are."""
        found = (await self._records.load(session)).session
        if found.state is SessionState.CUT:
            raise Refused("session_cut", reason=found.cut_reason)
        if found.state in OVER:
            raise Refused("session_over", state=found.state.value)

    async def keep_to_records(self, media: Media, session: str) -> bool:
        """Stop media that the session does not allow any more; whether they may go on."""
        try:
            await self.may_flow(session)
        except Refused:
            await media.cut(session)
            return False
        return True

    async def live(self) -> Sequence[str]:
        """The sessions that the records call live: somewhere their media should flow."""
        return [session.id for session in await self._records.sessions(states={SessionState.LIVE})]

    async def wait_for_publishers(self) -> None:
        """At the start of the process, when no media can be there: whatever was live waits for its publisher."""
        for session in await self.live():
            await self.media_lost(session)

    async def cut(self, media: Media, session: str, reason: str, by: Actor) -> Sitting:
        """即时阻断: recorded first, so that nobody can come back in between; then the media stop."""
        after = await self._step(session, rooms.CutOff(reason), by)
        await media.cut(session)
        return after

    async def resume(self, session: str, by: Actor) -> Sitting:
        return await self._step(session, rooms.LiftCut(), by)

    async def shield(self, session: str, command: rooms.RaiseShield | rooms.LowerShield, by: Actor) -> Sitting:
        """Hold what comes in during a flood; or hold it no longer."""
        return await self._step(session, command, by)

    async def cancel(self, session: str, reason: str, by: Actor) -> Sitting:
        return await self._step(session, rooms.Cancel(reason), by)

    async def end(self, media: Media, session: str, by: Actor) -> Sitting:
        """The broadcast is over: open questions are deferred with it, then the media stop and the votes are sealed."""

        def ending(sitting: Sitting, now: datetime) -> Change:
            facts = rooms.decide(sitting.session, rooms.End(), by, now)
            return Change([*decide_question(sitting.queue, sitting.session, Freeze(), by, now), *facts])

        after = await self._sittings.change(session, ending, by)
        await media.cut(session)
        # Committed already: a seal that cannot be written now is made up for at the next start.
        with contextlib.suppress(Unavailable):
            await self._sealing.seal(session)
        return after

    async def _step(self, session: str, command: rooms.SessionCommand, by: Actor) -> Sitting:
        def stepping(sitting: Sitting, now: datetime) -> Change:
            return Change(rooms.decide(sitting.session, command, by, now))

        return await self._sittings.change(session, stepping, by)


def choose(sessions: Sequence[Session], now: datetime) -> Session | None:
    """Of a room's sessions: the one on air; else one just ended while no next one is near; else the nearest planned.

    When nothing is planned, the last one that took place; then one that was planned and did not; None when there never
    was one.
    """
    on_air = [s for s in sessions if s.state in ON_THE_AIR]
    if on_air:
        return on_air[0]
    planned = [s for s in sessions if s.state in PLANNED]
    planned.sort(key=lambda s: abs(s.starts_at - now))
    next_one = next((s for s in planned if _is_waited_for(s, now)), None)
    last = max((s for s in sessions if s.ended_at is not None), key=lambda s: s.ended_at or now, default=None)
    if last is None or last.ended_at is None:
        return next_one or next(iter(planned), None)
    near = next_one is not None and next_one.starts_at - now < NEAR
    return last if now - last.ended_at < LINGER and not near else next_one or last


def _is_waited_for(planned: Session, now: datetime) -> bool:
    return now - planned.starts_at <= LATE
