"""Rows of old suggestions, as lists of earlier years have them."""

from __future__ import annotations

from liveroom.exchange.cells import lines
from liveroom.exchange.past import COLUMNS

CLOSED = {
    "number": "2019-045",
    "title": "关于增加夜航班次的建议",
    "body": "最后一班船是 17:30。",
    "deputy": "林代表",
    "joint": "陈代表、何代表",
    "unit": "港航中心",
    "co_units": "交通局",
    "submitted_on": "2019年3月5日",
    "assigned_on": "2019/3/20",
    "due": "2019-06-20",
    "replied_on": "2019.6.10",
    "class": "A",
    "reply": "已增加 19:30 一班。",
    "attitude": "满意",
    "result": "基本满意",
    "closed_on": "2019-07-01",
    "state": "办结",
}
OPEN = {
    "number": "RD2025-7",
    "title": "关于供水的建议",
    "deputy": "林代表",
    "unit": "水务局",
    "submitted_on": "2025-03-05",
    "assigned_on": "2025-03-20",
    "state": "办理中",
}


def row(base: dict[str, str], **changed: str) -> dict[str, str]:
    return {**base, **{name.rstrip("_"): value for name, value in changed.items()}}


def file(*rows: dict[str, str], english: bool = False) -> str:
    """A CSV file with all columns, by their Chinese or English names."""
    heading = [column.name if english else column.heads[0] for column in COLUMNS]
    return lines([heading, *([row.get(column.name, "") for column in COLUMNS] for row in rows)])
