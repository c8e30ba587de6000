"""Lists as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveroom.errors import Refused
from liveroom.screening.words import (
    ENTRIES_LIMIT,
    WORD_LIMIT,
    Action,
    Entry,
    difference,
    read,
    table,
    write,
)


def test_lines_are_read_in_both_languages() -> None:
    entries, problems = read("# remark\n加微信,hold,sounds\n\n代开发票，拦下，谐音\n傻瓜\tmask\n不想活,紧急\n")
    assert problems == []
    assert entries == (
        Entry("加微信", Action.HOLD, sounds=True),
        Entry("代开发票", Action.HOLD, sounds=True),
        Entry("傻瓜", Action.MASK),
        Entry("不想活", Action.ESCALATE),
    )


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("傻瓜", "no_action"),
        ("傻瓜,", "no_action"),
        ("傻瓜,delete", "unknown_action"),
        ("傻瓜,mask,loud", "unknown_option"),
        ("！！,mask", "nothing_left"),
        (",mask", "nothing_left"),
        ("长" * (WORD_LIMIT + 1) + ",mask", "word_too_long"),
        ("好,flag\n好,hold", "twice"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_with_its_number(line: str, code: str) -> None:
    _, problems = read(f"\n{line}")
    assert [(problem.line, problem.code) for problem in problems] == [(2 + line.count("\n"), code)]


def test_a_list_has_a_limit() -> None:
    with pytest.raises(Refused) as caught:
        read("".join(f"词{number},flag\n" for number in range(ENTRIES_LIMIT + 1)))
    assert caught.value.code == "too_many_words"


words = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters=",，\"'#"), min_size=1, max_size=10)
entries = st.builds(Entry, words.filter(lambda w: any(c.isalnum() for c in w)), st.sampled_from(Action), st.booleans())


@given(st.lists(entries, unique_by=lambda entry: entry.word))
def test_what_is_written_is_read_again(several: list[Entry]) -> None:
    assert read(write(several)) == (tuple(several), [])
    assert read(table(several)) == (tuple(several), [])


def test_a_spreadsheet_runs_no_word() -> None:
    assert "\r\n'+v,flag,\r\n" in table([Entry("+v", Action.FLAG)])


def test_what_came_and_went_is_told() -> None:
    one, two, other = Entry("一", Action.FLAG), Entry("二", Action.FLAG), Entry("二", Action.HOLD)
    assert difference([one, two], [one, other]) == ([other], [two])
