"""Reports as headings and tables in words, to print and hand out: of a quarter, of one session. Knows no paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from liveroom.errors import Refused
from liveroom.matters.periods import Period
from liveroom.matters.promises import Standing
from liveroom.matters.statistics import Figure
from liveroom.ports.matters import Wanted
from liveroom.qa.figures import figures
from liveroom.qa.question import PUBLIC_STATES, Question
from liveroom.rooms.session import Session
from liveroom.server import keys
from liveroom.server.case_views import row_view
from liveroom.server.figure_pages import frozen_view, group_names, percent
from liveroom.server.pages import ENVIRONMENTS, language
from liveroom.server.refusals import N_
from liveroom.server.words import when

LISTED = 100
BY_UNIT = ("replied_on_time", "closed", "solved", "satisfied", "rehandled")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words under a heading. `widths` are parts of the page."""

    heading: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A title, lines below it, tables, and lines at the end."""

    title: str
    below: tuple[str, ...]
    tables: tuple[Table, ...]
    end: tuple[str, ...] = ()


async def of_quarter(request: web.Request, period: Period) -> Report:
    """The notice of a period (通报): the frozen figures where the quarter is frozen."""
    say, f = _Say(request), _macros(request, "_figures.html")
    open_book = request.app[keys.VERBS].open_book
    counted = await open_book.statistics(period, "unit")
    checked = await open_book.frozen(period.name) if period.is_quarter else None
    frozen = frozen_view(checked) if checked else None
    shown = frozen["figures"] if frozen else counted.figures
    names = await group_names(request, "unit")
    rates = tuple(
        (str(f.measure_words(name)), _rate(figure), f"{figure.holds} ÷ {figure.of}", str(f.formula_words(name)))
        for name, figure in shown.items()
    )
    units = tuple(
        (names.get(unit, unit), *(_rate(figures[name]) for name in BY_UNIT))
        for unit, figures in sorted(counted.groups.items(), key=lambda group: names.get(group[0], group[0]))
    )
    waiting = frozen["waiting"] if frozen else counted.waiting
    end = [say(_TODAY, day=open_book.today().isoformat())]
    if frozen:
        end = [say(_PUBLISHED, at=when(frozen["at"], language(request))), say(_KEY, key=frozen["key"])]
        end += [say(_SIGNATURE, signature=frozen["signature"])]
    return Report(
        title=say(_QUARTER_TITLE, period=str(f.period_words(period))),
        below=(str(f.days_words(waiting)) if frozen or counted.waiting.count else "",),
        tables=(
            Table(say(_FIGURES), (say(_FIGURE), say(_RATE), say(_PARTS), say(_FORMULA)), rates, (24, 12, 14, 50)),
            Table(
                say(_UNITS),
                (say(_UNIT), *(str(f.measure_words(name)) for name in BY_UNIT)),
                units,
                (30, 14, 14, 14, 14, 14),
                say(_NO_UNIT),
            ),
            await _overdue(request, say),
            await _promises(request, say),
        ),
        end=tuple(end),
    )


async def of_session(request: web.Request, session: Session) -> Report:
    """The report of one session: its questions in numbers, and what became of each that was public."""
    say, parts = _Say(request), _macros(request, "_parts.html")
    verbs = request.app[keys.VERBS]
    sitting = await verbs.attending.sitting(session.id)
    counted, votes = figures(sitting.queue), await verbs.attending.votes(session.id)
    view = await verbs.attending.session_view(session)
    numbers = (
        (say(N_("收到")), counted.received),
        (say(N_("公开过")), counted.published),
        (say(N_("已回答")), counted.answered),
        (say(N_("并入相同提问")), counted.merged),
        (say(N_("会后处理")), counted.deferred),
        (say(N_("未公开")), counted.refused_in_all),
        *((str(parts.reason_words(reason)), number) for reason, number in counted.refused.items()),
        (say(N_("本人撤回")), counted.withdrawn),
        (say(N_("等待审核")), counted.waiting),
    )
    public = [q for q in sitting.queue.questions.values() if q.was_public or q.state in PUBLIC_STATES]
    rows = [await _question(request, question, votes.get(question.id, 0), parts) for question in public[: 10 * LISTED]]
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
            ),
        ),
        end=(say(_TODAY, day=verbs.open_book.today().isoformat()),),
    )


async def _question(request: web.Request, question: Question, votes: int, parts: Any) -> tuple[str, ...]:
    outcome = str(parts.outcome_words(question.outcome))
    if question.matter:
        matter = await request.app[keys.MATTERS].load(question.matter)
        if matter.public:
            rules = await request.app[keys.VERBS].following_up.rules_of(matter)
            state = rules.kind(matter.kind).states.get(matter.state)
            words = (state.zh if language(request) == "zh" else state.en) if state else matter.state
            outcome = f"{outcome} {matter.number} · {words}"
    return question.label, question.text, str(votes), outcome


async def _overdue(request: web.Request, say: _Say) -> Table:
    wanted = Wanted(kinds=("suggestion",), public=True, listed=True, final=False)
    found = await request.app[keys.MATTERS].find(wanted, limit=LISTED)
    views = [await row_view(request, listed) for listed in found.rows]
    rows = tuple((v["number"], v["title"], v["unit_name"], str(v["due"] or "")) for v in views)
    head = (say(_CODE), say(_TITLE), say(_UNIT), say(_DUE))
    return Table(say(_OVERDUE), head, rows, (14, 48, 22, 16), say(_NO_OVERDUE))


async def _promises(request: web.Request, say: _Say) -> Table:
    found = await request.app[keys.VERBS].open_book.promises(Standing.DUE)
    rows = tuple((p.matter.number, p.matter.title, p.matter.unit_name, p.promised.isoformat()) for p in found.rows)
    head = (say(_CODE), say(_TITLE), say(_UNIT), say(_PROMISED))
    return Table(say(_BROKEN), head, rows, (14, 48, 22, 16), say(_NO_BROKEN))


class _Say:
    """Sentences in the language of the request."""

    def __init__(self, request: web.Request) -> None:
        self._words, self._lang = request.app[keys.WORDS], language(request)

    def __call__(self, sentence: str, **values: object) -> str:
        return self._words.say(self._lang, sentence, **values)


def _macros(request: web.Request, template: str) -> Any:
    """The words of a template: they are written once, for pages and for paper."""
    return request.app[ENVIRONMENTS][language(request)].get_template(template).module


def _rate(figure: Figure) -> str:
    return f"{percent(figure)}%" if figure.of else "—"


def session_of(sessions: list[Session], wanted: str) -> Session:
    """`Refused("not_found")` when the room has no such session."""
    found = next((session for session in sessions if session.id == wanted), None)
    if found is None:
        raise Refused("not_found")
    return found


_QUARTER_TITLE = N_("代表建议办理情况通报 · {period}")
_SESSION_TITLE = N_("场次报告 · {topic}")
_FIGURES, _UNITS, _UNIT = N_("各项数字"), N_("各承办单位"), N_("承办单位")
_FIGURE, _RATE, _PARTS, _FORMULA = N_("项目"), N_("比率"), N_("分子 ÷ 分母"), N_("怎么算")
_NO_UNIT = N_("这一期没有交给单位办理的建议。")
_OVERDUE, _NO_OVERDUE, _DUE = N_("逾期通报"), N_("没有列入通报的建议。"), N_("期限")
_BROKEN, _NO_BROKEN, _PROMISED = N_("到期没有兑现的承诺"), N_("没有到期未兑现的承诺。"), N_("承诺的日期")
_QUESTIONS, _BECAME, _NO_QUESTION = N_("提问统计"), N_("每个提问的去向"), N_("这一场没有公开的提问。")
_CODE, _TITLE, _QUESTION, _SECONDS, _OUTCOME = N_("编号"), N_("标题"), N_("提问"), N_("附议"), N_("去向")
_NUMBER = N_("数量")
_TODAY = N_("按 {day} 的记录统计。")
_PUBLISHED = N_("公布于 {at}，数字已经固定并签名。")
_KEY, _SIGNATURE = N_("公钥：{key}"), N_("签名：{signature}")
