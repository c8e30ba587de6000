"""One question (提问) and the queue it stands in, as values. Knows who may see nothing and change nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

TEXT_LIMIT = 300
NICKNAME_LIMIT = 20
ISLAND_LIMIT = 20
NOTE_LIMIT = 300


class QuestionState(StrEnum):
    PENDING = "pending"
    PUBLISHED = "published"
    QUEUED = "queued"
    ON_AIR = "on_air"
    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    DEFERRED = "deferred"


class RefusalReason(StrEnum):
    """Why a moderator refuses a question; each has words and a way on."""

    UNLAWFUL = "unlawful"
    PERSONAL = "personal"
    ADVERTISING = "advertising"
    OFF_TOPIC = "off_topic"
    DUPLICATE = "duplicate"
    LITIGATION = "litigation"
    SECRET = "secret"  # noqa: S105 - a reason, not a password
    NO_CONTENT = "no_content"


class Outcome(StrEnum):
    """What became of a question (去向): exactly one each."""

    ANSWERED_LIVE = "answered_live"
    ANSWERED_TEXT = "answered_text"
    SUGGESTION = "suggestion"
    WORK_ORDER = "work_order"
    COMMITMENT = "commitment"
    PROJECT_LEAD = "project_lead"
    REFERRED = "referred"
    MERGED = "merged"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


_Q = QuestionState
PUBLIC_STATES = frozenset({_Q.PUBLISHED, _Q.QUEUED, _Q.ON_AIR, _Q.ANSWERED})
"""What every viewer sees while the session runs."""
OPEN_STATES = frozenset({_Q.PENDING, _Q.PUBLISHED, _Q.QUEUED, _Q.ON_AIR})
"""What the end of the session turns into `deferred`."""
SECONDABLE_STATES = frozenset({_Q.PUBLISHED, _Q.QUEUED, _Q.ON_AIR})


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it stands.

    `key` is the asker's idempotency key, `device` the device it came from; marks are milliseconds since the
    broadcast began; `place` orders the queue, smaller first; `was_public` says whether viewers have seen it.
    """

    id: str
    label: str
    code: str
    key: str
    device: str
    text: str
    nickname: str
    island: str
    asked_at: datetime
    state: QuestionState = QuestionState.PENDING
    original_text: str = ""
    place: float = 0.0
    refusal: RefusalReason | None = None
    note: str = ""
    on_air_at: datetime | None = None
    mark_start: int | None = None
    mark_end: int | None = None
    commitment: bool = False
    was_public: bool = False
    outcome: Outcome | None = None
    outcome_note: str = ""
    matter: str = ""

    @property
    def edited(self) -> bool:
        return bool(self.original_text)


@dataclass(frozen=True, slots=True)
class Queue:
    """All questions of one session, by identifier, in the order they were asked."""

    session: str
    questions: Mapping[str, Question] = field(default_factory=lambda: MappingProxyType({}))

    def get(self, question: str) -> Question | None:
        return self.questions.get(question)

    def by_key(self, device: str, key: str) -> Question | None:
        """The question this device has already asked with this idempotency key."""
        return next((q for q in self.questions.values() if q.key == key and q.device == device), None)

    def of(self, device: str) -> list[Question]:
        return [q for q in self.questions.values() if q.device == device]

    def on_air(self) -> Question | None:
        return next((q for q in self.questions.values() if q.state is QuestionState.ON_AIR), None)

    def queued(self) -> list[Question]:
        """The queue proper, first to be answered first."""
        waiting = [q for q in self.questions.values() if q.state is QuestionState.QUEUED]
        return sorted(waiting, key=lambda q: (q.place, q.asked_at, q.id))

    def without_outcome(self) -> list[Question]:
        return [q for q in self.questions.values() if q.outcome is None]

    def put(self, questions: Iterable[Question]) -> Queue:
        """The queue with these questions added or replaced."""
        return replace(self, questions=MappingProxyType({**self.questions, **{q.id: q for q in questions}}))
