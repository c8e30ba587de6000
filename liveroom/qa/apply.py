"""What the queue is after the facts. Knows no wishes: whether something was allowed was decided before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from liveroom.qa import events as e
from liveroom.qa.erasing import left_of_question
from liveroom.qa.question import PUBLIC_STATES, Question, Queue
from liveroom.qa.question import QuestionState as Q


def apply(queue: Queue, events: Iterable[e.AnyEvent]) -> Queue:
    """The queue after the facts."""
    changed: dict[str, Question] = {}
    for event in events:
        if isinstance(event, e.QuestionAsked):
            changed[event.question] = _asked(event)
        elif isinstance(event, e.QuestionEvent):
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
        text=event.shown or event.text,
        original_text=event.text if event.shown else "",
        nickname=event.nickname,
        island=event.island,
        asked_at=event.at,
        state=Q.HELD if event.held_because else Q.PENDING,
        source=event.source,
        verified=event.verified,
        held_because=event.held_because,
        hits=event.hits,
    )


def _after(question: Question, event: e.QuestionEvent) -> Question:
    match event:
        case e.QuestionPublished():
            return _to(question, Q.PUBLISHED, refusal=None, note="")
        case e.QuestionReleased():
            return _to(question, Q.PENDING)
        case e.QuestionScreened(text=text, nickname=nickname, island=island, hits=hits, to=to, held_because=because):
            original = question.original_text or (question.text if text != question.text else "")
            shown = {"text": text, "original_text": original, "nickname": nickname, "island": island}
            return _to(question, to, hits=hits, held_because=because, **shown)
        case e.QuestionRefused(reason=reason, note=note, at=at):
            return _to(question, Q.REFUSED, refusal=reason, note=note, refused_at=at)
        case e.QuestionEdited(text=text):
            return replace(question, text=text, original_text=question.original_text or question.text)
        case e.QuestionTagged(tags=tags):
            return replace(question, tags=tags)
        case e.QuestionAssigned(to=to, name=name):
            return replace(question, assigned_to=to, assigned_name=name)
        case e.QuestionMerged(into=into):
            return _to(question, Q.MERGED, merged_into=into, merged_from=question.merged_from or question.state)
        case e.QuestionUnmerged(to=to):
            return _to(question, to or question.merged_from or Q.PENDING, merged_into="", merged_from=None)
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
        case e.QuestionDeferred(note=note):
            return _to(question, Q.DEFERRED, note=note)
        case e.QuestionAppealed(text=text):
            return _to(question, Q.APPEALED, appeal=text)
        case e.AppealAccepted(to=to):
            return _to(question, to, refusal=None, note="", outcome=None, outcome_note="")
        case e.AppealRejected(note=note):
            return _to(question, Q.REFUSED, note=note, appeal_rejected=True)
        case e.QuestionRestored(before=before):
            return replace(before, was_public=question.was_public or before.was_public)
        case e.QuestionErased(because=because, text=text, outcome_note=note, device=device, key=key):
            left = left_of_question(question, device, key)
            return replace(left, text=text, outcome_note=note, erased=because)
        case e.VotesFlagged():
            return question
        case e.OutcomeGiven(outcome=outcome, note=note, matter=matter):
            return replace(question, outcome=outcome, outcome_note=note, matter=matter)
    raise TypeError(event)


def _to(question: Question, state: Q, **changes: object) -> Question:
    return replace(
        question,
        state=state,
        was_public=question.was_public or state in PUBLIC_STATES,
        **changes,  # type: ignore[arg-type]
    )
