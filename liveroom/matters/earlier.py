"""A suggestion of earlier years (历年建议), as the first fact of a matter. Knows no file and no table.

The fact is what it is: today somebody wrote down what a list says. Days, names and the reply are the list's; what is
open goes on by the rules in force, from where the list leaves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from msgspec import structs

from liveroom.matters import engine
from liveroom.matters.drafting import FRUITLESS
from liveroom.matters.fields import dates, day
from liveroom.matters.guards import Circumstances
from liveroom.matters.matter import Matter, MatterStep
from liveroom.matters.replay import apply
from liveroom.matters.rules import RuleSet
from liveroom.matters.workflow import State

KIND = "suggestion"
STEP = "take_over"

_NEEDS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "registered": (),
    "assigned": ("unit", "assigned_on"),
    "handling": ("unit", "assigned_on"),
    "replied": ("unit", "assigned_on", "replied_on", "class", "reply"),
    "rehandling": ("unit", "assigned_on", "replied_on", "class", "reply"),
    "tracking": ("unit", "assigned_on", "replied_on", "class", "reply"),
})  # fmt: skip
"""The states in which an open one can be taken over, and what cannot be missing then."""

_CALLED: Mapping[str, str] = MappingProxyType({
    "待交办": "registered", "已登记": "registered", "已交办": "assigned", "待接收": "assigned", "正在办理": "handling",
    "已答复": "replied", "待评价": "replied", "重新办理": "rehandling", "跟踪": "tracking", "跟踪落实": "tracking",
    "已撤回": "withdrawn", "撤回": "withdrawn", "不予立案": "not_admitted",
})  # fmt: skip
"""What lists call states, beside the words of the rules."""

_CLOSED = frozenset({"办结", "已办结", "办理完毕", "closed"})
"""It ended, and the letter of the reply says how."""

_OF_A_REPLY = ("replied_on", "reply", "promise_due", "attitude", "result")


class Unclear(Exception):
    """A cell of the row with which no matter can go on."""

    def __init__(self, column: str, code: str) -> None:
        super().__init__(code)
        self.column = column
        self.code = code


def take_over(row: Mapping[str, str], rules: RuleSet, at: Circumstances) -> MatterStep:
    """The fact of a row, by column: days as 2019-03-05, joint deputies and co-units one a line.

    Raises `Unclear`: `state_open`, `state_unknown`, `state_elsewhere`, `letter_unknown`, `cell_needed`,
    `unit_unknown`, `deputy_unknown`, `letter_open`, `day_ahead`, `date_out_of_range`, `number_ours`.
    """
    _check_number(row["number"], rules, at.today)
    _check_days(row, at.today)
    letter = _letter(row, rules)
    state = _state(row, letter, rules)
    _check_needs(row, state, letter, rules)
    values = {
        "number": row["number"],
        "title": row["title"],
        "body": row["body"],
        **_people(row, at, known=not state.end),
        **{name: row[name] for name in ("submitted_on", "assigned_on", "due", "replied_on", "closed_on")},
        "class": letter,
        "means": "solved" if letter and rules.letters[letter].solved else "",
        "text": row["reply"],
        **{name: row[name] for name in ("promise_due", "attitude", "result")},
    }
    fact = MatterStep(
        what=STEP,
        to=state.name,
        values={name: value for name, value in values.items() if value},
        day=at.today.isoformat(),
        end=state.end,
        turn=state.turn,
        kind=KIND,
    )
    if state.end:
        return structs.replace(fact, rules=rules.reference)
    fact = structs.replace(fact, clocks=_replying(row, rules, at))
    under = engine.adopt_rules(apply(Matter(""), [fact]), rules, at)[0]
    return structs.replace(fact, rules=under.rules, clocks=under.clocks)


def _check_number(number: str, rules: RuleSet, today: date) -> None:
    """Numbers of this year and those to come are given here: one from elsewhere could be given twice."""
    for kind in rules.kinds.values():
        year, _, rest = number.removeprefix(kind.prefix).partition("-")
        if rest and number.startswith(kind.prefix) and len(year) == 4 and year.isdigit() and int(year) >= today.year:
            raise Unclear("number", "number_ours")


def _check_days(row: Mapping[str, str], today: date) -> None:
    for column in ("submitted_on", "assigned_on", "replied_on", "closed_on"):
        said = day(row[column])
        if said is not None and said > today:
            raise Unclear(column, "day_ahead")
    for column in ("due", "promise_due"):
        said = day(row[column])
        if said is not None and said > dates(today)[1]:
            raise Unclear(column, "date_out_of_range")


def _letter(row: Mapping[str, str], rules: RuleSet) -> str:
    """The letter of the reply by its name, also written “a” or “A 类”."""
    written = row["class"].replace("类", "").strip().upper()
    if written and written not in rules.letters:
        raise Unclear("class", "letter_unknown")
    if not written and any(row[column] for column in _OF_A_REPLY):
        raise Unclear("class", "cell_needed")
    return written


def _state(row: Mapping[str, str], letter: str, rules: RuleSet) -> State:
    """Where the list leaves it, by the rules' own words or those that lists use."""
    states = rules.kind(KIND).states
    written = row["state"].casefold()
    if written in _CLOSED:
        if not letter:
            raise Unclear("class", "cell_needed")
        return _ended(states, solved=rules.letters[letter].solved)
    called = {state.zh: name for name, state in states.items()} | {s.en.casefold(): name for name, s in states.items()}
    name = called.get(written) or _CALLED.get(written) or written
    if name not in states:
        raise Unclear("state", "state_unknown")
    if name not in _NEEDS and not states[name].end:
        raise Unclear("state", "state_elsewhere")
    return states[name]


