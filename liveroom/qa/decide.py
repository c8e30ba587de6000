"""What follows from a wish: the facts, or a refusal. Knows no clock and no storage."""

from __future__ import annotations

from datetime import datetime

from liveroom.errors import Refused
from liveroom.qa import commands as c
from liveroom.qa import events as e
from liveroom.qa.cut import require_silence
from liveroom.qa.policy import FITTING, FOLLOWED, RULES
from liveroom.qa.question import (
    APPEAL_LIMIT,
    ISLAND_LIMIT,
    NICKNAME_LIMIT,
    NOTE_LIMIT,
    OPEN_STATES,
    PUBLIC_STATES,
    SPEAKING_STATES,
    TAG_LIMIT,
    TAGS_MOST,
    TEXT_LIMIT,
    HeldBecause,
    Outcome,
    Question,
    Queue,
)
from liveroom.qa.question import QuestionState as Q
from liveroom.rooms.roles import Actor, Permission, may, require
from liveroom.rooms.session import OPEN_FOR_QUESTIONS, Session, SessionState, in_session
from liveroom.text import optional_text, require_text

STEP = 1.0
"""The distance between neighbours in the queue; moving between two takes the middle."""


def decide(queue: Queue, session: Session, command: c.AnyCommand, by: Actor, now: datetime) -> list[e.AnyEvent]:
    """The facts that follow from a command, in order.

    Raises `Refused`: `forbidden`, `not_found`, `wrong_state` (with the question's state), `session_closed`,
    `session_cut`, `empty`, `too_long`, `too_many`, `already_on_air` (with the label), `unchanged`,
    `outcome_not_free`, `commitment_said`, `cannot_merge`, `appeal_over`.
    """
    match command:
        case c.Ask():
            return _ask(session, command, by, now)
        case c.Freeze():
            return _freeze(queue)
    rule = RULES[type(command)]
    require(in_session(session, by), rule.permission)
    question = queue.get(command.question)
    if question is None or (rule.permission is Permission.WITHDRAW and question.device != by.id):
        # Whose question it is would be a hint: to others it does not exist.
        raise Refused("not_found")
    if session.state not in rule.sessions:
        cut = session.state is SessionState.CUT
        raise Refused("session_cut" if cut else "session_closed", state=session.state.value)
    if question.state not in rule.sources:
        raise Refused("wrong_state", state=question.state.value)
    facts = _one(queue, session, question, command, now)
    if session.state is SessionState.CUT:
        require_silence(queue, facts)
    return facts


def _one(
    queue: Queue, session: Session, question: Question, command: c.QuestionCommand, now: datetime
) -> list[e.AnyEvent]:
    match command:
        case c.Publish():
            return [e.QuestionPublished(question.id)]
        case c.Release():
            return [e.QuestionReleased(question.id)]
        case c.Rescreen():
            return _rescreen(question, command)
        case c.Refuse(reason=reason, note=note):
            refused = e.QuestionRefused(question.id, reason, optional_text(note, "note", NOTE_LIMIT), now)
            return [refused, *_let_go(queue, session, question)]
        case c.Edit(text=text, hits=hits):
            text = require_text(text, "text", TEXT_LIMIT)
            if text == question.text:
                raise Refused("unchanged")
            return [e.QuestionEdited(question.id, text, hits)]
        case c.Tag(tags=tags):
            return _tag(question, tags)
        case c.Assign(to=to, name=name):
            return [] if to == question.assigned_to else [e.QuestionAssigned(question.id, to, name)]
        case c.Merge(into=into):
            return [_merge(queue, question, into)]
        case c.Unmerge():
            return [_unmerged(session, question)]
        case c.Defer(note=note):
            return [e.QuestionDeferred(question.id, optional_text(note, "note", NOTE_LIMIT))]
        case c.Appeal(text=text):
            if not question.may_appeal(now):
                raise Refused("appeal_over")
            return [e.QuestionAppealed(question.id, require_text(text, "text", APPEAL_LIMIT), now)]
        case c.AcceptAppeal():
            return [e.AppealAccepted(question.id, Q.PENDING if session.state in OPEN_FOR_QUESTIONS else Q.DEFERRED)]
        case c.RejectAppeal(note=note):
            return [e.AppealRejected(question.id, require_text(note, "note", NOTE_LIMIT))]
        case c.Enqueue():
            return [e.QuestionQueued(question.id, _last_place(queue))]
        case c.Dequeue():
            return [e.QuestionDequeued(question.id)]
        case c.Order(before=before):
            return _order(queue, question, before)
        case c.PutOnAir():
            current = queue.on_air()
            if current is not None:
                raise Refused("already_on_air", label=current.label)
            return [e.QuestionOnAir(question.id, now, session.offset_ms(now))]
        case c.TakeOffAir():
            waiting = queue.queued()
            return [e.QuestionOffAir(question.id, waiting[0].place - STEP if waiting else STEP)]
        case c.MarkAnswered(commitment=commitment):
            # A clock that was set back in between must not end an answer before it began.
            end = max(question.mark_start or 0, session.offset_ms(now))
            return [e.QuestionAnswered(question.id, end, commitment)]
        case c.Withdraw():
            withdrawn = e.QuestionWithdrawn(question.id)
            outcome = e.OutcomeGiven(question.id, Outcome.WITHDRAWN, "", "")
            return [withdrawn, outcome, *_let_go(queue, session, question)]
        case c.GiveOutcome():
            return [_outcome(question, command)]
    raise TypeError(command)


