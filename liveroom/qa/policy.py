"""Which command means something in which state of a question, and who may give it: the table itself.

Knows no queue: rules that look at more than one question are in `decide`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from liveroom.qa import commands as c
from liveroom.qa.question import Outcome
from liveroom.qa.question import QuestionState as Q
from liveroom.rooms.roles import Permission
from liveroom.rooms.session import ON_THE_AIR, OPEN_FOR_QUESTIONS, SessionState

_OVER = frozenset({SessionState.ENDED, SessionState.DISPOSITION})


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: the permission, the states of the question, the states of the session."""

    permission: Permission
    sources: frozenset[Q]
    sessions: frozenset[SessionState]


RULES: Mapping[type[c.QuestionCommand], Rule] = {
    c.Publish: Rule(Permission.TRIAGE, frozenset({Q.PENDING, Q.REFUSED}), OPEN_FOR_QUESTIONS),
    c.Refuse: Rule(Permission.TRIAGE, frozenset({Q.PENDING, Q.PUBLISHED, Q.QUEUED}), OPEN_FOR_QUESTIONS),
    c.Edit: Rule(Permission.TRIAGE, frozenset({Q.PENDING, Q.PUBLISHED, Q.QUEUED}), OPEN_FOR_QUESTIONS),
    c.Enqueue: Rule(Permission.ORDER, frozenset({Q.PUBLISHED}), OPEN_FOR_QUESTIONS),
    c.Dequeue: Rule(Permission.ORDER, frozenset({Q.QUEUED}), OPEN_FOR_QUESTIONS),
    c.Order: Rule(Permission.ORDER, frozenset({Q.QUEUED}), OPEN_FOR_QUESTIONS),
    c.PutOnAir: Rule(Permission.ON_AIR, frozenset({Q.PUBLISHED, Q.QUEUED}), ON_THE_AIR),
    c.TakeOffAir: Rule(Permission.ON_AIR, frozenset({Q.ON_AIR}), ON_THE_AIR),
    c.MarkAnswered: Rule(Permission.ANSWERED, frozenset({Q.ON_AIR}), ON_THE_AIR),
    c.Withdraw: Rule(Permission.WITHDRAW, frozenset({Q.PENDING, Q.PUBLISHED, Q.QUEUED}), OPEN_FOR_QUESTIONS),
    c.GiveOutcome: Rule(Permission.OUTCOME, frozenset({Q.ANSWERED, Q.DEFERRED, Q.REFUSED}), _OVER),
}

_BY_HAND = (Outcome.ANSWERED_TEXT, Outcome.WORK_ORDER, Outcome.PROJECT_LEAD, Outcome.REFERRED)
FITTING: Mapping[Q, tuple[Outcome, ...]] = {
    Q.ANSWERED: (Outcome.ANSWERED_LIVE, Outcome.COMMITMENT, *_BY_HAND, Outcome.SUGGESTION),
    Q.DEFERRED: (*_BY_HAND, Outcome.SUGGESTION),
    Q.REFUSED: (Outcome.REFUSED, *_BY_HAND),
}
"""What may become of a question, by its state, in the order in which people choose."""
