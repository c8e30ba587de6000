"""The notice of a period (通报) to print: of a frozen quarter what was signed and nothing else. Knows no formula."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from aiohttp import web

from liveroom.actions.open_book import OVERDUE, Checked
from liveroom.matters.periods import Period
from liveroom.matters.promises import Standing
from liveroom.matters.statement import DaysToReply, Entry, Statement
from liveroom.matters.statistics import FORMULAS, MEASURES, Figure, Waiting
from liveroom.ports.matters import Order
from liveroom.server import keys
from liveroom.server.figure_pages import group_names, percent
from liveroom.server.pages import language, macros, site
from liveroom.server.refusals import N_
from liveroom.server.reports import LISTED, Report, Say, Table
from liveroom.server.words import when

BY_UNIT = ("replied_on_time", "closed", "solved", "satisfied", "rehandled")
_Rows = Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Told:
    """What a notice tells, wherever it comes from. None stands for a table that there is not."""

    day: date
    formulas: int
    figures: Mapping[str, Figure]
    waiting: Waiting | DaysToReply
    units: _Rows
    overdue: _Rows | None
    overdue_in_all: int
    broken: _Rows | None
    broken_in_all: int
    earlier: int
    titles: bool


async def of_quarter(request: web.Request, period: Period) -> Report:
    """Of a quarter that is frozen its statement; of any other period how it stands now, which it says."""
    checked = await request.app[keys.VERBS].open_book.frozen(period.name) if period.is_quarter else None
    if checked is None:
        return _report(request, period, await _now(request, period), below=N_("还没有公布和签名：以后统计，数字会变。"))
    if checked.said is None:
        return Report(title=_title(request, period), below=(), tables=(), alarm=Say(request)(_WRONG))
    return _signed(request, period, checked, checked.said)


async def _now(request: web.Request, period: Period) -> _Told:
    open_book, matters = request.app[keys.VERBS].open_book, request.app[keys.MATTERS]
    counted = await open_book.statistics(period, "unit")
    names = await group_names(request, "unit")
    overdue = await matters.find(OVERDUE, Order.DUE, limit=LISTED)
    broken = await open_book.promises(Standing.DUE)
    return _Told(
        open_book.today(),
        FORMULAS,
        counted.figures,
        counted.waiting,
        _units(counted.groups, names),
        [(m.number, m.title, m.unit_name, str(m.due or "")) for m in overdue.rows],
        await matters.count(OVERDUE),
        [(p.matter.number, p.matter.title, p.matter.unit_name, p.promised.isoformat()) for p in broken.rows],
        (await open_book.standings())[Standing.DUE],
        counted.earlier,
        titles=True,
    )


def _signed(request: web.Request, period: Period, checked: Checked, said: Statement) -> Report:
    say, names = Say(request), said.unit_names or {}
    groups = {unit: {name: Figure(*parts) for name, parts in figures.items()} for unit, figures in said.units.items()}

    def listed(entries: Sequence[Entry] | None) -> _Rows | None:
        if entries is None:
            return None
        return [(entry.number, names.get(entry.unit, entry.unit), entry.day.isoformat()) for entry in entries[:LISTED]]

    told = _Told(
        said.counted_on,
        said.formulas,
        {name: Figure(said.figures[name].holds, said.figures[name].of) for name in _in_order(said.figures)},
        said.days_to_reply,
        _units(groups, names),
        listed(said.overdue),
        len(said.overdue or ()),
        listed(said.broken),
        len(said.broken or ()),
        said.earlier or 0,
        titles=False,
    )
    end = []
    if said.published_at is not None:
        end.append(say(_PUBLISHED, at=when(said.published_at, language(request))))
    lacks = [say(part) for part, held in _LATER if not held(said)]
    if lacks:
        end.append(say(_LACKS, parts=say(N_("、")).join(lacks)))
    end += [
        say(_VERIFY, address=f"{site(request)}/figures/{period.name}/statement"),
        say(_KEY, key=checked.frozen.key),
        say(_SIGNATURE, signature=checked.frozen.signature),
    ]
    return _report(request, period, told, end=end, alarm="" if checked.holds else say(_WRONG))


def _report(
    request: web.Request, period: Period, told: _Told, below: str = "", end: Sequence[str] = (), alarm: str = ""
) -> Report:
    say, f = Say(request), macros(request, "_figures.html")

    def formula(name: str) -> str:
        # Words say how this program counts; what was counted otherwise names its formulas by their number.
        same = told.formulas == FORMULAS
        return str(f.formula_words(name)) if same else say(N_("第 {n} 版公式"), n=told.formulas)

    rates = tuple(
        (str(f.measure_words(name)) or name, _rate(figure), f"{figure.holds} ÷ {figure.of}", formula(name))
        for name, figure in told.figures.items()
    )
    day = told.day.isoformat()
    head = (say(N_("编号")), *((say(N_("标题")),) if told.titles else ()), say(_UNIT))
    widths = (14, 48, 22, 16) if told.titles else (34, 36, 30)
    tables = [
        Table(
            say(N_("各项数字")),
            (say(N_("项目")), say(N_("比率")), say(N_("分子 ÷ 分母")), say(N_("怎么算"))),
            rates,
            (24, 12, 14, 50),
        ),
        Table(
            say(N_("各承办单位")),
            (say(_UNIT), *(str(f.measure_words(name)) for name in BY_UNIT)),
            tuple(told.units),
            (30, 14, 14, 14, 14, 14),
            say(N_("这一期没有交给单位办理的建议。")),
        ),
    ]
    for rows, in_all, heading, column, empty in (
        (told.overdue, told.overdue_in_all, _OVERDUE, N_("期限"), N_("没有列入通报的建议。")),
        (told.broken, told.broken_in_all, _BROKEN, N_("承诺的日期"), N_("没有到期未兑现的承诺。")),
    ):
        if rows is not None:
            note = say(_MORE, total=in_all, shown=len(rows)) if in_all > len(rows) else ""
            title = say(heading, day=day)
            tables.append(Table(title, (*head, say(column)), tuple(rows), widths, say(empty), note))
    lines = (
        say(below) if below else "",
        str(f.days_words(told.waiting)) if told.waiting.median is not None else "",
        str(f.earlier_words(told.earlier)) if told.earlier else "",
    )
    return Report(
        title=_title(request, period),
        below=lines,
        tables=tuple(tables),
        end=(say(N_("按 {day} 的记录统计。"), day=day), *end),
        alarm=alarm,
    )


def _title(request: web.Request, period: Period) -> str:
    return Say(request)(_QUARTER_TITLE, period=str(macros(request, "_figures.html").period_words(period)))


def _units(groups: Mapping[str, Mapping[str, Figure]], names: Mapping[str, str]) -> _Rows:
    rows = [
        (names.get(unit, unit), *(_rate(figures.get(name, Figure())) for name in BY_UNIT))
        for unit, figures in groups.items()
    ]
    return sorted(rows)


def _in_order(names: Collection[str]) -> list[str]:
    """As figures are shown; those that this program does not know come last."""
    return [*(name for name in MEASURES if name in names), *sorted(set(names) - set(MEASURES))]


def _rate(figure: Figure) -> str:
    return f"{percent(figure)}%" if figure.of else "—"


_QUARTER_TITLE = N_("代表建议办理情况通报 · {period}")
_UNIT = N_("承办单位")
_OVERDUE = N_("逾期通报（截至 {day}）")
_BROKEN = N_("到期没有兑现的承诺（截至 {day}）")
_MORE = N_("共 {total} 件，这里列出 {shown} 件。")
_PUBLISHED = N_("公布于 {at}，以上都出自签名的原文；原文只写编号，不写标题。")
_LACKS = N_("签名的原文没有以下内容，所以这里也没有：{parts}。")
_LATER: tuple[tuple[str, Callable[[Statement], bool]], ...] = (
    (N_("公布的时间"), lambda said: said.published_at is not None),
    (N_("承办单位的名称（上面写的是代号）"), lambda said: said.unit_names is not None),
    (N_("逾期通报"), lambda said: said.overdue is not None),
    (N_("到期没有兑现的承诺"), lambda said: said.broken is not None),
)
"""What statements did not hold at first."""
_VERIFY = N_("核对：{address} 有原文、公钥和签名（Ed25519）。")
_KEY, _SIGNATURE = N_("公钥：{key}"), N_("签名：{signature}")
_WRONG = N_("签名与这一季度的内容不符：请不要使用，并告诉工委。")
