"""Other programs are told of the public steps of matters: planned once, signed, tried again. Knows no network."""

from __future__ import annotations

import secrets
from collections.abc import Collection

import msgspec
import structlog

from liveroom import ids
from liveroom.actions.follow_up import FollowingUp
from liveroom.actions.work_off import MOST_ATTEMPTS
from liveroom.clock import Clock
from liveroom.errors import Refused, Unavailable
from liveroom.exchange.parcels import SECRET_BYTES, check_url, show_secret, signed
from liveroom.matters.matter import Matter
from liveroom.matters.sight import everybody_reads
from liveroom.ports.hooks import Delivery, Hook, HookEvent, Hooks, Parcel, Poster, Way
from liveroom.ports.jobs import Job
from liveroom.ports.matters import Line, Matters
from liveroom.rooms.roles import Actor, Permission, require
from liveroom.text import require_text

log = structlog.get_logger()

HOOKS_LIMIT = 20
NAME_LIMIT = 40
SHOWN = 20
GONE = 410
"""A program that answers so wants nothing more (Standard Webhooks 1.0.0, “Status codes”)."""

_EVENTS = {"register": HookEvent.REGISTERED, "assign": HookEvent.ASSIGNED, "reply": HookEvent.REPLIED}


class StepTold(msgspec.Struct, frozen=True):
    """A public step, and the matter as it is now."""

    number: str
    kind: str
    title: str
    seq: int
    what: str
    state: str
    end: str
    values: dict[str, str]


class Told(msgspec.Struct, frozen=True):
    """The body of a message."""

    type: str
    timestamp: str
    data: StepTold | dict[str, str]


