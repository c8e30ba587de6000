"""What became of a session's questions, in numbers that anybody may see. Knows no words and no page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from liveroom.qa.question import WAITING_STATES, Queue, RefusalReason
from liveroom.qa.question import QuestionState as Q


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
    """The figures of a queue as it stands. A refusal that is appealed against waits for its decision."""
    states = Counter(question.state for question in queue.questions.values())
    refused = Counter(q.refusal for q in queue.questions.values() if q.state is Q.REFUSED and q.refusal is not None)
    return Figures(
        received=len(queue.questions),
        published=sum(question.was_public for question in queue.questions.values()),
        merged=states[Q.MERGED],
        answered=states[Q.ANSWERED],
        deferred=states[Q.DEFERRED],
        withdrawn=states[Q.WITHDRAWN],
        waiting=sum(states[state] for state in WAITING_STATES) + states[Q.APPEALED],
        refused={reason: refused[reason] for reason in RefusalReason if refused[reason]},
    )
