"""Taking a move back: whether it can be, and what that restores. Knows no clock and no storage."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from liveroom.errors import Refused
from liveroom.qa import events as e
from liveroom.qa.apply import apply
from liveroom.qa.cut import require_silence
from liveroom.qa.policy import UNDO_GRACE, UNDO_WITHIN
from liveroom.qa.question import Question, QuestionState, Queue
from liveroom.rooms.roles import Actor
from liveroom.rooms.session import OPEN_FOR_QUESTIONS, Session, SessionState

UNDOABLE = (
    e.QuestionPublished,
    e.QuestionRefused,
    e.QuestionReleased,
    e.QuestionEdited,
    e.QuestionTagged,
    e.QuestionAssigned,
    e.QuestionMerged,
    e.QuestionUnmerged,
    e.QuestionDeferred,
    e.QuestionQueued,
    e.QuestionDequeued,
    e.QuestionMoved,
    e.QuestionOnAir,
    e.QuestionOffAir,
    e.QuestionAnswered,
)
"""What a moderator does to questions; what askers do, and what is decided about an appeal, stays."""


_SPEAK_NO_MORE = frozenset({QuestionState.REFUSED, QuestionState.APPEALED, QuestionState.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the session's feed: its number, when, by whom, what."""

    seq: int
    at: datetime
    by: str
    event: object


def undo(
    queue: Queue, session: Session, lines: Sequence[Line], first: int, last: int, by: Actor, now: datetime
) -> list[e.AnyEvent]:
    """The facts that take back the lines `first` to `last`, which were one move.

    `lines` are all lines of the feed about the questions of that move, oldest first, and the move itself. Raises
    `Refused("cannot_undo")` when it is too late, somebody else's, changed since, or nothing that can be undone,
    `already_on_air`, and `session_cut` when it would show something while the broadcast is cut off.
    """
    move = [line for line in lines if first <= line.seq <= last]
    about = {line.event.question for line in move if isinstance(line.event, UNDOABLE)}
    since = [line for line in lines if line.seq > last and _question(line) in about]
    complete = first <= last and len(move) == last - first + 1
    ours = all(
        isinstance(line.event, UNDOABLE) and line.by == by.id and now - line.at <= UNDO_WITHIN + UNDO_GRACE
        for line in move
    )
    if not complete or not ours or since or session.state not in OPEN_FOR_QUESTIONS:
        raise Refused("cannot_undo")
    earlier = [line.event for line in lines if line.seq < first and _question(line) in about]
    before = apply(Queue(queue.session), earlier)  # type: ignore[arg-type]
    if any(_replayed(lines, question) != queue.get(question) for question in about):
        raise Refused("cannot_undo")  # a line has come in since the others were read
    current = queue.on_air()
    facts: list[e.AnyEvent] = []
    for question in dict.fromkeys(line.event.question for line in move):  # type: ignore[attr-defined]
        restored = before.questions[question]
        if restored.state is QuestionState.ON_AIR and current is not None and current.id not in about:
            raise Refused("already_on_air", label=current.label)
        facts.append(e.QuestionRestored(question, first, restored, queue.questions[question].merged_into))
    _require_speakers(apply(queue, facts), about)
    if session.state is SessionState.CUT:
        require_silence(queue, facts)
    return facts


def _require_speakers(queue: Queue, about: Set[str]) -> None:
    """Others may have been merged since, which no line of these questions tells: nobody is spoken for by a refused
    question, and none by itself.
    """
    for start in queue.questions.values():
        question, passed = start, {start.id}
        while question.merged_into:
            into = queue.questions[question.merged_into]
            if into.id in passed or (into.state in _SPEAK_NO_MORE and {question.id, into.id} & about):
                raise Refused("cannot_undo")
            passed.add(into.id)
            question = into


def _replayed(lines: Sequence[Line], question: str) -> Question | None:
    return apply(Queue(""), [line.event for line in lines if _question(line) == question]).get(question)  # type: ignore[misc]


def _question(line: Line) -> str:
    return line.event.question if isinstance(line.event, e.QuestionEvent) else ""