def _ask(session: Session, command: c.Ask, by: Actor, now: datetime) -> list[e.AnyEvent]:
    if not may(by, Permission.ASK) and not may(by, Permission.ENTER):
        raise Refused("forbidden", permission=Permission.ASK.value)
    if session.state not in OPEN_FOR_QUESTIONS:
        raise Refused("session_closed", state=session.state.value)
    held = HeldBecause.LIST if command.held else None
    if held is None and session.shielded(now) and not may(by, Permission.ENTER):
        held = HeldBecause.SHIELD
    return [
        e.QuestionAsked(
            question=command.id,
            label=command.label,
            code=command.code,
            key=command.key,
            device=command.device or by.id,
            text=require_text(command.text, "text", TEXT_LIMIT),
            nickname=optional_text(command.nickname, "nickname", NICKNAME_LIMIT),
            island=optional_text(command.island, "island", ISLAND_LIMIT),
            at=now,
            source=command.source,
            verified=command.verified,
            shown=command.shown,
            hits=command.hits,
            held_because=held,
        )
    ]


def _rescreen(question: Question, command: c.Rescreen) -> list[e.AnyEvent]:
    """Only what is new holds a question: what somebody has let go stays so."""
    known = {hit.reason for hit in question.hits}
    state, because = question.state, question.held_because
    if any(hit.holds and hit.reason not in known for hit in command.hits):
        state, because = Q.HELD, because if state is Q.HELD else HeldBecause.LIST
    elif state is Q.HELD and because is HeldBecause.LIST and not any(hit.holds for hit in command.hits):
        state, because = Q.PENDING, None
    after = e.QuestionScreened(
        question.id, command.text, command.nickname, command.island, command.hits, state, because
    )
    before = (question.text, question.nickname, question.island, question.hits, question.state)
    same = before == (after.text, after.nickname, after.island, after.hits, after.to)
    return [] if same else [after]


def _freeze(queue: Queue) -> list[e.AnyEvent]:
    facts: list[e.AnyEvent] = []
    for question in queue.questions.values():
        if question.state in OPEN_STATES:
            facts.append(e.QuestionDeferred(question.id))
        elif question.state is Q.REFUSED and question.outcome is None:
            facts.append(e.OutcomeGiven(question.id, Outcome.REFUSED, "", ""))
        elif question.state is Q.MERGED:
            facts.append(e.OutcomeGiven(question.id, Outcome.MERGED, "", ""))
    return facts


def _tag(question: Question, tags: tuple[str, ...]) -> list[e.AnyEvent]:
    tidy = tuple(dict.fromkeys(require_text(tag, "tags", TAG_LIMIT) for tag in tags))
    if len(tidy) > TAGS_MOST:
        raise Refused("too_many", field="tags", limit=TAGS_MOST)
    return [] if tidy == question.tags else [e.QuestionTagged(question.id, tidy)]


def _merge(queue: Queue, question: Question, into: str) -> e.QuestionMerged:
    """Into a question that stands for itself, so a chain of merges never closes to a ring."""
    target = queue.get(into)
    if target is None:
        raise Refused("not_found")
    if target.id == question.id or target.state not in SPEAKING_STATES:
        raise Refused("cannot_merge", label=target.label)
    return e.QuestionMerged(question.id, target.id)


def _unmerged(session: Session, question: Question) -> e.QuestionUnmerged:
    """It stands as it stood before; while the broadcast is cut off, where nobody sees it."""
    hidden = session.state is SessionState.CUT and question.merged_from in PUBLIC_STATES
    return e.QuestionUnmerged(question.id, question.merged_into, Q.PENDING if hidden else None)


def _let_go(queue: Queue, session: Session, question: Question) -> list[e.AnyEvent]:
    """Whoever was merged into a question that leaves speaks for itself again: nobody is refused unread.

    Not what its asker took back meanwhile: that is never heard of again, though its voters stay united.
    """
    return [
        _unmerged(session, q) for q in queue.questions.values() if q.merged_into == question.id and q.state is Q.MERGED
    ]


def _order(queue: Queue, question: Question, before: str | None) -> list[e.AnyEvent]:
    others = [q for q in queue.queued() if q.id != question.id]
    if before is None:
        place = others[-1].place + STEP if others else STEP
    else:
        index = next((i for i, q in enumerate(others) if q.id == before), None)
        if index is None:
            raise Refused("not_found")
        after = others[index - 1].place if index else others[0].place - 2 * STEP
        place = (after + others[index].place) / 2
        if place in (after, others[index].place):
            return _spread(others, question, index)
    return [] if place == question.place else [e.QuestionMoved(question.id, place)]


def _spread(others: list[Question], question: Question, index: int) -> list[e.AnyEvent]:
    """Fresh places for the whole queue, when halving has used up the room between two neighbours."""
    order = [*others[:index], question, *others[index:]]
    return [e.QuestionMoved(q.id, (i + 1) * STEP) for i, q in enumerate(order)]


def _last_place(queue: Queue) -> float:
    waiting = queue.queued()
    return waiting[-1].place + STEP if waiting else STEP


def _outcome(question: Question, command: c.GiveOutcome) -> e.OutcomeGiven:
    if question.matter and not command.free:
        raise Refused("outcome_not_free", label=question.label)
    fits = command.outcome in FITTING[question.state]
    followed = command.outcome in FOLLOWED if command.matter else command.outcome is not Outcome.SUGGESTION
    if not fits or not followed:
        raise Refused("outcome_not_free", label=question.label)
    note = optional_text(command.note, "note", NOTE_LIMIT)
    if question.commitment and not note and not command.matter:
        # What was promised before everybody is not passed over by a tick: it begins, or somebody says why not.
        raise Refused("commitment_said", label=question.label)
    if command.outcome is Outcome.ANSWERED_TEXT and not note:
        raise Refused("empty", field="note")
    return e.OutcomeGiven(question.id, command.outcome, note, command.matter)