def _ended(states: Mapping[str, State], *, solved: bool) -> State:
    """The end of that sort that is usual: explained before unsolved, never one without a reply."""
    end = "solved" if solved else "unsolved"
    found = [state for name, state in states.items() if state.end == end and name not in FRUITLESS]
    if not found:
        raise Unclear("state", "state_unknown")
    return next((state for state in found if state.name == "closed_explained"), found[0])


def _check_needs(row: Mapping[str, str], state: State, letter: str, rules: RuleSet) -> None:
    if state.end == "solved" and not (letter and rules.letters[letter].solved):
        # What was planned or could not be done is never shown as solved.
        raise Unclear("class", "letter_open" if letter else "cell_needed")
    for column in _NEEDS.get(state.name, ()):
        if not row[column]:
            raise Unclear(column, "cell_needed")
    if not state.end and row["closed_on"]:
        raise Unclear("closed_on", "state_open")
    if not state.end and letter and "class" not in _NEEDS[state.name]:
        raise Unclear("class", "state_open")
    if state.name == "tracking":
        if rules.letters[letter].after != "tracking":
            raise Unclear("class", "letter_open")
        if rules.letters[letter].needs_promise and not row["promise_due"]:
            raise Unclear("promise_due", "cell_needed")


def _people(row: Mapping[str, str], at: Circumstances, *, known: bool) -> dict[str, str]:
    """Deputies and units by identifier where there is just one of that name, else by name alone.

    Who has to act must be there (`known`); whoever acted once may be gone.
    """
    deputy, unit = _one(row["deputy"], at.deputies), _one(row["unit"], at.units)
    if known and not deputy:
        raise Unclear("deputy", "deputy_unknown")
    if known and row["unit"] and not unit:
        raise Unclear("unit", "unit_unknown")
    joint, co_units = row["joint"].splitlines(), row["co_units"].splitlines()
    others = [_one(name, at.units) for name in co_units]
    if known and not all(others):
        raise Unclear("co_units", "unit_unknown")
    return {
        "deputy": deputy,
        "deputy_name": row["deputy"],
        "joint": ",".join(_one(name, at.deputies) for name in joint),
        "joint_names": row["joint"],
        "unit": unit,
        "unit_name": row["unit"],
        "co_units": ",".join(others),
        "co_units_names": row["co_units"],
    }


def _one(name: str, known: Mapping[str, str]) -> str:
    found = [key for key, called in known.items() if called == name]
    return found[0] if len(found) == 1 else ""


def _replying(row: Mapping[str, str], rules: RuleSet, at: Circumstances) -> dict[str, str] | None:
    """The clock that runs since the assignment, to the day of the list or that of the rules; others begin today."""
    clock, since = rules.clocks.get("reply"), day(row["assigned_on"])
    if clock is None or since is None or row["replied_on"]:
        return None
    ends = day(row["due"])
    guessed = ends is None and clock.guesses(since, clock.ends(since, at.days), at.days)
    return {"reply": f"{since}/{ends or clock.ends(since, at.days)}{'~' if guessed else ''}"}
