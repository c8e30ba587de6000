"""What follows from a wish: `decide` gives facts, `apply` gives the queue after them. Knows no clock and no storage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from liveroom.errors import Refused
from liveroom.qa import commands as c
from liveroom.qa import events as e
from liveroom.qa.policy import FITTING, RULES
from liveroom.qa.question import (
    ISLAND_LIMIT,
    NICKNAME_LIMIT,
    NOTE_LIMIT,
    OPEN_STATES,
    PUBLIC_STATES,
    TEXT_LIMIT,
    Outcome,
    Question,
    Queue,
    RefusalReason,
)
from liveroom.qa.question import QuestionState as Q
from liveroom.rooms.roles import Actor, Permission, may, require
from liveroom.rooms.session import OPEN_FOR_QUESTIONS, Session, in_session
from liveroom.text import optional_text, require_text

STEP = 1.0
"""The distance between neighbours in the queue; moving between two takes the middle."""


def decide(queue: Queue, session: Session, command: c.AnyCommand, by: Actor, now: datetime) -> list[e.AnyEvent]:
    """The facts that follow from a command, in order.

    Raises `Refused`: `forbidden`, `not_found`, `wrong_state` (with the question's state), `session_closed`,
    `empty`, `too_long`, `not_yours`, `already_on_air` (with the label), `unchanged`, `outcome_not_free`.
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
        raise Refused("session_closed", state=session.state.value)
    if question.state not in rule.sources:
        raise Refused("wrong_state", state=question.state.value)
    return _one(queue, session, question, command, now)


def _one(
    queue: Queue, session: Session, question: Question, command: c.QuestionCommand, now: datetime
) -> list[e.AnyEvent]:
    match command:
        case c.Publish():
            return [e.QuestionPublished(question.id)]
        case c.Refuse(reason=reason, note=note):
            return [e.QuestionRefused(question.id, reason, optional_text(note, "note", NOTE_LIMIT))]
        case c.Edit(text=text):
            text = require_text(text, "text", TEXT_LIMIT)
            if text == question.text:
                raise Refused("unchanged")
            return [e.QuestionEdited(question.id, text)]
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
            return [e.QuestionAnswered(question.id, session.offset_ms(now), commitment)]
        case c.Withdraw():
            return [e.QuestionWithdrawn(question.id), e.OutcomeGiven(question.id, Outcome.WITHDRAWN, "", "")]
        case c.GiveOutcome():
            return [_outcome(question, command)]
    raise TypeError(command)


def _ask(session: Session, command: c.Ask, by: Actor, now: datetime) -> list[e.AnyEvent]:
    if not may(by, Permission.ASK):
        raise Refused("forbidden", permission=Permission.ASK.value)
    if session.state not in OPEN_FOR_QUESTIONS:
        raise Refused("session_closed", state=session.state.value)
    return [
        e.QuestionAsked(
            question=command.id,
            label=command.label,
            code=command.code,
            key=command.key,
            device=by.id,
            text=require_text(command.text, "text", TEXT_LIMIT),
            nickname=optional_text(command.nickname, "nickname", NICKNAME_LIMIT),
            island=optional_text(command.island, "island", ISLAND_LIMIT),
            at=now,
        )
    ]


def _freeze(queue: Queue) -> list[e.AnyEvent]:
    facts: list[e.AnyEvent] = []
    for question in queue.questions.values():
        if question.state in OPEN_STATES:
            facts.append(e.QuestionDeferred(question.id))
        elif question.state is Q.REFUSED and question.outcome is None:
            facts.append(e.OutcomeGiven(question.id, Outcome.REFUSED, "", ""))
    return facts


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
    if not fits or (command.outcome is Outcome.SUGGESTION) != bool(command.matter):
        raise Refused("outcome_not_free", label=question.label)
    note = optional_text(command.note, "note", NOTE_LIMIT)
    if command.outcome is Outcome.ANSWERED_TEXT and not note:
        raise Refused("empty", field="note")
    return e.OutcomeGiven(question.id, command.outcome, note, command.matter)


def apply(queue: Queue, events: Iterable[e.AnyEvent]) -> Queue:
    """The queue after the facts."""
    changed: dict[str, Question] = {}
    for event in events:
        if isinstance(event, e.QuestionAsked):
            changed[event.question] = _asked(event)
        else:
            before = changed.get(event.question) or queue.questions[event.question]
            changed[event.question] = _after(before, event)
    return queue.put(changed.values())


def _asked(event: e.QuestionAsked) -> Question:
    return Question(
        id=event.question,
        label=event.label,
        code=event.code,
        key=event.key,
        device=event.device,
        text=event.text,
        nickname=event.nickname,
        island=event.island,
        asked_at=event.at,
    )


def _after(question: Question, event: e.QuestionEvent) -> Question:
    match event:
        case e.QuestionPublished():
            return _to(question, Q.PUBLISHED, refusal=None, note="")
        case e.QuestionRefused(reason=reason, note=note):
            return _to(question, Q.REFUSED, refusal=RefusalReason(reason), note=note)
        case e.QuestionEdited(text=text):
            return replace(question, text=text, original_text=question.original_text or question.text)
        case e.QuestionQueued(place=place) | e.QuestionOffAir(place=place):
            return _to(question, Q.QUEUED, place=place, on_air_at=None, mark_start=None)
        case e.QuestionDequeued():
            return _to(question, Q.PUBLISHED)
        case e.QuestionMoved(place=place):
            return replace(question, place=place)
        case e.QuestionOnAir(at=at, mark=mark):
            return _to(question, Q.ON_AIR, on_air_at=at, mark_start=mark)
        case e.QuestionAnswered(mark=mark, commitment=commitment):
            return _to(question, Q.ANSWERED, mark_end=mark, commitment=commitment)
        case e.QuestionWithdrawn():
            return _to(question, Q.WITHDRAWN)
        case e.QuestionDeferred():
            return _to(question, Q.DEFERRED)
        case e.OutcomeGiven(outcome=outcome, note=note, matter=matter):
            return replace(question, outcome=Outcome(outcome), outcome_note=note, matter=matter)
    raise TypeError(event)


def _to(question: Question, state: Q, **changes: object) -> Question:
    return replace(
        question,
        state=state,
        was_public=question.was_public or state in PUBLIC_STATES,
        **changes,  # type: ignore[arg-type]
    )
