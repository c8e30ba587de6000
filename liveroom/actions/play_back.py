"""Playing back (回放) the answer to a question that everybody may read. Knows no recording and no address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from liveroom.clock import Clock
from liveroom.errors import Refused
from liveroom.ports.recordings import Clip, Recordings
from liveroom.ports.rooms import Records, Sitting
from liveroom.qa.question import Question
from liveroom.qa.wire import Audience, visible
from liveroom.rooms.playback import Span, answer_span


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that may be played back: where, and how long it is."""

    room: str
    session: str
    label: str
    seconds: int


class PlayingBack:
    """Which answers may be played back now, and their clips."""

    def __init__(self, records: Records, recordings: Recordings, clock: Clock) -> None:
        self._records = records
        self._recordings = recordings
        self._clock = clock

    async def answers(self, session: str) -> Mapping[str, Answer]:
        """Of a session, by question."""
        sitting = await self._records.load(session)
        questions = sitting.queue.questions.values()
        spans = [(q, span) for q in questions if (span := self._span(sitting, q)) is not None]
        if not spans:
            return {}
        there = await self._recordings.covers(session, [span for _, span in spans])
        return {
            question.id: Answer(sitting.session.room, session, question.label, span.seconds)
            for (question, span), recorded in zip(spans, there, strict=True)
            if recorded
        }

    async def answers_of(self, sessions: Iterable[str]) -> Mapping[str, Answer]:
        """Of several sessions, by question."""
        found: dict[str, Answer] = {}
        for session in dict.fromkeys(sessions):
            found |= await self.answers(session)
        return found

    async def clip(self, room: str, session: str, label: str, *, picture: bool) -> Clip:
        """The answer to the question with this label; without `picture` its sound alone.

        Refuses `not_found`, whatever the reason: what may not be played back is not there.
        """
        sitting = await self._records.load(session)
        question = next((q for q in sitting.queue.questions.values() if q.label == label), None)
        span = self._span(sitting, question) if question and sitting.session.room == room else None
        if span is None:
            raise Refused("not_found")
        return await self._recordings.clip(session, span, picture=picture)

    def _span(self, sitting: Sitting, question: Question) -> Span | None:
        # By retention goes what nobody read; at its asker's wish what was read goes, too, and who reads it out.
        if question.erased == "asker" or not visible(question, Audience.PUBLIC):
            return None
        return answer_span(sitting.session, question.mark_start, question.mark_end, self._clock())
