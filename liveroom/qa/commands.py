"""What people may wish of the queue. Knows nothing of whether the wish is granted."""

from __future__ import annotations

import msgspec

from liveroom.qa.question import Hit, Outcome, RefusalReason, Source


class QuestionCommand(msgspec.Struct, frozen=True, tag_field="type", forbid_unknown_fields=True):
    """A wish concerning one question."""

    question: str


class Publish(QuestionCommand, tag="publish", frozen=True):
    """Let everyone see it."""


class Refuse(QuestionCommand, tag="refuse", frozen=True):
    """Do not publish it, or take it back; the asker is told the reason."""

    reason: RefusalReason
    note: str = ""


class Edit(QuestionCommand, tag="edit", frozen=True):
    """Change the wording; the original is kept. `hits`, what the word lists found in it, are set by the server."""

    text: str
    hits: tuple[Hit, ...] = ()


class Release(QuestionCommand, tag="release", frozen=True):
    """A held question waits like the others from now on."""


class Tag(QuestionCommand, tag="tag", frozen=True):
    """Say what it is about; the whole set of tags."""

    tags: tuple[str, ...]


class Assign(QuestionCommand, tag="assign", frozen=True):
    """Give it to a colleague or a deputy; to nobody with an empty `to`. `name` is set by the server."""

    to: str
    name: str = ""


class Merge(QuestionCommand, tag="merge", frozen=True):
    """Let another question speak for this one: its wording is kept, its voters and its asker go along."""

    into: str


class Unmerge(QuestionCommand, tag="unmerge", frozen=True):
    """Let it speak for itself again, as it stood before."""


class Defer(QuestionCommand, tag="defer", frozen=True):
    """Not in this session: it gets its outcome afterwards."""

    note: str = ""


class Appeal(QuestionCommand, tag="appeal", frozen=True):
    """The asker does not agree with a refusal: once, within a day."""

    text: str


class AcceptAppeal(QuestionCommand, tag="accept_appeal", frozen=True):
    """The refusal is taken back."""


class RejectAppeal(QuestionCommand, tag="reject_appeal", frozen=True):
    """The refusal stands, finally; the asker is told why."""

    note: str


class Enqueue(QuestionCommand, tag="enqueue", frozen=True):
    """Put it at the end of the queue."""


class Dequeue(QuestionCommand, tag="dequeue", frozen=True):
    """Take it out of the queue, back to the published ones."""


class Order(QuestionCommand, tag="order", frozen=True):
    """Move it before another queued question; at the end when `before` is null."""

    before: str | None = None


class PutOnAir(QuestionCommand, tag="put_on_air", frozen=True):
    """The deputy speaks to it now: the start mark."""


class TakeOffAir(QuestionCommand, tag="take_off_air", frozen=True):
    """Not now after all: back to the head of the queue, without marks."""


class MarkAnswered(QuestionCommand, tag="answered", frozen=True):
    """The answer is complete: the end mark."""

    commitment: bool = False


class Withdraw(QuestionCommand, tag="withdraw", frozen=True):
    """The asker takes the question back."""


class GiveOutcome(QuestionCommand, tag="outcome", frozen=True):
    """Say what became of it. To a suggestion goes by drafting one, so `matter` is set by the server.

    So is `free`: whether the suggestion that held the question has ended without a reply.
    """

    outcome: Outcome
    note: str = ""
    matter: str = ""
    free: bool = False


class Rescreen(QuestionCommand, tag="rescreen", frozen=True):
    """A word list has changed: what it finds now, and the fields with what nobody may see masked."""

    text: str
    nickname: str
    island: str
    hits: tuple[Hit, ...]


class Ask(msgspec.Struct, frozen=True):
    """A new question with the names that the caller drew for it, and what the word lists found in it.

    `shown` is the text with what nobody may see masked, empty when that is the text itself; `device` is the owner where
    it is not the actor's own: whoever asks through an operator has no page here.
    """

    id: str
    label: str
    code: str
    key: str
    text: str
    nickname: str = ""
    island: str = ""
    device: str = ""
    source: Source = Source.WEB
    verified: bool = False
    shown: str = ""
    hits: tuple[Hit, ...] = ()
    held: bool = False


class Freeze(msgspec.Struct, frozen=True):
    """The session ends: what is still open is deferred."""


AnyCommand = (
    Ask
    | Publish
    | Refuse
    | Edit
    | Release
    | Tag
    | Assign
    | Merge
    | Unmerge
    | Defer
    | Appeal
    | AcceptAppeal
    | RejectAppeal
    | Enqueue
    | Dequeue
    | Order
    | PutOnAir
    | TakeOffAir
    | MarkAnswered
    | Withdraw
    | GiveOutcome
    | Freeze
    | Rescreen
)
