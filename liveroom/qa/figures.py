"""What became of a session's questions, in public numbers, each with its list. Knows no words and no page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from liveroom.qa.question import WAITING_STATES, Question, Queue, RefusalReason
from liveroom.qa.question import QuestionState as Q

PARTS: Mapping[str, Callable[[Question], bool]] = {
    "received": lambda _: True,
    "published": lambda q: q.was_public,
    "answered": lambda q: q.state is Q.ANSWERED,
    "merged": lambda q: q.state is Q.MERGED,
    "deferred": lambda q: q.state is Q.DEFERRED,
    "refused": lambda q: q.state is Q.REFUSED,
    "withdrawn": lambda q: q.state is Q.WITHDRAWN,
    # A refusal that is appealed against waits for its decision.
    "waiting": lambda q: q.state in WAITING_STATES or q.state is Q.APPEALED,
}
"""What each figure counts, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Questions of one session; `refused` by reason, reasons without any are missing.

    Every question is received. Those ever shown to viewers are published, whatever became of them later; so the other
    numbers do not add up to the received ones, except: waiting, merged, refused, withdrawn and the rest do.
    """

    received: int
    published: int
    merged: int
    answered: int
    deferred: int
    withdrawn: int
    waiting: int
    refused: Mapping[RefusalReason, int]

    @property
    def refused_in_all(self) -> int:
        return sum(self.refused.values())


def figures(queue: Queue) -> Figures:
    """The figures of a queue as it stands."""
    counted = {part: len(behind(queue, part)) for part in PARTS if part != "refused"}
    refused = Counter(question.refusal for question in behind(queue, "refused"))
    return Figures(**counted, refused={reason: refused[reason] for reason in RefusalReason if refused[reason]})


def behind(queue: Queue, part: str, reason: str = "") -> list[Question]:
    """The questions that one of `PARTS` counts, as they came; of refused ones also for one reason."""
    counts = PARTS[part]
    return [q for q in queue.questions.values() if counts(q) and (not reason or q.refusal == reason)]
