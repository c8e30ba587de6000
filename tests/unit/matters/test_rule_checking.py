"""A rule set says what is wrong with it, everything at once, and where."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from liveroom.matters.checking import check
from liveroom.matters.reading import read
from tests.unit.matters.rule_sets import FOLDER, SETS, VECTORS

GOOD = """
id = "small"
version = 1
zh = "小规则"
en = "Small"

[letters.A]
zh = "解决"
en = "solved"
solved = true
after = "good"

[letters.C]
zh = "不能"
en = "cannot"
after = "explained"

[clocks.reply]
amount = 10
unit = "working_days"
reminders = [3]

[clocks.rating]
amount = 7
unit = "days"

[kinds.errand]
zh = "事"
en = "Errand"

[kinds.errand.states]
open = { zh = "办理中", en = "Open", clocks = ["reply"], turn = "unit" }
answered = { zh = "已答复", en = "Answered", clocks = ["rating"] }
closed = { zh = "解决", en = "Solved", end = "solved" }
given_up = { zh = "未解决", en = "Given up", end = "unsolved" }

[[kinds.errand.steps]]
command = "receive"
to = "open"
who = "enter"
fields = ["title", "body"]
numbers = true

[[kinds.errand.steps]]
command = "reply"
from = ["open"]
to = "answered"
who = "handle"
fields = ["class", "text"]

[[kinds.errand.steps]]
command = "close"
from = ["answered"]
decided_by = "letter"
to = { good = "closed", explained = "given_up" }
who = "notice"
at_end_of = "rating"
"""


def problems(text: str) -> str:
    rules, found = check(text)
    assert (rules is None) == bool(found)
    return "\n".join(str(problem) for problem in found)


def test_a_good_one_has_none() -> None:
    assert problems(GOOD) == ""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "small"', 'id = "Small!"', "the id “Small!” must be small letters"),
        ("version = 1", "version = 0", "file: version must be a whole number from 1 to 3650"),
        ('zh = "小规则"', "", "file: zh is missing"),
        ('en = "Small"', 'en = "Small"\ncolour = "red"', "file: nothing is called “colour” here"),
        ("version = 1", "version = ", "file: is not TOML"),
        ("amount = 10", "amount = -1", "clocks.reply: amount must be a whole number"),
        ("amount = 10", "amount = true", "clocks.reply: amount must be a whole number"),
        ('unit = "working_days"', 'unit = "weeks"', "clocks.reply: unknown unit “weeks”"),
        ("reminders = [3]", 'reminders = ["3"]', "clocks.reply: reminders must be a list of days"),
        ("reminders = [3]", 'while = "raining"', "clocks.reply: unknown while “raining”"),
        ("reminders = [3]", 'dated_by = "text"', "clocks.reply: dated_by “text” is no field with a date"),
        ('clocks = ["rating"]', "clocks = []", "clocks.rating: runs in no state"),
        ('clocks = ["rating"]', 'clocks = ["ratign"]', "kinds.errand.states.answered: unknown clock “ratign”"),
        ('turn = "unit"', 'turn = "units"', "states.open: unknown turn “units”: is “unit” meant?"),
        ('end = "unsolved"', 'end = "lost"', "states.given_up: unknown end “lost”"),
        ('command = "reply"', 'command = "repyl"', "steps[2] repyl: unknown command: is “reply” meant?"),
        ('who = "handle"', 'who = "handel"', "steps[2] reply: unknown permission “handel”: is “handle” meant?"),
        ('who = "handle"', 'who = "handle"\nguards = ["own_unti"]', "unknown guard “own_unti”: is “own_unit” meant?"),
        ('fields = ["class", "text"]', 'fields = ["class"]', "steps[2] reply: must ask for “text”"),
        ('fields = ["class", "text"]', 'fields = ["class?", "text"]', "steps[2] reply: must ask for “class”"),
        ('fields = ["class", "text"]', 'fields = ["class", "text", "colour"]', "unknown field “colour”"),
        ('decided_by = "letter"', 'decided_by = "dice"', "unknown decider “dice”"),
        ('decided_by = "letter"', "", "a table of states needs decided_by"),
        (', explained = "given_up"', "", "has no “explained”, where letter C leads"),
        ('explained = "given_up"', 'explained = "given_up", luck = "closed"', "“letter” never decides “luck”"),
        ('explained = "given_up"', 'explained = "gone"', "to unknown state “gone”"),
        ('explained = "given_up"', 'explained = "closed"', "counts as solved, and a reply of letter C can end here"),
        ('from = ["open"]', 'from = ["opne"]', "from unknown state “opne”"),
        ('at_end_of = "rating"', "", "is the system's, and no clock is named"),
        ('at_end_of = "rating"', 'at_end_of = "reply"', "clock “reply” does not run in “answered”"),
        ('who = "notice"', 'who = "review"', "comes at the end of a clock: who must be “notice”"),
        ('at_end_of = "rating"', 'at_end_of = "rating"\nfields = ["note"]', "nobody fills in fields"),
        ('command = "receive"\nto = "open"', 'command = "receive"\nfrom = ["open"]\nto = "open"', "no step begins it"),
        ('to = "answered"', 'to = ""', "states.open: is open, and no step leads out of it"),
        ('from = ["answered"]', 'from = ["answered", "closed"]', "is an end, and “close” leads out of it"),
        ('from = ["answered"]', 'from = ["answered", "open"]', "“close” looks at the reply, and there may be none"),
        ('end = "solved" }', 'end = "solved", clocks = ["reply"] }', "is an end: no clock runs there"),
        ('fields = ["class", "text"]', 'fields = ["class", "text", "checklist"]', "asks for the checklist, and there"),
        ('who = "handle"', 'who = "handle"\nguards = ["admissible"]', "must ask for the “checklist”"),
        ("[kinds.errand.states]", "[[kinds.errand.checklist]]\nname = 1\n[kinds.errand.states]", "name must be a text"),
        (
            "[kinds.errand.states]",
            2 * '[[kinds.errand.checklist]]\nname = "a"\nzh = "甲"\nen = "A"\n' + "[kinds.errand.states]",
            "checklist[2]: “a” is written twice",
        ),
        (
            "given_up = {",
            'lost = { zh = "无", en = "None", end = "unsolved" }\ngiven_up = {',
            "states.lost: no step leads here",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(old: str, new: str, said: str) -> None:
    assert GOOD.count(old) >= 1
    assert said in problems(GOOD.replace(old, new))


def test_a_step_that_is_there_twice_and_one_that_would_come_again_and_again() -> None:
    again = GOOD[GOOD.rindex("[[kinds.errand.steps]]") :]
    assert "steps[4] close: is the same as step 3 in “answered”" in problems(GOOD + again)
    stays = re.sub(r"decided_by.*\n.*\n", 'to = ""\n', again).replace('from = ["answered"]', 'from = ["answered"]')
    assert "it would come again and again" in problems(GOOD + stays.replace("close", "fall_due"))


def test_only_an_extension_moves_the_clock_of_a_reply() -> None:
    movable = GOOD.replace("reminders = [3]", "extendable = true")
    restarted = movable.replace('to = "answered"', 'to = "answered"\nrestarts = ["reply"]')
    assert "restarts “reply”, which only an extension may move" in problems(restarted)


HEARD = GOOD.replace(
    'fields = ["class", "text"]',
    """fields = ["class", "text"]

