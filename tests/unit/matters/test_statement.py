"""What is signed of a quarter: everything that its notice prints, numbers of what is public, and no title."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import msgspec

from liveroom.matters.statement import Entry, read, written
from liveroom.matters.statistics import FORMULAS, MEASURES
from tests.unit.matters.test_statistics import CLOSED, Q3, REPLIED, TODAY

AT = datetime(2026, 10, 20, 2, 3, 4, 5, tzinfo=UTC)
SECRET = replace(REPLIED, id="x", number="2026-0009", public=False)
OLD = (
    '{"counted_on":"2026-10-01","days_to_reply":{"median":7,"p90":9,"replies":2},"figures":{"closed":{"cases":{"holds":'
    '["2026-0001"],"of":["2026-0001","2026-0002"]},"holds":1,"of":3}},"formulas":1,"quarter":"2026-Q3","units":'
    '{"water":{"closed":[1,3]}}}'
)
"""As it was signed before there were more fields."""


def test_a_statement_says_all_that_is_printed_and_names_nothing_that_is_confidential() -> None:
    assert Q3 is not None
    late, broken = Entry("2026-0003", "roads", date(2026, 9, 1)), Entry("C2026-0001", "water", date(2026, 8, 1))
    text = written([CLOSED, SECRET], Q3, AT, TODAY, {"water": "水务局", "roads": "交通局"}, [late], [broken])
    said = read(text)
    assert said is not None
    assert (said.quarter, said.counted_on, said.published_at, said.formulas) == ("2026-Q3", TODAY, AT, FORMULAS)
    assert list(said.figures) == sorted(MEASURES)
    closed = said.figures["closed"]
    assert (closed.holds, closed.of, closed.cases.of) == (1, 2, ["2026-0001"]), "counted, and not named"
    assert said.units["water"]["closed"] == (1, 2)
    assert said.unit_names == {"water": "水务局", "roads": "交通局"}
    assert (said.overdue, said.broken) == ([late], [broken])
    assert said.days_to_reply.cases == {"2026-0001": 62}
    assert said.earlier == 0
    earlier = read(written([replace(CLOSED, earlier=True)], Q3, AT, TODAY, {}, [], []))
    assert earlier is not None
    assert earlier.earlier == 1
    assert "2026-0009" not in text
    again = msgspec.json.encode(msgspec.json.decode(text), order="sorted").decode()
    assert again == text, "sorted keys and no spaces: the same bytes for the same figures"


def test_what_was_signed_before_can_be_read_and_says_what_it_lacks() -> None:
    said = read(OLD)
    assert said is not None
    assert (said.figures["closed"].holds, said.days_to_reply.p90) == (1, 9)
    assert (said.published_at, said.unit_names, said.overdue, said.broken) == (None, None, None, None)


def test_what_is_no_statement_is_none() -> None:
    for text in ("", "{}", OLD[:-1], OLD.replace('"replies":2', '"replies":"2"'), "\ud800"):
        assert read(text) is None, text
