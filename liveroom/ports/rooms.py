"""What the actions need to keep rooms, sessions and questions. Knows no database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from liveroom.ports.matters import MatterChange
from liveroom.qa.events import AnyEvent
from liveroom.qa.question import Queue
from liveroom.rooms.roles import Actor
from liveroom.rooms.room import Room
from liveroom.rooms.session import AnySessionEvent, Session, SessionState


@dataclass(frozen=True, slots=True)
class Sitting:
    """A session with its questions, as of the event `seq` of its feed."""

    session: Session
    queue: Queue
    seq: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a session's feed: which number, when, by whom, what."""

    seq: int
    at: datetime
    by: str
    by_name: str
    event: AnyEvent | AnySessionEvent


@dataclass(frozen=True, slots=True)
class Tally:
    """How many questions a session has, how many of them without an outcome, and how many of those were recorded on air
    as commitments (`said`).
    """

    questions: int
    without_outcome: int
    said: int = 0


@dataclass(frozen=True, slots=True)
class Vote:
    """One voter's voice for a question."""

    session: str
    question: str
    voter: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Renamed:
    """A voter who stands under another name with a question from now on, and in what they said of its `matter`."""

    question: str
    before: str
    after: str
    matter: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """A vote that somebody gave: for which question of which session, and when."""

    session: str
    question: str
    at: datetime


class Kept(Enum):
    """What became of a vote: it is new, it was there already, or its session is over."""

    NEW = 1
    AGAIN = 2
    CLOSED = 3


class Records(Protocol):
    """Rooms, sessions, questions and votes, kept."""

    @property
    def epoch(self) -> str:
        """Changes when the records are another set than before: numbers of old feeds mean nothing then."""

    async def rooms(self) -> list[Room]: ...

    async def room(self, slug: str) -> Room | None: ...

    async def programme(self, slug: str) -> tuple[Room, Sequence[Session]] | None:
        """A room and all its sessions in the order of their starts, asked for at every join: cheap."""

    async def add_room(self, room: Room) -> None:
        """Keep a new room; `Refused("slug_taken")` when its address is in use."""

    async def add_session(self, session: Session, event: AnySessionEvent, by: Actor, now: datetime) -> None: ...

    async def sessions(self, room: str | None = None, states: Collection[SessionState] | None = None) -> list[Session]:
        """Sessions by their start, earliest first."""

    async def tallies(self, sessions: Collection[str]) -> Mapping[str, Tally]: ...

    async def load(self, session: str) -> Sitting:
        """The session and its queue; `Refused("not_found")`."""

    async def save(
        self,
        sitting: Sitting,
        events: Sequence[AnyEvent | AnySessionEvent],
        by: Actor,
        now: datetime,
        *,
        drafts: Sequence[MatterChange] = (),
        renamed: Sequence[Renamed] = (),
    ) -> Sitting:
        """Keep what happened, rows and feed, and matters that begin or move on with it, in one transaction.

        What `QuestionErased` says is done to the earlier lines about the question, too, and nothing of it stays behind.
        Raises `Stale` when the sitting is not the newest, `Unavailable` when nothing could be kept.
        """

    async def since(self, session: str, seq: int) -> list[Entry]:
        """The feed after `seq`, in order."""

    async def about(self, session: str, questions: Collection[str]) -> list[Entry]:
        """All lines of the feed about these questions, in order."""

    async def find_question(self, code: str) -> tuple[str, str] | None:
        """Session and question of a tracking code."""

    async def session_of(self, question: str) -> str | None:
        """The session in which a question was asked."""

    async def second_all(self, votes: Sequence[Vote]) -> Sequence[Kept]:
        """Keep votes in one transaction, in which also the states of their sessions are looked at; what became of each.

        Votes stay at the question where they were given, whatever is merged. Raises `Unavailable`: nothing was kept.
        """

    async def voters(self, session: str) -> Mapping[str, Collection[str]]:
        """Who voted, by the question at which they did."""

    async def votes(self, session: str) -> Mapping[str, int]:
        """Votes by question as `qa.votes.tally` counts them; questions without any are missing.

        Asked for a few times a second while people vote: an implementation that alone writes keeps the counts up with
        `second_all`; one that shares the records must see the votes that others kept, too.
        """

    async def unsealed(self) -> list[str]:
        """Sessions that are over and not archived, whose votes nobody has sealed: asked at each start, cheap."""

    async def seconded(self, session: str, voter: str) -> list[str]:
        """The questions this voter has seconded."""

    async def given_by(self, voter: str) -> list[Given]:
        """All votes of this voter, the newest first."""

    async def asked_by(self, device: str) -> int:
        """How many questions the device has asked, in all sessions."""

    async def expired(self, before: datetime, limit: int) -> Mapping[str, Collection[str]]:
        """Archived sessions that ended before that, with their questions whose time has come: something personal is
        left, and what came of the question, or of the one that speaks for it, ended for good before that, too.
        """

    async def erasures(self) -> str:
        """Another word whenever something was erased: what was kept of older states is to be read anew."""
