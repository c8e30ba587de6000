"""Facts about questions, as they are kept in the feed and the log. Each names the question it is about."""

from __future__ import annotations

from datetime import datetime

import msgspec

from liveroom.qa.question import Outcome, RefusalReason


class QuestionEvent(msgspec.Struct, frozen=True, tag_field="type"):
    """Something that happened to one question."""

    question: str


class QuestionAsked(QuestionEvent, tag="asked", frozen=True):
    label: str
    code: str
    key: str
    device: str
    text: str
    nickname: str
    island: str
    at: datetime


class QuestionPublished(QuestionEvent, tag="published", frozen=True):
    pass


class QuestionRefused(QuestionEvent, tag="refused", frozen=True):
    reason: RefusalReason
    note: str


class QuestionEdited(QuestionEvent, tag="edited", frozen=True):
    text: str


class QuestionQueued(QuestionEvent, tag="queued", frozen=True):
    place: float


class QuestionDequeued(QuestionEvent, tag="dequeued", frozen=True):
    pass


class QuestionMoved(QuestionEvent, tag="moved", frozen=True):
    place: float


class QuestionOnAir(QuestionEvent, tag="on_air", frozen=True):
    at: datetime
    mark: int


class QuestionOffAir(QuestionEvent, tag="off_air", frozen=True):
    place: float


class QuestionAnswered(QuestionEvent, tag="answered", frozen=True):
    mark: int
    commitment: bool


class QuestionWithdrawn(QuestionEvent, tag="withdrawn", frozen=True):
    pass


class QuestionDeferred(QuestionEvent, tag="deferred", frozen=True):
    pass


class OutcomeGiven(QuestionEvent, tag="outcome", frozen=True):
    outcome: Outcome
    note: str
    matter: str


AnyEvent = (
    QuestionAsked
    | QuestionPublished
    | QuestionRefused
    | QuestionEdited
    | QuestionQueued
    | QuestionDequeued
    | QuestionMoved
    | QuestionOnAir
    | QuestionOffAir
    | QuestionAnswered
    | QuestionWithdrawn
    | QuestionDeferred
    | OutcomeGiven
)
