"""Lists that are imported: what a row means, and what it would change."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from liveroom.contacts import Channel, Contact
from liveroom.exchange.cells import lines
from liveroom.exchange.plans import Known, Plan, plan
from liveroom.exchange.sheets import SHEETS, Deputy, Holiday, StationEntry, UnitEntry, template
from liveroom.exchange.tables import read_table
from liveroom.rooms.station import Station

DAYS = [
    date(2027, 1, 1),
    *(date(2027, 2, 6) + timedelta(days=n) for n in range(7)),
    date(2027, 5, 1),
    date(2027, 10, 1),
]
MOBILE = Contact(Channel.SMS, "13800000021")
YEAR = "date,kind,name\n" + "".join(f"{day},休,\n" for day in [*DAYS, date(2027, 10, 2)])


def made(kind: str, text: str, known: Known | None = None) -> Plan:
    sheet = SHEETS[kind]
    return plan(sheet, read_table(text.encode(), sheet.columns), known or Known())


def problems(kind: str, text: str, known: Known | None = None) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.code, problem.column) for problem in made(kind, text, known).problems]


def test_a_file_is_compared_with_what_is_there() -> None:
    known = Known({"lin": Deputy("lin", "林"), "chen": Deputy("chen", "陈"), "wu": Deputy("wu", "吴")})
    found = made("deputies", "用户名,姓名\nlin,林\nchen,陈海\nhe,何\n", known)
    assert [(change.row, change.what) for change in found.changes] == [(2, "same"), (3, "change"), (4, "add")]
    assert [change.row for change in found.due] == [3, 4], "nobody is taken away"
    assert found.changes[1].before == Deputy("chen", "陈")


def test_a_contact_is_read_as_on_the_page_of_ones_own_and_shown_in_part() -> None:
    found = made("deputies", "用户名,姓名,手机号\nlin,林,+86 138-0000-0021\nchen,陈,\n")
    assert [change.entry for change in found.changes] == [Deputy("lin", "林", MOBILE), Deputy("chen", "陈")]
    assert found.changes[0].entry.cells() == ("lin", "林", "138…21")
    bad = made("deputies", "login,name,mail\nlin,林,lin@example\nchen,陈,1380000002\n")
    assert [(p.row, p.code, p.column, p.text) for p in bad.problems] == [
        (2, "bad_contact", "contact", "lin@example"), (3, "bad_contact", "contact", "1380000002"),
    ]  # fmt: skip
    assert problems("deputies", "用户名,姓名,邮箱,手机\nlin,林,,\n") == [(1, "column_twice", "contact")]


def test_a_contact_that_a_file_does_not_say_stays_and_one_that_is_proved_does_too() -> None:
    proved = Deputy("chen", "陈", MOBILE, proved=True)
    known = Known({"lin": Deputy("lin", "林", MOBILE), "chen": proved})
    for file in ("用户名,姓名\nlin,林\nchen,陈\n", "用户名,姓名,邮箱\nlin,林,\nchen,陈,\n"):
        assert made("deputies", file, known).due == []
    again = "用户名,姓名,邮箱\nlin,林,lin@example.org\nchen,陈海,chen@example.org\n"
    changes = made("deputies", again, known).due
    assert [change.entry for change in changes] == [
        Deputy("lin", "林", Contact(Channel.MAIL, "lin@example.org")),
        Deputy("chen", "陈海", MOBILE, proved=True),
    ]


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        ("deputies", "login,name\na b,林\nc:d,林\ne,…\n", [(2, "bad_login", "login"), (3, "bad_login", "login"),
                                                        (4, "unreadable_cell", "name")]),
        ("deputies", "login,name\nlin,林\nlin,陈\n", [(3, "twice", "")]),
        ("units", "code,name\n水务,水务局\n", [(2, "bad_code", "code")]),
        ("stations", "code,name\nS1,站\nS1,站二\n", [(3, "twice", "")]),
        ("stations", "code,name,jurisdictions\nS1,站," + "、".join(map(str, range(51))) + "\n",
         [(2, "too_many_parts", "jurisdictions")]),
        ("holidays", "date,kind\n2027-02-30,休\n2027-1-1,x\n2027-01-04,班\n明天,休\n",
         [(2, "bad_date", "date"), (3, "bad_kind_of_day", "kind"), (4, "not_a_weekend", "date"),
          (5, "bad_date", "date")]),
        ("holidays", "date,kind\n2027-01-01,休\n", [(2, "year_incomplete", "date")]),
    ],
)  # fmt: skip
def test_bad_rows_are_told_by_number(kind: str, text: str, found: list[tuple[int, str, str]]) -> None:
    assert problems(kind, text) == found
    assert not made(kind, text).ready


def test_a_login_of_somebody_else_is_not_a_deputys() -> None:
    known = Known(taken={"admin": "login_taken"})
    assert problems("deputies", "login,name\nadmin,林\n", known) == [(2, "login_taken", "")]


def test_units_are_known_by_code_or_name() -> None:
    known = Known({"water": UnitEntry("water", "水务局"), "x1": UnitEntry("x1", "港航中心")})
    found = made("units", "code,name\nwater,水利局\n,港航中心\n,教育局\n", known)
    assert [change.what for change in found.changes] == ["change", "same", "add"]
    assert made("units", "code,name\n,water\n", known).changes[0].what == "add", "a name is no code"


def test_two_units_never_have_the_same_name() -> None:
    known = Known({"water": UnitEntry("water", "水务局")})
    assert problems("units", "code,name\nw2,水务局\n", known) == [(2, "name_taken", "name")]
    assert problems("units", "code,name\na,甲\nb,甲\n") == [(2, "name_taken", "name"), (3, "name_taken", "name")]
    assert problems("units", "code,name\nwater,水利局\nw2,水务局\n", known) == [], "the name has become free"


def test_a_station_has_its_jurisdictions() -> None:
    found = made("stations", "编号,名称,乡镇,地址,辖区\nS1,东屿站,东屿镇,码头路 3 号,东屿村、北礁村；西屿村、\n")
    station = Station("S1", "东屿站", "东屿镇", "码头路 3 号", ("东屿村", "北礁村", "西屿村"))
    assert found.changes[0].entry == StationEntry(station)


@pytest.mark.parametrize("written", ["2027-01-01", "2027/1/1", "2027年1月1日", "2027.1.1"])
def test_dates_are_read_as_spreadsheets_write_them(written: str) -> None:
    found = made("holidays", YEAR.replace("2027-01-01", written))
    assert found.problems == ()
    assert found.changes[0].entry == Holiday(date(2027, 1, 1), False)


def test_a_year_is_replaced_as_a_whole_and_others_are_left_alone() -> None:
    old = [Holiday(date(2027, 3, 8), False), Holiday(date(2028, 1, 1), False), Holiday(date(2027, 1, 1), False)]
    found = made("holidays", YEAR, Known({one.key: one for one in old}))
    assert [change.entry for change in found.changes if change.what == "remove"] == [old[0]]
    assert (found.count("add"), found.count("same")) == (10, 1)


def test_a_year_that_the_program_knows_is_not_imported() -> None:
    assert problems("holidays", YEAR, Known(taken={"2027": "year_known"}))[0] == (2, "year_known", "")


@pytest.mark.parametrize("kind", SHEETS)
def test_the_template_can_be_filled_in(kind: str) -> None:
    rows = template(SHEETS[kind])
    assert made(kind, lines(rows)).changes == (), "the example is a remark"
    example = [SHEETS[kind].example]
    filled = made(kind, lines([*rows, *example]))
    assert [problem.code for problem in filled.problems] in ([], ["year_incomplete"])
