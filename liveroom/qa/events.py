"""Facts about questions, as they are kept in the feed and the log. Each names the question it is about."""

from __future__ import annotations

from datetime import datetime

import msgspec

from liveroom.qa.question import HeldBecause, Hit, Outcome, Question, QuestionState, RefusalReason, Source


class QueueEvent(msgspec.Struct, frozen=True, tag_field="type"):
    """Something that happened in the queue."""


class QuestionEvent(QueueEvent, frozen=True):
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
    source: Source = Source.WEB
    verified: bool = False
    shown: str = ""
    hits: tuple[Hit, ...] = ()
    held_because: HeldBecause | None = None


class QuestionReleased(QuestionEvent, tag="released", frozen=True):
    pass


class QuestionScreened(QuestionEvent, tag="screened", frozen=True):
    """It was looked at again, by other lists: what may be shown of its fields, what was found, and where it waits."""

    text: str
    nickname: str
    island: str
    hits: tuple[Hit, ...]
    to: QuestionState
    held_because: HeldBecause | None


class QuestionPublished(QuestionEvent, tag="published", frozen=True):
    pass


class QuestionRefused(QuestionEvent, tag="refused", frozen=True):
    reason: RefusalReason
    note: str
    at: datetime | None = None


class QuestionEdited(QuestionEvent, tag="edited", frozen=True):
    """`hits` were found in the wording as the moderator sent it; `text` has what nobody may see masked."""

    text: str
    hits: tuple[Hit, ...] = ()


class QuestionTagged(QuestionEvent, tag="tagged", frozen=True):
    tags: tuple[str, ...]


class QuestionAssigned(QuestionEvent, tag="assigned", frozen=True):
    to: str
    name: str


class QuestionMerged(QuestionEvent, tag="merged", frozen=True):
    into: str


class QuestionUnmerged(QuestionEvent, tag="unmerged", frozen=True):
    """`to` is where it stands now, when that is not the state in which it was merged."""

    out_of: str
    to: QuestionState | None = None


class QuestionAppealed(QuestionEvent, tag="appealed", frozen=True):
    text: str
    at: datetime


class AppealAccepted(QuestionEvent, tag="appeal_accepted", frozen=True):
    to: QuestionState


class AppealRejected(QuestionEvent, tag="appeal_rejected", frozen=True):
    note: str


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
    note: str = ""


class OutcomeGiven(QuestionEvent, tag="outcome", frozen=True):
    outcome: Outcome
    note: str
    matter: str


class QuestionRestored(QuestionEvent, tag="restored", frozen=True):
    """A move was undone: the question as it was before the line `undone` of the feed.

    `out_of` is what it was merged into until now.
    """

    undone: int
    before: Question
    out_of: str = ""


class QuestionErased(QuestionEvent, tag="erased", frozen=True):
    """What is personal in it was erased, from the lines before this one, too: at its asker's wish, or by retention.

    `text` and `outcome_note` are what is left of its words, `device` and `key` new ones that say nothing. `erased`
    vouches for what is left of the lines (`liveroom.rooms.erased`); whoever keeps them writes it.
    """

    because: str
    text: str
    outcome_note: str
    device: str
    key: str
    erased: str = ""


class VotesFlagged(QuestionEvent, tag="votes_flagged", frozen=True):
    """Many new devices of one network second it: more than they may, and no more of them are counted for now."""


class VotesSealed(QueueEvent, tag="votes_sealed", frozen=True):
    """After the end: the votes of every question, and a digest of all voters, signed. Once more when voters got other
    names, because what is personal was erased; the newest counts.

    `digest` is what `qa.votes.digest` makes of them; `signature` is Ed25519 (RFC 8032) over what `qa.votes.statement`
    writes, `key` the public key, both in hex.
    """

    counts: dict[str, int]
    digest: str
    key: str
    signature: str


AnyEvent = (
    QuestionAsked
    | QuestionReleased
    | QuestionScreened
    | QuestionTagged
    | QuestionAssigned
    | QuestionMerged
    | QuestionUnmerged
    | QuestionAppealed
    | AppealAccepted
    | AppealRejected
    | QuestionRestored
    | QuestionErased
    | VotesFlagged
    | VotesSealed
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


def concerned(event: AnyEvent) -> tuple[str, ...]:
    """The questions that look different after the fact: its own, and those that speak for more or fewer."""
    match event:
        case QuestionMerged(question=question, into=other) | QuestionUnmerged(question=question, out_of=other):
            return question, other
        case QuestionRestored(question=question, before=before, out_of=out_of):
            return tuple(q for q in (question, before.merged_into, out_of) if q)
        case QuestionEvent(question=question):
            return (question,)
    return ()
