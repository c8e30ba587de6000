"""Which outcomes of questions are news for those who follow them. Knows no follower."""

from __future__ import annotations

from liveroom.qa.events import OutcomeGiven
from liveroom.qa.question import Outcome, Question

UNTOLD = frozenset({Outcome.MERGED, Outcome.WITHDRAWN})
"""Of the first one, what becomes of the question that speaks for it is told; the second one is the asker's own."""


def is_news(before: Question, event: OutcomeGiven, *, let_go: bool = False) -> bool:
    """Whether an outcome may have to be told by itself: once, and once more when another one takes its place.

    Where a matter begins with it, the first step of that is told. `let_go` says that with it the matter that held the
    question lets it go: then a step of that one is told, unless it may not be spoken of.
    """
    again = (before.outcome, before.outcome_note, before.matter) == (event.outcome, event.note, event.matter)
    return (let_go or not event.matter) and event.outcome not in UNTOLD and not again