[[kinds.errand.steps]]
command = "check"
from = ["answered"]
decided_by = "check"
to = { recorded = "", reopened = "open" }
who = "confirm"
fields = ["solved"]""",
)


def test_where_those_who_asked_are_heard_nothing_ends_as_solved_against_them() -> None:
    said = "kinds.errand.states.answered: “close” ends as solved whatever those who asked have said"
    assert said in problems(HEARD)
    decided = HEARD.replace('decided_by = "letter"', 'decided_by = "objections"')
    good = decided.replace("good =", "undisputed =").replace("explained =", "disputed =")
    good = good.replace('[letters.C]\nzh = "不能"\nen = "cannot"\nafter = "explained"\n', "")
    assert problems(good) == ""
    assert said in problems(good.replace('disputed = "given_up"', 'disputed = "closed"'))


def test_a_state_in_which_no_clock_runs_always_is_one_where_a_matter_could_lie_for_ever() -> None:
    said = "states.open: is open, and no clock runs there always"
    assert said in problems(GOOD.replace("reminders = [3]", 'while = "extension_asked"'))
    assert said in problems(GOOD.replace('clocks = ["reply"], turn', "turn"))


@pytest.mark.parametrize("name", ["standard", "compact"])
def test_a_set_that_was_good_once_is_read_whatever_is_checked_today(name: str) -> None:
    text = (VECTORS / f"{name}-1.toml").read_text()
    assert "ends as solved whatever" in problems(text)
    assert "no clock runs there always" in problems(text)
    rules, found = read(text)
    assert rules is not None
    assert (rules.reference, found) == (f"{name}@1", [])


def test_everything_is_said_at_once() -> None:
    broken = GOOD.replace("amount = 10", "amount = 0").replace('who = "handle"', 'who = "nobody"')
    assert len(problems(broken).splitlines()) == 2


@pytest.mark.parametrize(
    "text", ["", "letters = 3", "kinds = []", "[kinds.a]\nsteps = 3", "[kinds.a]\nsteps = [{}]", "\0"]
)
def test_rubbish_is_refused_in_words(text: str) -> None:
    assert problems(text)


def test_every_shipped_file_is_its_rule_set() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == {rules.id for rules in SETS}
    for rules in SETS:
        assert replace(rules).reference == f"{rules.id}@2"
