"""What nobody does while the broadcast is cut off (即时阻断): show more than before. Knows no command."""

from __future__ import annotations

from collections.abc import Iterable

from liveroom.errors import Refused
from liveroom.qa.apply import apply
from liveroom.qa.events import AnyEvent, QuestionEvent
from liveroom.qa.question import Question, Queue
from liveroom.qa.question import QuestionState as Q

_SHOWN = {Q.DEFERRED: 1, Q.PUBLISHED: 2, Q.ANSWERED: 2, Q.QUEUED: 3, Q.ON_AIR: 4}


def require_silence(queue: Queue, facts: Iterable[AnyEvent]) -> None:
    """`Refused("session_cut")` when a question would be seen by more people after the facts, or in other words."""
    facts = list(facts)
    after = apply(queue, facts)
    for name in {fact.question for fact in facts if isinstance(fact, QuestionEvent)}:
        old, new = queue.questions[name], after.questions[name]
        if _shown(new) > _shown(old) or (_shown(new) and new.text != old.text):
            raise Refused("session_cut")


def _shown(question: Question) -> int:
    """How far it is seen: nothing for what the public does not see at all."""
    if question.state is Q.DEFERRED and not question.was_public:
        return 0
    return _SHOWN.get(question.state, 0)
