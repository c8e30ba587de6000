"""What a hall says of its session, made once for all who hear the same. Knows no channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from liveroom import clock
from liveroom.actions.attend import Attending, Missed
from liveroom.ports.rooms import Sitting
from liveroom.qa.wire import Audience
from liveroom.rooms.roles import GRANTS, Actor
from liveroom.rooms.session import in_session
from liveroom.server.frames import encode, frame, message

READY = 64
"""Arrivals kept ready; those of ten thousand who come back at once are few."""

_NONE_OF_MINE = frame(message("mine", questions=[]))


class Messages:
    """The frames of one session's messages; what is kept ready is of its newest sitting."""

    def __init__(self, attending: Attending) -> None:
        self._attending = attending
        self._votes_text: tuple[Mapping[str, int], msgspec.Raw] = ({}, encode({}))
        self._askers: tuple[int, frozenset[str]] = (-1, frozenset())
        # Votes in them may be older than those of the `counts` that follow.
        self._ready_for = -1
        self._ready: dict[tuple[Any, ...], bytes] = {}

    def nothing(self, actor: Actor) -> bytes:
        """For a room that has no session."""
        return self._snapshot(actor, seq=0, session=None, questions=[])

    async def arrival(
        self, sitting: Sitting, votes: Mapping[str, int], audience: Audience, actor: Actor, place: int | None
    ) -> bytes:
        """The feed since a place that is known, or a snapshot."""
        if self._ready_for != sitting.seq or len(self._ready) >= READY:
            self._ready_for = sitting.seq
            self._ready.clear()
        actor = in_session(sitting.session, actor)
        unnamed = await self._attending.unnamed(sitting)
        looks = (actor.name, actor.roles) if place is None else (place,)
        key = (audience, unnamed, *looks)
        made = self._ready.get(key)
        if made is not None:
            return made
        found = None if place is None else await self._attending.missed(sitting, place, votes, [audience])
        if found is not None:
            made = self.feed(found[audience], found[audience].after, clock.milliseconds())
        else:
            session = await self._attending.session_view(sitting.session)
            questions = self._attending.questions(sitting, votes, audience, unnamed)
            made = self._snapshot(actor, seq=sitting.seq, session=session, questions=questions)
        # A snapshot in place of a feed is this actor's, and somebody else may have another sitting by now.
        if (place is None or found is not None) and self._ready_for == sitting.seq:
            self._ready[key] = made
        return made

    def feed(self, missed: Missed, after: int, at: int) -> bytes:
        """What changed since the event `after`; committed `at`, in milliseconds since 1970."""
        fields: dict[str, Any] = {
            "epoch": self._attending.epoch,
            "after": after,
            "seq": missed.seq,
            "at": at,
            "changed": missed.changed,
            "gone": missed.gone,
            "notes": missed.notes,
        }
        if missed.session is not None:
            fields["session"] = missed.session
        return frame(message("feed", **fields))

    def mine(self, sitting: Sitting, votes: Mapping[str, int], device: str) -> bytes:
        """The device's own questions."""
        if device not in self.askers(sitting):
            return _NONE_OF_MINE
        return frame(message("mine", questions=self._attending.mine(sitting, votes, device)))

    def counts(self, votes: Mapping[str, int], viewers: int, seconded: Sequence[str]) -> bytes:
        """All votes, and those that whoever arrives has given."""
        if self._votes_text[0] is not votes:
            self._votes_text = votes, encode(votes)
        text = self._votes_text[1]
        return frame(message("counts", at=clock.milliseconds(), viewers=viewers, votes=text, seconded=seconded))

    def askers(self, sitting: Sitting) -> frozenset[str]:
        """Devices that asked something."""
        if self._askers[0] != sitting.seq:
            self._askers = sitting.seq, frozenset(q.device for q in sitting.queue.questions.values())
        return self._askers[1]

    def _snapshot(self, actor: Actor, **fields: Any) -> bytes:
        return frame(message("snapshot", epoch=self._attending.epoch, you=_you(actor), **fields))


def _you(actor: Actor) -> dict[str, Any]:
    """What a page may know of the person in front of it."""
    allowed = sorted({permission for role in actor.roles for permission in GRANTS[role]})
    return {"name": actor.name, "roles": sorted(actor.roles), "may": allowed}