class TellingPrograms:
    """Webhooks: who is told, what, and what became of it."""

    def __init__(
        self,
        hooks: Hooks,
        matters: Matters,
        following_up: FollowingUp,
        poster: Poster,
        clock: Clock,
        *,
        private: bool,
    ) -> None:
        self._hooks = hooks
        self._matters = matters
        self._following_up = following_up
        self._poster = poster
        self._clock = clock
        self._private = private

    async def all(self, by: Actor) -> list[tuple[Hook, list[Delivery]]]:
        """Every hook with its latest deliveries."""
        require(by, Permission.CONNECT)
        return [(hook, await self._hooks.latest(hook.id, SHOWN)) for hook in await self._hooks.all()]

    async def add(self, name: str, url: str, events: Collection[str], by: Actor) -> tuple[Hook, str]:
        """A new hook and its secret, which is shown this once.

        Refuses `hook_address`, `bad_choice`, `nothing_chosen`, `too_many`, `empty`, `too_long`.
        """
        require(by, Permission.CONNECT)
        name, url = require_text(name, "name", NAME_LIMIT), check_url(url, private=self._private)
        if not events:
            raise Refused("events_missing")
        if not set(events) <= set(HookEvent):
            raise Refused("bad_choice")
        if len(await self._hooks.all()) >= HOOKS_LIMIT:
            raise Refused("too_many", limit=HOOKS_LIMIT)
        secret = secrets.token_bytes(SECRET_BYTES)
        hook = Hook(ids.new_id(), name, url, frozenset(map(HookEvent, events)), self._clock(), by.name)
        await self._hooks.add(hook, secret)
        return hook, show_secret(secret)

    async def remove(self, hook: str, by: Actor) -> None:
        require(by, Permission.CONNECT)
        if not await self._hooks.remove(hook):
            raise Refused("not_found")

    async def switch(self, hook: str, on: bool, by: Actor) -> None:
        """Tell a program nothing more for now, or again."""
        require(by, Permission.CONNECT)
        if not await self._hooks.switch(hook, "" if on else "stopped"):
            raise Refused("not_found")

    async def ping(self, hook: str, by: Actor) -> None:
        """Send a trial."""
        require(by, Permission.CONNECT)
        now = self._clock()
        if hook not in {kept.id for kept in await self._hooks.all()}:
            raise Refused("not_found")
        await self._hooks.plan([Delivery(_name(), hook, "ping", "", 0, now)], now)

    async def again(self, delivery: str, by: Actor) -> None:
        """Try one that failed anew."""
        require(by, Permission.CONNECT)
        if not await self._hooks.again(delivery, self._clock()):
            raise Refused("wrong_state")

    async def announce(self, job: Job) -> None:
        """Plan what programs are told of the step `seq` of a matter. Planned once, however often this is called."""
        hooks = [hook for hook in await self._hooks.all() if not hook.off_because]
        if not hooks:
            return
        found = await self._step(str(job.data["matter"]), int(job.data["seq"]))
        if found is None:
            return
        matter, line = found
        kinds, now = kinds_of(line), self._clock()
        planned = [
            Delivery(_name(), hook.id, min(hook.events & kinds, key=list(HookEvent).index), matter.id, line.seq, now)
            for hook in hooks
            if hook.events & kinds and hook.made_at <= line.at
        ]
        if planned:
            await self._hooks.plan(planned, now)

    async def deliver(self, job: Job) -> None:
        """One attempt. It may come twice, with the same name, when the process dies between sending and noting."""
        kept = await self._hooks.delivery(str(job.data["delivery"]))
        if kept is None:
            return
        delivery, hook = kept
        parcel = await self._parcel(delivery, hook)
        if hook.off_because or parcel is None:
            await self._note(delivery, job, Way.FAILED, 0, hook.off_because or "gone")
            return
        try:
            status = await self._poster.post(parcel)
        except Refused as refused:
            await self._note(delivery, job, Way.FAILED, 0, refused.code)
        except Unavailable as error:
            await self._missed(delivery, job, 0, str(error))
        else:
            if 200 <= status < 300:
                await self._note(delivery, job, Way.SENT, status, "")
            elif status == GONE:
                await self._note(delivery, job, Way.FAILED, status, "gone")
                await self._hooks.switch(hook.id, "gone")
            else:
                await self._missed(delivery, job, status, f"answered {status}")

    async def _missed(self, delivery: Delivery, job: Job, status: int, problem: str) -> None:
        last = job.attempts >= MOST_ATTEMPTS
        await self._note(delivery, job, Way.FAILED if last else Way.WAITING, status, problem)
        if not last:
            raise Unavailable(problem)

    async def _note(self, delivery: Delivery, job: Job, way: Way, status: int, problem: str) -> None:
        if way is Way.FAILED:
            log.warning("hook_failed", hook=delivery.hook, delivery=delivery.id, status=status, problem=problem)
        await self._hooks.tried(delivery.id, self._clock(), way, status, problem, job)

    async def _parcel(self, delivery: Delivery, hook: Hook) -> Parcel | None:
        secret = await self._hooks.secret(hook.id)
        told = await self._told(delivery)
        if secret is None or told is None:
            return None
        body = msgspec.json.encode(told)
        return Parcel(hook.url, body, signed(delivery.id, self._clock(), body, secret))

    async def _told(self, delivery: Delivery) -> Told | None:
        at = delivery.planned_at.isoformat()
        if not delivery.matter:
            return Told(delivery.event, at, {})
        found = await self._step(delivery.matter, delivery.seq)
        if found is None:
            return None
        matter, line = found
        event = line.event
        return Told(
            delivery.event,
            line.at.isoformat(),
            StepTold(matter.number, matter.kind, matter.title, line.seq, event.what, event.to, event.end, event.values),
        )

    async def _step(self, matter_id: str, seq: int) -> tuple[Matter, Line] | None:
        """A step that everybody may know of; what became confidential meanwhile is told to nobody."""
        try:
            matter = await self._matters.load(matter_id)
        except Refused:
            return None
        if not everybody_reads(matter):
            return None
        history = await self._following_up.history(matter)
        # What came before it had its number was nobody's yet, also when it is announced late.
        first = next((line.seq for line in history if "number" in line.event.values), 0)
        line = next((line for line in history if line.seq == seq >= first), None)
        return (matter, line) if line else None


def kinds_of(line: Line) -> frozenset[HookEvent]:
    """What a step is called, the most exact name first in the order of the events."""
    found = {HookEvent.STEP}
    if line.event.what in _EVENTS:
        found.add(_EVENTS[line.event.what])
    if line.event.end:
        found.add(HookEvent.CLOSED)
    return frozenset(found)


def _name() -> str:
    return f"msg_{ids.new_id()}"
