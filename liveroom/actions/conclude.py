"""What happens to questions after the session: outcomes, drafts of suggestions, the archive. Knows no page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from liveroom import ids
from liveroom.actions.sittings import Change, Sittings
from liveroom.errors import Refused
from liveroom.matters.suggestion import Matter, SourceQuestion, draft
from liveroom.ports.rooms import Records, Sitting
from liveroom.qa.commands import GiveOutcome
from liveroom.qa.decide import decide
from liveroom.qa.question import Outcome, Question
from liveroom.rooms import session as rooms
from liveroom.rooms.roles import Actor
from liveroom.rooms.session import AnySessionEvent, SessionState


class Concluding:
    """Outcomes for every question; the archive only when none is missing."""

    def __init__(self, records: Records, sittings: Sittings) -> None:
        self._records = records
        self._sittings = sittings

    async def give_outcome(
        self, session: str, questions: Sequence[str], outcome: Outcome, note: str, by: Actor
    ) -> Sitting:
        """The same outcome for one or several questions: all of them or none."""

        def giving(sitting: Sitting, now: datetime) -> Change:
            facts = [
                fact
                for question in dict.fromkeys(questions)
                for fact in decide(sitting.queue, sitting.session, GiveOutcome(question, outcome, note), by, now)
            ]
            return Change([*_begun(sitting, by, now), *facts])

        return await self._sittings.change(session, giving, by)

    async def draft_suggestion(self, session: str, questions: Sequence[str], title: str, by: Actor) -> str:
        """A draft from one or several questions, born in the same transaction as their outcome; its identifier."""
        votes = await self._records.votes(session)
        matter = Matter(ids.new_id())

        def drafting(sitting: Sitting, now: datetime) -> Change:
            chosen = [sitting.queue.get(question) for question in dict.fromkeys(questions)]
            sources = [_source(session, q, votes.get(q.id, 0)) for q in chosen if q is not None]
            if len(sources) != len(chosen):
                raise Refused("not_found")
            facts = [
                fact
                for source in sources
                for fact in decide(
                    sitting.queue,
                    sitting.session,
                    GiveOutcome(source.question, Outcome.SUGGESTION, "", matter.id),
                    by,
                    now,
                )
            ]
            return Change([*_begun(sitting, by, now), *facts], [(matter, draft(sources, title, by))])

        await self._sittings.change(session, drafting, by)
        return matter.id

    async def archive(self, session: str, by: Actor) -> Sitting:
        """Close the file; `Refused("outcomes_missing")` lists the labels of questions without one."""

        def archiving(sitting: Sitting, now: datetime) -> Change:
            missing = tuple(question.label for question in sitting.queue.without_outcome())
            return Change(rooms.decide(sitting.session, rooms.Archive(), by, now, without_outcome=missing))

        return await self._sittings.change(session, archiving, by)


def _begun(sitting: Sitting, by: Actor, now: datetime) -> list[AnySessionEvent]:
    if sitting.session.state is not SessionState.ENDED:
        return []
    return rooms.decide(sitting.session, rooms.BeginDisposition(), by, now)


def _source(session: str, question: Question, votes: int) -> SourceQuestion:
    wordings = (question.text, question.original_text) if question.edited else (question.text,)
    return SourceQuestion(
        question=question.id,
        session=session,
        label=question.label,
        wordings=wordings,
        votes=votes,
        mark_start=question.mark_start,
        mark_end=question.mark_end,
    )
