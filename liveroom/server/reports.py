"""Reports as headings and tables in words, to print and hand out, and that of one session. Knows no paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from liveroom.matters.sight import everybody_reads
from liveroom.ports.rooms import Sitting
from liveroom.qa.figures import PARTS, behind, figures
from liveroom.qa.question import Question
from liveroom.qa.wire import Audience, visible
from liveroom.server import keys
from liveroom.server.pages import language, macros
from liveroom.server.refusals import N_
from liveroom.server.words import when

LISTED = 100
QUESTIONS = 1000
"""Rows of a table at most."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words under a heading. `widths` are parts of the page; `empty` stands for no row, `note` below them."""

    heading: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    empty: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A title, lines below it, tables, and lines at the end. `alarm` says above all that something is wrong."""

    title: str
    below: tuple[str, ...]
    tables: tuple[Table, ...]
    end: tuple[str, ...] = ()
    alarm: str = ""


async def of_session(request: web.Request, sitting: Sitting) -> Report:
    """The report of one session: its questions in numbers, and what became of each that was public."""
    say, parts = Say(request), macros(request, "_parts.html")
    verbs = request.app[keys.VERBS]
    session = sitting.session
    counted, votes = figures(sitting.queue), await verbs.attending.votes(session.id)
    view = await verbs.attending.session_view(session)
    numbers = [(str(parts.part_words(part)), len(behind(sitting.queue, part))) for part in PARTS]
    after = next(place for place, part in enumerate(PARTS, 1) if part == "refused")
    numbers[after:after] = [(str(parts.reason_words(reason)), number) for reason, number in counted.refused.items()]
    public = [q for q in sitting.queue.questions.values() if visible(q, Audience.PUBLIC)]
    rows = [await _question(request, question, votes.get(question.id, 0), parts) for question in public[:QUESTIONS]]
    left_out = counted.received - len(rows)
    return Report(
        title=say(_SESSION_TITLE, topic=session.topic),
        below=(f"{when(session.starts_at, language(request))} · {'、'.join(view.deputies)}",),
        tables=(
            Table(say(_QUESTIONS), (say(_FIGURE), say(_NUMBER)), tuple((w, str(n)) for w, n in numbers), (70, 30)),
            Table(
                say(_BECAME),
                (say(_CODE), say(_QUESTION), say(_SECONDS), say(_OUTCOME)),
                tuple(rows),
                (10, 52, 10, 28),
                say(_NO_QUESTION),
                say(_LEFT_OUT, shown=len(rows), hidden=left_out) if rows and left_out else "",
            ),
        ),
        end=(say(_TODAY, day=verbs.open_book.today().isoformat()),),
    )


async def _question(request: web.Request, question: Question, votes: int, parts: Any) -> tuple[str, ...]:
    outcome = str(parts.outcome_words(question.outcome))
    if question.matter:
        matter = await request.app[keys.MATTERS].load(question.matter)
        if everybody_reads(matter):
            rules = await request.app[keys.VERBS].following_up.rules_of(matter)
            state = rules.kind(matter.kind).states.get(matter.state)
            words = (state.zh if language(request) == "zh" else state.en) if state else matter.state
            outcome = f"{outcome} {matter.number} · {words}"
    return question.label, question.text, str(votes), outcome


class Say:
    """Sentences in the language of the request."""

    def __init__(self, request: web.Request) -> None:
        self._words, self._lang = request.app[keys.WORDS], language(request)

    def __call__(self, sentence: str, **values: object) -> str:
        return self._words.say(self._lang, sentence, **values)


_SESSION_TITLE = N_("场次报告 · {topic}")
_FIGURE, _NUMBER = N_("项目"), N_("数量")
_QUESTIONS, _BECAME, _NO_QUESTION = N_("提问统计"), N_("每个提问的去向"), N_("这一场没有公开的提问。")
_CODE, _QUESTION, _SECONDS, _OUTCOME = N_("编号"), N_("提问"), N_("附议"), N_("去向")
_LEFT_OUT = N_("列出 {shown} 件；其余 {hidden} 件没有公开、已并入或已撤回，只计数。")
_TODAY = N_("按 {day} 的记录统计。")
