"""Which command means something in which state of a question, and who may give it: the table itself.

Knows no queue: rules that look at more than one question are in `decide`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from liveroom.qa import commands as c
from liveroom.qa.question import Outcome
from liveroom.qa.question import QuestionState as Q
from liveroom.rooms.roles import Permission
from liveroom.rooms.session import ON_THE_AIR, OPEN_FOR_QUESTIONS, SessionState

_OVER = frozenset({SessionState.ENDED, SessionState.DISPOSITION})
_CUT = frozenset({SessionState.CUT})


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: the permission, the states of the question, the states of the session."""

    permission: Permission
    sources: frozenset[Q]
    sessions: frozenset[SessionState]


_DECIDABLE = frozenset({Q.HELD, Q.PENDING, Q.PUBLISHED, Q.QUEUED})
_P = Permission

RULES: Mapping[type[c.QuestionCommand], Rule] = {
    c.Rescreen: Rule(_P.NOTICE, frozenset({Q.HELD, Q.PENDING}), OPEN_FOR_QUESTIONS),
    c.Release: Rule(_P.TRIAGE, frozenset({Q.HELD}), OPEN_FOR_QUESTIONS),
    c.Publish: Rule(_P.TRIAGE, frozenset({Q.HELD, Q.PENDING, Q.REFUSED, Q.DEFERRED}), OPEN_FOR_QUESTIONS - _CUT),
    c.Refuse: Rule(_P.TRIAGE, _DECIDABLE, OPEN_FOR_QUESTIONS),
    c.Edit: Rule(_P.TRIAGE, _DECIDABLE, OPEN_FOR_QUESTIONS),
    c.Tag: Rule(_P.TRIAGE, _DECIDABLE | {Q.ON_AIR, Q.ANSWERED, Q.DEFERRED}, OPEN_FOR_QUESTIONS | _OVER),
    c.Assign: Rule(_P.TRIAGE, _DECIDABLE | {Q.APPEALED}, OPEN_FOR_QUESTIONS),
    c.Merge: Rule(_P.TRIAGE, _DECIDABLE, OPEN_FOR_QUESTIONS),
    c.Unmerge: Rule(_P.UNMERGE, frozenset({Q.MERGED}), OPEN_FOR_QUESTIONS),
    c.Defer: Rule(_P.TRIAGE, _DECIDABLE, OPEN_FOR_QUESTIONS),
    c.Appeal: Rule(_P.WITHDRAW, frozenset({Q.REFUSED}), OPEN_FOR_QUESTIONS | _OVER),
    c.AcceptAppeal: Rule(_P.APPEALS, frozenset({Q.APPEALED}), OPEN_FOR_QUESTIONS | _OVER),
    c.RejectAppeal: Rule(_P.APPEALS, frozenset({Q.APPEALED}), OPEN_FOR_QUESTIONS | _OVER),
    c.Enqueue: Rule(_P.ORDER, frozenset({Q.PUBLISHED}), OPEN_FOR_QUESTIONS - _CUT),
    c.Dequeue: Rule(_P.ORDER, frozenset({Q.QUEUED}), OPEN_FOR_QUESTIONS),
    c.Order: Rule(_P.ORDER, frozenset({Q.QUEUED}), OPEN_FOR_QUESTIONS),
    c.PutOnAir: Rule(_P.ON_AIR, frozenset({Q.PUBLISHED, Q.QUEUED}), ON_THE_AIR - _CUT),
    c.TakeOffAir: Rule(_P.ON_AIR, frozenset({Q.ON_AIR}), ON_THE_AIR),
    c.MarkAnswered: Rule(_P.ANSWERED, frozenset({Q.ON_AIR}), ON_THE_AIR),
    c.Withdraw: Rule(_P.WITHDRAW, _DECIDABLE | {Q.MERGED}, OPEN_FOR_QUESTIONS),
    c.GiveOutcome: Rule(_P.OUTCOME, frozenset({Q.ANSWERED, Q.DEFERRED, Q.REFUSED}), _OVER),
}

UNDO_WITHIN = timedelta(seconds=10)
"""How long a move can be taken back by whoever made it; the network gets `UNDO_GRACE` besides."""

UNDO_GRACE = timedelta(seconds=2)

_BY_HAND = (Outcome.ANSWERED_TEXT, Outcome.WORK_ORDER, Outcome.PROJECT_LEAD, Outcome.REFERRED)
FITTING: Mapping[Q, tuple[Outcome, ...]] = {
    Q.ANSWERED: (Outcome.ANSWERED_LIVE, Outcome.COMMITMENT, *_BY_HAND, Outcome.SUGGESTION),
    Q.DEFERRED: (*_BY_HAND, Outcome.SUGGESTION),
    Q.REFUSED: (Outcome.REFUSED, *_BY_HAND),
}
"""What may become of a question, by its state, in the order in which people choose."""

FOLLOWED = frozenset({Outcome.SUGGESTION, Outcome.COMMITMENT, Outcome.WORK_ORDER})
"""Outcomes with a matter of their own: a suggestion always has one, the others where somebody began one."""
