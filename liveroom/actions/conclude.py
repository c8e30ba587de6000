"""What happens to questions after the session: outcomes, matters that follow from them, the archive. Knows no page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from liveroom import ids
from liveroom.actions.matter_steps import MatterSteps
from liveroom.actions.sittings import Change, Sittings
from liveroom.errors import Refused
from liveroom.matters.drafting import FRUITLESS, draft
from liveroom.matters.matter import Matter, SourceQuestion
from liveroom.ports.matters import Matters
from liveroom.ports.rooms import Records, Sitting
from liveroom.qa.commands import GiveOutcome
from liveroom.qa.decide import decide
from liveroom.qa.events import AnyEvent
from liveroom.qa.question import APPEAL_WITHIN, Outcome, Question, QuestionState
from liveroom.rooms import session as rooms
from liveroom.rooms.roles import Actor
from liveroom.rooms.session import AnySessionEvent, SessionState

BEGINNINGS: Mapping[Outcome, tuple[str, str]] = {
    Outcome.SUGGESTION: ("suggestion", "draft"),
    Outcome.COMMITMENT: ("commitment", "say"),
    Outcome.WORK_ORDER: ("work_order", "receive"),
}
"""Outcomes that are followed: the kind of matter, and the command with which it begins."""


class Concluding:
    """Outcomes for every question; the archive only when none is missing."""

    def __init__(self, records: Records, sittings: Sittings, matters: Matters, steps: MatterSteps) -> None:
        self._records = records
        self._sittings = sittings
        self._matters = matters
        self._steps = steps

    async def fruitless(self, session: str) -> frozenset[str]:
        """The matters of a session that have ended without a reply: what they held is open again."""
        sitting = await self._records.load(session)
        held = {question.matter for question in sitting.queue.questions.values()} - {""}
        states = await self._matters.states(held) if held else {}
        return frozenset(matter for matter, state in states.items() if state in FRUITLESS)

    async def give_outcome(
        self, session: str, questions: Sequence[str], outcome: Outcome, note: str, by: Actor
    ) -> Sitting:
        """The same outcome for one or several questions: all of them or none.

        `Refused("outcome_not_free")` names every question that it does not fit.
        """
        fruitless = await self.fruitless(session)

        def giving(sitting: Sitting, now: datetime) -> Change:
            wishes = [
                GiveOutcome(question, outcome, note, free=_held(sitting, question) in fruitless)
                for question in dict.fromkeys(questions)
            ]
            return Change([*_begun(sitting, by, now), *_given(sitting, wishes, by, now)])

        return await self._sittings.change(session, giving, by)

    async def draft_suggestion(self, session: str, questions: Sequence[str], title: str, by: Actor) -> str:
        """A draft from one or several questions, born in the same transaction as their outcome; its identifier."""
        return await self._followed(session, questions, Outcome.SUGGESTION, lambda sources: draft(sources, title), by)

    async def follow_up(
        self, session: str, questions: Sequence[str], outcome: Outcome, values: Mapping[str, str], by: Actor
    ) -> str:
        """The same for a commitment or a work order, with the fields of its first step; what is missing of title and
        text is taken from the questions. Raises what `engine.begin` raises."""
        typed = {name: value for name, value in values.items() if value.strip()}
        return await self._followed(
            session, questions, outcome, lambda sources: {**draft(sources, ""), "body": _words(sources), **typed}, by
        )

    async def _followed(
        self,
        session: str,
        questions: Sequence[str],
        outcome: Outcome,
        values: Callable[[Sequence[SourceQuestion]], Mapping[str, str]],
        by: Actor,
    ) -> str:
        if outcome not in BEGINNINGS:
            raise Refused("bad_choice", field="outcome")
        kind, command = BEGINNINGS[outcome]
        votes, fruitless = await self._records.votes(session), await self.fruitless(session)
        start, matter = await self._steps.starter(kind, command), Matter(ids.new_id(), kind=kind)

        def beginning(sitting: Sitting, now: datetime) -> Change:
            chosen = [sitting.queue.get(question) for question in dict.fromkeys(questions)]
            sources = [
                _source(session, q, votes.get(q.id, 0), len(sitting.queue.askers(q))) for q in chosen if q is not None
            ]
            if len(sources) != len(chosen):
                raise Refused("not_found")
            wishes = [
                GiveOutcome(s.question, outcome, "", matter.id, _held(sitting, s.question) in fruitless)
                for s in sources
            ]
            facts = _given(sitting, wishes, by, now)
            return Change([*_begun(sitting, by, now), *facts], [start(matter, values(sources), by, sources)])

        await self._sittings.change(session, beginning, by)
        return matter.id

    async def archive(self, session: str, by: Actor) -> Sitting:
        """Close the file.

        `Refused("outcomes_missing")` lists the labels of questions without an outcome, freed again, or under appeal;
        `Refused("appeals_open")` those whose askers may still appeal, and until when: what is archived changes no more.
        """
        fruitless = await self.fruitless(session)

        def archiving(sitting: Sitting, now: datetime) -> Change:
            questions = sitting.queue.questions.values()
            missing = tuple(
                q.label
                for q in questions
                if q.outcome is None or q.state is QuestionState.APPEALED or q.matter in fruitless
            )
            facts = rooms.decide(sitting.session, rooms.Archive(), by, now, without_outcome=missing)
            appealable = [q for q in questions if q.may_appeal(now)]
            if appealable:
                until = max(q.refused_at for q in appealable if q.refused_at) + APPEAL_WITHIN
                raise Refused("appeals_open", questions=[q.label for q in appealable], until=until)
            return Change(facts)

        return await self._sittings.change(session, archiving, by)


def _begun(sitting: Sitting, by: Actor, now: datetime) -> list[AnySessionEvent]:
    if sitting.session.state is not SessionState.ENDED:
        return []
    return rooms.decide(sitting.session, rooms.BeginDisposition(), by, now)


def _given(sitting: Sitting, wishes: Sequence[GiveOutcome], by: Actor, now: datetime) -> list[AnyEvent]:
    facts: list[AnyEvent] = []
    misfits: list[str] = []
    for wish in wishes:
        try:
            facts += decide(sitting.queue, sitting.session, wish, by, now)
        except Refused as refused:
            if refused.code != "outcome_not_free":
                raise
            misfits.append(str(refused.detail["label"]))
    if misfits:
        raise Refused("outcome_not_free", label=", ".join(misfits))
    return facts


def _held(sitting: Sitting, question: str) -> str:
    """The suggestion that holds the question, empty when none does."""
    found = sitting.queue.get(question)
    return found.matter if found else ""


def _words(sources: Sequence[SourceQuestion]) -> str:
    return "\n".join(f"{source.text}（编号 {source.label}，附议 {source.votes}）" for source in sources)


def _source(session: str, question: Question, votes: int, askers: int) -> SourceQuestion:
    wordings = (question.text, question.original_text) if question.edited else (question.text,)
    return SourceQuestion(
        question=question.id,
        session=session,
        label=question.label,
        wordings=wordings,
        votes=votes,
        mark_start=question.mark_start,
        mark_end=question.mark_end,
        was_public=question.was_public,
        askers=askers,
    )
