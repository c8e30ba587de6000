"""Old suggestions as rows: columns in two languages, days as people write them, and what is wrong with a row."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveroom.exchange.past import COLUMNS, ROWS, SIZE, OldSuggestion
from liveroom.exchange.plans import Known, Plan, plan
from liveroom.exchange.sheets import SUGGESTIONS, template
from liveroom.exchange.tables import Problem
from tests.support.earlier import CLOSED, OPEN, file, row
from tests.support.workbooks import workbook


def made(text: str | bytes, known: Known | None = None) -> Plan:
    return plan(SUGGESTIONS, SUGGESTIONS.table(text if isinstance(text, bytes) else text.encode()), known or Known())


def problems(*rows: dict[str, str], known: Known | None = None) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.code, problem.column) for problem in made(file(*rows), known).problems]


def entry(found: Plan) -> OldSuggestion:
    (change,) = found.changes
    assert isinstance(change.entry, OldSuggestion)
    return change.entry


@pytest.mark.parametrize("english", [False, True])
def test_a_row_is_read_by_either_heading(english: bool) -> None:
    found = entry(made(file(CLOSED, english=english)))
    assert found.values["submitted_on"] == "2019-03-05"
    assert [found.values[name] for name in ("assigned_on", "due", "replied_on")] == [
        "2019-03-20",
        "2019-06-20",
        "2019-06-10",
    ]
    assert found.values["joint"] == "陈代表\n何代表"
    assert (found.values["attitude"], found.values["result"]) == ("satisfied", "basically_satisfied")
    assert found.key == "2019-045"


def test_the_words_of_the_columns_may_be_written_apart() -> None:
    text = "Number,Title,Lead deputy,Submitted on,STATUS,备用\n1,标题,林,2019-3-5,closed,x\n"
    found = made(text)
    assert (found.ready, found.ignored) == (True, ("备用",))


def test_a_workbook_says_the_same_as_a_file_of_commas() -> None:
    heading = [column.heads[0] for column in COLUMNS]
    cells: list[object] = [CLOSED.get(column.name, "") for column in COLUMNS]
    cells[heading.index("提交日期")] = date(2019, 3, 5)
    assert entry(made(workbook([heading, cells]))).digest == entry(made(file(CLOSED))).digest


def test_the_template_can_be_imported_once_its_example_is_no_remark() -> None:
    remark, heading = template(SUGGESTIONS)
    assert made("\n".join([",".join(heading), ",".join(remark).removeprefix("# ")])).ready


@pytest.mark.parametrize(
    ("changed", "code", "column"),
    [
        ({"number": "2019/45"}, "bad_number", "number"),
        ({"number": "a-1"}, "bad_number", "number"),
        ({"number": "第45号"}, "bad_number", "number"),
        ({"number": ".."}, "bad_number", "number"),
        ({"number": "2" * 21}, "cell_long", "number"),
        ({"number": ""}, "cell_empty", "number"),
        ({"title": "…"}, "unreadable_cell", "title"),
        ({"title": "长" * 121}, "cell_long", "title"),
        ({"body": "长" * 5001}, "cell_long", "body"),
        ({"submitted_on": ""}, "cell_empty", "submitted_on"),
        ({"submitted_on": "2019年"}, "bad_date", "submitted_on"),
        ({"assigned_on": "2019-02-30"}, "bad_date", "assigned_on"),
        ({"assigned_on": "2018-03-20"}, "dates_crossed", "assigned_on"),
        ({"closed_on": "2019-06-09"}, "dates_crossed", "closed_on"),
        ({"due": "2019-03-19"}, "dates_crossed", "due"),
        ({"promise_due": "2019-03-04"}, "dates_crossed", "promise_due"),
        ({"result": "很好"}, "bad_evaluation", "result"),
        ({"joint": "、".join(f"代表{n}" for n in range(101))}, "too_many_parts", "joint"),
        ({"state": ""}, "cell_empty", "state"),
    ],
)
def test_bad_rows_are_told_by_number_and_column(changed: dict[str, str], code: str, column: str) -> None:
    assert problems(OPEN, {**CLOSED, **changed}) == [(3, code, column)]


def test_the_same_row_again_is_the_same_and_other_words_are_a_bad_row() -> None:
    known = Known(digests={"2019-045": entry(made(file(CLOSED))).digest})
    found = made(file(OPEN, row(CLOSED, assigned_on="2019年03月20日")), known)
    assert [(change.row, change.what) for change in found.changes] == [(2, "add"), (3, "same")]
    assert problems(row(CLOSED, title="别的"), known=known) == [(2, "number_known", "number")]
    assert problems(CLOSED, known=Known(taken={"2019-045": "number_taken"})) == [(2, "number_taken", "")]
    assert problems(CLOSED, CLOSED) == [(3, "twice", "")]


def test_what_the_rules_say_against_a_row_is_its_problem() -> None:
    against = Problem(2, "state_unknown", "state")
    asked: list[str] = []

    def check(number: int, found: object) -> Problem | None:
        assert isinstance(found, OldSuggestion)
        asked.append(found.key)
        return against if number == 2 else None

    table = SUGGESTIONS.table(file(OPEN, CLOSED).encode())
    known = Known(digests={"2019-045": entry(made(file(CLOSED))).digest})
    assert plan(SUGGESTIONS, table, known, check).problems == (against,)
    assert asked == ["RD2025-7"], "what is there already is not judged anew"


def test_a_file_has_its_limits() -> None:
    rows = [row(OPEN, number=f"R{n}") for n in range(ROWS + 1)]
    assert [p.code for p in made(file(*rows)).problems] == ["too_many_rows"]
    assert made(file(*rows[:-1])).ready
    assert [p.code for p in made(b"x" * (SIZE + 1)).problems] == ["too_large"]


@given(st.dictionaries(st.sampled_from([column.name for column in COLUMNS]), st.text(max_size=30)))
def test_no_row_breaks_it_and_what_is_taken_keeps_its_promises(cells: dict[str, str]) -> None:
    found = made(file({**CLOSED, **cells}))
    assert all(problem.row in {0, 1, 2} for problem in found.problems)
    for change in found.changes:
        assert isinstance(change.entry, OldSuggestion)
        values = change.entry.values
        days = [values[name] for name in ("submitted_on", "assigned_on", "replied_on", "closed_on") if values[name]]
        assert days == sorted(days)
        assert [date.fromisoformat(day).isoformat() for day in days] == days
        assert not set(values["number"]) & set("/?#%. \\<>'\"")
