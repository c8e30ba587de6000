"""What was read of the records and can be used again, with the sign that tells whether it still can. Knows no SQL."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from liveroom.ports.rooms import Entry, Sitting
from liveroom.qa import apply as qa
from liveroom.qa.events import AnyEvent, QueueEvent
from liveroom.rooms import session as rooms
from liveroom.rooms.room import Room
from liveroom.rooms.session import AnySessionEvent, Session, SessionEvent

SITTINGS = 64


def follow(sitting: Sitting, events: Sequence[AnyEvent | AnySessionEvent]) -> Sitting:
    """The sitting after these events, which follow it."""
    session = sitting.session
    for event in events:
        if isinstance(event, SessionEvent):
            session = rooms.apply(session, event)
    queue = qa.apply(sitting.queue, [event for event in events if isinstance(event, QueueEvent)])
    return replace(sitting, session=session, queue=queue, seq=sitting.seq + len(events))


def catch_up(sitting: Sitting, entries: Sequence[Entry], seq: int) -> Sitting | None:
    """The sitting as of event `seq`, or None when the entries are not all that happened since."""
    if seq < sitting.seq or [entry.seq for entry in entries] != list(range(sitting.seq + 1, seq + 1)):
        return None
    return follow(sitting, [entry.event for entry in entries])


class Sittings:
    """The newest sitting that is known of each session, the least used forgotten first."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Sitting] = OrderedDict()

    def get(self, session: str) -> Sitting | None:
        known = self._known.get(session)
        if known is not None:
            self._known.move_to_end(session)
        return known

    def keep(self, sitting: Sitting) -> Sitting:
        """The newer one of this and what is known."""
        known = self._known.get(sitting.session.id)
        if known is not None and known.seq > sitting.seq:
            return known
        self._known[sitting.session.id] = sitting
        self._known.move_to_end(sitting.session.id)
        while len(self._known) > SITTINGS:
            self._known.popitem(last=False)
        return sitting

    def forget(self, session: str) -> None:
        self._known.pop(session, None)


@dataclass(frozen=True, slots=True)
class Programme:
    """A room with its sessions by their start, as of a version of the room."""

    version: int
    room: Room
    sessions: Sequence[Session]
