"""What a page sees of a session: everything, or what it has missed. Knows no sockets."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from liveroom.errors import Refused
from liveroom.ports.matters import Matters
from liveroom.ports.people import People
from liveroom.ports.rooms import Entry, Records, Sitting
from liveroom.qa import wire
from liveroom.qa.events import QuestionEvent, QueueEvent, concerned
from liveroom.qa.question import Question
from liveroom.qa.wire import Audience, MineView, QuestionView
from liveroom.rooms.session import Session, SessionEvent

MISSED_LIMIT = 2000
"""Events a page may have missed and still catch up; beyond that a snapshot is smaller."""


class SessionView(msgspec.Struct, frozen=True):
    """A session as everybody sees it."""

    id: str
    topic: str
    state: str
    starts_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    deputies: list[str]
    cut_reason: str
    shield_until: datetime | None


class Note(msgspec.Struct, frozen=True):
    """One line of the log as it happens, for the desk."""

    what: str
    label: str
    by: str


@dataclass(frozen=True, slots=True)
class Missed:
    """What an audience has missed: the current views of everything that changed between two numbers."""

    after: int
    seq: int
    session: SessionView | None
    changed: list[QuestionView]
    gone: list[str]
    notes: list[Note]
    devices: frozenset[str]
    """Devices whose own questions changed, or their places in the queue."""

    @property
    def concerns_them(self) -> bool:
        """Whether there is anything that this audience may see: a question that waits is none of the public's."""
        return bool(self.changed or self.gone or self.notes) or self.session is not None


class Attending:
    """Views of sessions for pages and sockets."""

    def __init__(self, records: Records, people: People, matters: Matters) -> None:
        self._records = records
        self._matters = matters
        self._people = people

    @property
    def epoch(self) -> str:
        return self._records.epoch

    async def sitting(self, session: str) -> Sitting:
        return await self._records.load(session)

    async def sitting_in(self, room: str, session: str) -> Sitting:
        """A session of this room; `Refused("not_found")` for one of another room, too."""
        sitting = await self._records.load(session)
        if sitting.session.room != room:
            raise Refused("not_found")
        return sitting

    async def votes(self, session: str) -> Mapping[str, int]:
        return await self._records.votes(session)

    async def seconded(self, session: str, device: str) -> list[str]:
        """What this device has seconded, and what speaks for it now."""
        queue = (await self._records.load(session)).queue
        own = [queue.questions[question] for question in await self._records.seconded(session, device)]
        return list(dict.fromkeys(name for question in own for name in (question.id, queue.root(question).id)))

    async def session_view(self, session: Session) -> SessionView:
        """The session with its deputies' names."""
        return (await self.session_views([session]))[0]

    async def session_views(self, sessions: Sequence[Session]) -> list[SessionView]:
        """The same for many."""
        names = await self._people.names({deputy for session in sessions for deputy in session.deputies})
        return [
            SessionView(
                id=session.id,
                topic=session.topic,
                state=session.state.value,
                starts_at=session.starts_at,
                started_at=session.started_at,
                ended_at=session.ended_at,
                deputies=[names[deputy] for deputy in session.deputies if deputy in names],
                cut_reason=session.cut_reason,
                shield_until=session.shield_until,
            )
            for session in sessions
        ]

    async def unnamed(self, sitting: Sitting) -> frozenset[str]:
        """The questions of which nobody is told any more who asked: what came of them is confidential."""
        held = {question.matter for question in sitting.queue.questions.values()} - {""}
        secret = await self._matters.confidential_among(held) if held else frozenset[str]()
        return frozenset(q.id for q in sitting.queue.questions.values() if q.matter in secret)

    def questions(
        self, sitting: Sitting, votes: Mapping[str, int], audience: Audience, unnamed: Collection[str]
    ) -> list[QuestionView]:
        """All that the audience sees, oldest first."""
        return [
            wire.view(sitting.queue, question, votes, audience, named=question.id not in unnamed)
            for question in sitting.queue.questions.values()
            if wire.visible(question, audience)
        ]

    def mine(self, sitting: Sitting, votes: Mapping[str, int], device: str) -> list[MineView]:
        return wire.mine(sitting.queue, device, votes)

    async def missed(
        self, sitting: Sitting, after: int, votes: Mapping[str, int], audiences: Sequence[Audience]
    ) -> Mapping[Audience, Missed] | None:
        """What each audience missed since `after`; None when it is too much, or `after` lies ahead of the feed.

        Changes are told as current views, not as the events in between: whoever applies them once, twice or late
        ends with the same state.
        """
        if after > sitting.seq or sitting.seq - after > MISSED_LIMIT:
            return None
        entries = [e for e in await self._records.since(sitting.session.id, after) if e.seq <= sitting.seq]
        session = None
        if any(isinstance(entry.event, SessionEvent) for entry in entries):
            session = await self.session_view(sitting.session)
        unnamed = await self.unnamed(sitting)
        return {audience: _missed(sitting, after, entries, session, votes, audience, unnamed) for audience in audiences}


def _missed(
    sitting: Sitting,
    after: int,
    entries: Sequence[Entry],
    session: SessionView | None,
    votes: Mapping[str, int],
    audience: Audience,
    unnamed: Collection[str],
) -> Missed:
    queue = sitting.queue
    touched: dict[str, Question] = {}
    for entry in entries:
        if isinstance(entry.event, QueueEvent):
            for question in (queue.questions[name] for name in concerned(entry.event)):
                touched[question.id] = question
                touched[queue.root(question).id] = queue.root(question)
    questions = list(touched.values())
    waiting = queue.queued() if any(entry.event.__struct_config__.tag in _MOVES for entry in entries) else []
    notes = []
    if audience is Audience.DESK:
        notes = [_note(sitting, entry) for entry in entries]
    return Missed(
        after=after,
        seq=sitting.seq,
        session=session,
        changed=[
            wire.view(sitting.queue, q, votes, audience, named=q.id not in unnamed)
            for q in questions
            if wire.visible(q, audience)
        ],
        gone=[q.id for q in questions if not wire.visible(q, audience) and (q.was_public)],
        notes=notes,
        devices=frozenset(device for q in [*questions, *waiting] for device in queue.devices(q)),
    )


_MOVES = frozenset(
    {"queued", "dequeued", "moved", "on_air", "off_air", "answered", "withdrawn", "refused", "deferred", "merged"}
    | {"unmerged", "restored"}
)


def _note(sitting: Sitting, entry: Entry) -> Note:
    label = ""
    if isinstance(entry.event, QuestionEvent):
        label = sitting.queue.questions[entry.event.question].label
    return Note(what=str(entry.event.__struct_config__.tag), label=label, by=entry.by_name)
