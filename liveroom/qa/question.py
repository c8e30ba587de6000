"""One question (提问) and the queue it stands in, as values. Knows who may see nothing and change nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

import msgspec

TEXT_LIMIT = 300
NICKNAME_LIMIT = 20
ISLAND_LIMIT = 20
NOTE_LIMIT = 300


APPEAL_LIMIT = 300
TAG_LIMIT, TAGS_MOST = 12, 5
APPEAL_WITHIN = timedelta(hours=24)
"""How long after a refusal the asker may appeal, once."""


class QuestionState(StrEnum):
    HELD = "held"
    PENDING = "pending"
    PUBLISHED = "published"
    QUEUED = "queued"
    ON_AIR = "on_air"
    ANSWERED = "answered"
    MERGED = "merged"
    REFUSED = "refused"
    APPEALED = "appealed"
    WITHDRAWN = "withdrawn"
    DEFERRED = "deferred"


class Source(StrEnum):
    """How a question came in."""

    WEB = "web"
    PHONE = "phone"
    ONSITE = "onsite"
    PROXY = "proxy"
    STATION = "station"


class HeldBecause(StrEnum):
    """Why a question waits apart from the others."""

    LIST = "list"  # a word list says so
    SHIELD = "shield"  # it came while the shield was up


class Hit(msgspec.Struct, frozen=True):
    """What a word list or a detector found: which list, in which version, what it asks for, and where.

    `found` is the word of the list, or the kind of personal data, never these themselves; `start` and `end` are places
    in the field as it was sent; `by_sound` says that other characters of the same sound stand there.
    """

    list: str
    version: int
    action: str
    found: str
    field: str = "text"
    start: int = 0
    end: int = 0
    by_sound: bool = False

    @property
    def holds(self) -> bool:
        """Whether it asks that the question waits apart."""
        return self.action in {"hold", "escalate"}

    @property
    def reason(self) -> tuple[str, str, str]:
        """What it is about, whatever the version of the list and the place."""
        return self.list, self.found, self.field


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
WAITING_STATES = frozenset({_Q.HELD, _Q.PENDING})
"""What nobody has decided about yet."""
OPEN_STATES = WAITING_STATES | {_Q.PUBLISHED, _Q.QUEUED, _Q.ON_AIR}
"""What the end of the session turns into `deferred`."""
SPEAKING_STATES = PUBLIC_STATES | {_Q.PENDING}
"""What others can be merged into."""
SECONDABLE_STATES = frozenset({_Q.PUBLISHED, _Q.QUEUED, _Q.ON_AIR})


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it stands.

    `key` is the asker's idempotency key, `device` the device it came from; marks are milliseconds since the
    broadcast began; `place` orders the queue, smaller first; `was_public` says whether viewers have seen it.
    `original_text` is what was typed where `text` was changed or masked. `merged_into` names the question that speaks
    for this one, `merged_from` the state in which it was merged; `assigned_to` is an account. `erased` says why what
    was personal is gone (asker, retention), empty while it is there.
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
    source: Source = Source.WEB
    verified: bool = False
    original_text: str = ""
    held_because: HeldBecause | None = None
    hits: tuple[Hit, ...] = ()
    tags: tuple[str, ...] = ()
    assigned_to: str = ""
    assigned_name: str = ""
    merged_into: str = ""
    merged_from: QuestionState | None = None
    place: float = 0.0
    refusal: RefusalReason | None = None
    refused_at: datetime | None = None
    note: str = ""
    appeal: str = ""
    appeal_rejected: bool = False
    on_air_at: datetime | None = None
    mark_start: int | None = None
    mark_end: int | None = None
    commitment: bool = False
    was_public: bool = False
    outcome: Outcome | None = None
    outcome_note: str = ""
    matter: str = ""
    erased: str = ""

    @property
    def edited(self) -> bool:
        return bool(self.original_text)

    @property
    def escalated(self) -> bool:
        """Whether it waits for somebody at once, whatever else waits."""
        return self.state is QuestionState.HELD and any(hit.action == "escalate" for hit in self.hits)

    def may_appeal(self, now: datetime) -> bool:
        """Once, and not for long after the refusal."""
        if self.state is not QuestionState.REFUSED or self.appeal or self.refused_at is None:
            return False
        return now - self.refused_at <= APPEAL_WITHIN


@dataclass(frozen=True)
class Queue:
    """All questions of one session, by identifier, in the order they were asked."""

    session: str
    questions: Mapping[str, Question] = field(default_factory=lambda: MappingProxyType({}))

    def get(self, question: str) -> Question | None:
        return self.questions.get(question)

    def root(self, question: Question) -> Question:
        """The question that speaks for this one: the end of the chain of merges, itself when it is not merged."""
        while question.merged_into:
            question = self.questions[question.merged_into]
        return question

    def merged(self, question: str) -> Sequence[Question]:
        """Everything that this question speaks for, directly or not, without itself."""
        return self._spoken_for.get(question, ())

    def askers(self, question: Question) -> set[str]:
        """The devices whose words this question stands for. Whoever took theirs back is free to second it."""
        group = (question, *self.merged(question.id))
        return {one.device for one in group if one.state is not QuestionState.WITHDRAWN}

    def devices(self, question: Question) -> set[str]:
        """The devices whose own pages show something of this question."""
        return {question.device, *(merged.device for merged in self.merged(question.id))}

    @cached_property
    def _spoken_for(self) -> Mapping[str, Sequence[Question]]:
        found: dict[str, list[Question]] = {}
        for question in self.questions.values():
            if question.merged_into:
                found.setdefault(self.root(question).id, []).append(question)
        return found

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
