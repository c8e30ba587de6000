"""What people may wish of the queue. Knows nothing of whether the wish is granted."""

from __future__ import annotations

import msgspec

from liveroom.qa.question import Outcome, RefusalReason


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
    """Change the wording; the original is kept."""

    text: str


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


class Ask(msgspec.Struct, frozen=True):
    """A new question with the names that the caller drew for it."""

    id: str
    label: str
    code: str
    key: str
    text: str
    nickname: str = ""
    island: str = ""


class Freeze(msgspec.Struct, frozen=True):
    """The session ends: what is still open is deferred."""


AnyCommand = (
    Ask
    | Publish
    | Refuse
    | Edit
    | Enqueue
    | Dequeue
    | Order
    | PutOnAir
    | TakeOffAir
    | MarkAnswered
    | Withdraw
    | GiveOutcome
    | Freeze
)
