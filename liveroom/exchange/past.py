"""Old suggestions (历年建议) as rows: their columns, and how a row is read. Knows no rule and no state of a matter."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from liveroom.exchange.rows import Unfit, matching, parts, read_date, text
from liveroom.exchange.tables import Column

NUMBER_LIMIT = 20
TITLE_LIMIT = 120
TEXT_LIMIT = 5000
MANY = 100
"""Joint deputies of one suggestion, and co-units."""

SIZE = 4 * 1024 * 1024
ROWS = 1000

SHOWN = ("number", "title", "deputy", "unit", "submitted_on", "class", "state")
"""Columns that are looked at before an import."""

_NUMBER = re.compile(r"[0-9A-Z\u4e00-\u9fff][0-9A-Z\u4e00-\u9fff〔〕（）()·_-]*")
_WRAPPED = re.compile(r"第.*号")
_EVALUATIONS = {
    "满意": "satisfied", "基本满意": "basically_satisfied", "不满意": "dissatisfied", "未表态": "no_response",
    "satisfied": "satisfied", "basically satisfied": "basically_satisfied", "dissatisfied": "dissatisfied",
    "no response": "no_response",
}  # fmt: skip
_PAST = ("submitted_on", "assigned_on", "replied_on", "closed_on")
"""Days in the order in which they came."""

_DAYS = (*_PAST, "due", "promise_due")

COLUMNS = (
    Column("number", ("编号", "建议编号", "建议号", "案号"), True, NUMBER_LIMIT),
    Column("title", ("标题", "建议标题", "题目", "案由"), True, TITLE_LIMIT),
    Column("body", ("内容", "建议内容", "正文", "text"), limit=TEXT_LIMIT, lines=True),
    Column("deputy", ("领衔代表", "代表", "提出人", "lead deputy"), True, 40),
    Column("joint", ("联名代表", "附议代表", "joint deputies"), limit=2000, lines=True),
    Column("unit", ("承办单位", "主办单位", "lead unit"), limit=40),
    Column("co_units", ("协办单位", "会办单位"), limit=1000, lines=True),
    Column("submitted_on", ("提交日期", "提出日期", "submitted"), True, 40),
    Column("assigned_on", ("交办日期", "assigned"), limit=40),
    Column("due", ("答复期限", "办理期限", "reply due"), limit=40),
    Column("replied_on", ("答复日期", "replied"), limit=40),
    Column("class", ("答复类别", "办理类别", "类别", "letter"), limit=10),
    Column("reply", ("答复内容", "答复", "reply text"), limit=TEXT_LIMIT, lines=True),
    Column("promise_due", ("计划解决日期", "承诺日期", "promise date"), limit=40),
    Column("attitude", ("办理态度评价", "态度评价", "attitude evaluation"), limit=20),
    Column("result", ("办理结果评价", "结果评价", "评价", "满意度", "result evaluation"), limit=20),
    Column("closed_on", ("办结日期", "closed"), limit=40),
    Column("state", ("状态", "办理状态", "status"), True, 40),
)
EXAMPLE = (
    "2019-045", "关于增加夜航班次的建议", "东屿每天最后一班船是 17:30。", "林代表", "陈代表、何代表", "港航中心",
    "交通局", "2019-03-05", "2019/3/20", "2019年6月20日", "2019-06-10", "A", "已增加 19:30 一班。", "", "满意", "满意",
    "2019-07-01", "办结",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OldSuggestion:
    """A row, cleaned: by column its words, days as 2019-03-05, names one a line, evaluations as the program says."""

    values: Mapping[str, str]

    @property
    def key(self) -> str:
        return self.values["number"]

    @property
    def digest(self) -> str:
        """SHA-256 over everything that the row says, wherever it stands in which file."""
        said = "\n".join(f"{column.name}={self.values[column.name]!r}" for column in COLUMNS)
        return hashlib.sha256(said.encode()).hexdigest()

    def cells(self) -> tuple[str, ...]:
        return tuple(self.values[column.name].replace("\n", "、") if column.name in {"joint", "co_units"} else
                     self.values[column.name] for column in COLUMNS)  # fmt: skip


def read_old(cells: Mapping[str, str]) -> OldSuggestion:
    """A row. Raises `Unfit`: `bad_number`, `bad_date`, `dates_crossed`, `bad_evaluation`, `unreadable_cell`,
    `too_many_parts`.
    """
    number = matching(cells, "number", _NUMBER, "bad_number")
    if _WRAPPED.fullmatch(number):
        raise Unfit("number", "bad_number")
    found = {column.name: text(cells, column.name) for column in COLUMNS}
    for column in _DAYS:
        if found[column]:
            found[column] = read_date(cells, column).isoformat()
    for column in ("joint", "co_units"):
        found[column] = "\n".join(parts(cells, column, MANY))
    for column in ("attitude", "result"):
        if found[column]:
            found[column] = _evaluation(column, found[column])
    _in_order(found)
    return OldSuggestion(MappingProxyType(found))


def _evaluation(column: str, written: str) -> str:
    said = written.casefold().replace("_", " ")
    if said not in _EVALUATIONS:
        raise Unfit(column, "bad_evaluation")
    return _EVALUATIONS[said]


def _in_order(found: Mapping[str, str]) -> None:
    """What came later has no earlier day; a day to which something is due lies after what made it due."""
    before = ""
    for column in _PAST:
        if found[column]:
            if found[column] < before:
                raise Unfit(column, "dates_crossed")
            before = found[column]
    for column, since in (("due", "assigned_on"), ("promise_due", "submitted_on")):
        if found[column] and found[column] < (found[since] or found["submitted_on"]):
            raise Unfit(column, "dates_crossed")
