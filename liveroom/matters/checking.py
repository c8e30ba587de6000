"""Whether a rule set that could be read makes sense: every way leads somewhere, and no unsolved reply ends as solved.

Knows neither files nor dates.
"""

from __future__ import annotations

from collections.abc import Iterator

from liveroom.matters import reading
from liveroom.matters.commands import COMMANDS
from liveroom.matters.guards import DECIDERS
from liveroom.matters.reading import Problem, nearest
from liveroom.matters.rules import RuleSet
from liveroom.matters.workflow import Row, Workflow
from liveroom.rooms.roles import Permission


def check(text: str) -> tuple[RuleSet | None, list[Problem]]:
    """The rule set of a file, None when anything is wrong with it; and everything that is."""
    rules, problems = reading.read(text)
    if rules is None:
        return None, problems
    problems = list(judge(rules))
    return (None if problems else rules), problems


def judge(rules: RuleSet) -> Iterator[Problem]:
    """Everything that does not fit together."""
    running = {clock for kind in rules.kinds.values() for state in kind.states.values() for clock in state.clocks}
    for name in rules.clocks:
        if name not in running:
            yield Problem(f"clocks.{name}", "runs in no state")
    for name, kind in rules.kinds.items():
        yield from _states(rules, kind, f"kinds.{name}")
        yield from _rows(rules, kind, f"kinds.{name}")
        yield from _never_solved(rules, kind, f"kinds.{name}")
        yield from _heard(kind, f"kinds.{name}")


def _states(rules: RuleSet, kind: Workflow, where: str) -> Iterator[Problem]:
    begins = [row for row in kind.rows if row.begins]
    if not begins:
        yield Problem(where, "no step begins it: one needs an empty “from”")
    reached: set[str] = set()
    ahead = [to for row in begins for to in row.targets("")]
    while ahead:
        here = ahead.pop()
        if here not in reached:
            reached.add(here)
            ahead += [to for row in kind.from_state(here) for to in row.targets(here)]
    for name, state in kind.states.items():
        here = f"{where}.states.{name}"
        if begins and name not in reached:
            yield Problem(here, "no step leads here")
        ways = [row for row in kind.from_state(name) if row.targets(name) - {name}]
        if state.end and ways:
            yield Problem(here, f"is an end, and “{ways[0].command}” leads out of it")
        if not state.end and not ways:
            yield Problem(here, "is open, and no step leads out of it")
        if state.end and state.clocks:
            yield Problem(here, "is an end: no clock runs there")
        for clock in state.clocks:
            if clock not in rules.clocks:
                yield Problem(here, f"unknown clock “{clock}”")
        if not state.end and not any(
            clock in rules.clocks and not rules.clocks[clock].while_ for clock in state.clocks
        ):
            yield Problem(here, "is open, and no clock runs there always: it could lie there and nobody would be told")
    if not any(state.end for state in kind.states.values()):
        yield Problem(where, "has no end")


def _rows(rules: RuleSet, kind: Workflow, where: str) -> Iterator[Problem]:
    seen: dict[tuple[str, str, str, tuple[str, ...], str], int] = {}
    for number, row in enumerate(kind.rows, 1):
        here = f"{where}.steps[{number}] {row.command}"
        for source in sorted(row.sources):
            if source not in kind.states:
                yield Problem(here, f"from unknown state “{source}”")
            same = (row.command, source, row.permission.value, row.guards, row.at_end_of)
            if same in seen:
                yield Problem(here, f"is the same as step {seen[same]} in “{source}”")
            seen.setdefault(same, number)
        for target in sorted(row.targets(next(iter(row.sources), ""))):
            if target not in kind.states:
                yield Problem(here, f"to unknown state “{target}”" if target else "has no state to lead to")
        yield from _asks(row, here)
        looked_at = any(field.kind == "checklist" for field in row.fields)
        if looked_at and not kind.checklist:
            yield Problem(here, "asks for the checklist, and there is none")
        if "admissible" in row.guards and not looked_at:
            yield Problem(here, "is guarded by “admissible”, and must ask for the “checklist”")
        yield from _table(rules, row, here)
        yield from _system(rules, kind, row, here)


def _asks(row: Row, here: str) -> Iterator[Problem]:
    """Whether a step asks for everything without which its command means nothing."""
    if row.command not in COMMANDS:
        yield Problem(here, f"unknown command{nearest(row.command, COMMANDS)}")
        return
    needed = COMMANDS[row.command] | set(DECIDERS[row.decided_by].needs if row.decided_by else ())
    given = {field.name for field in row.fields if field.required} | set(row.sets)
    for missing in sorted(needed - given):
        yield Problem(here, f"must ask for “{missing}”")


def _table(rules: RuleSet, row: Row, here: str) -> Iterator[Problem]:
    if isinstance(row.target, str):
        return
    keys = DECIDERS[row.decided_by].keys(rules)
    for missing in sorted(keys - set(row.target)):
        letters = [name for name, letter in rules.letters.items() if letter.after == missing]
        whose = f", where letter {', '.join(letters)} leads" if letters else ""
        yield Problem(here, f"the table has no “{missing}”{whose}")
    for unknown in sorted(set(row.target) - keys):
        yield Problem(here, f"“{row.decided_by}” never decides “{unknown}”")


def _system(rules: RuleSet, kind: Workflow, row: Row, here: str) -> Iterator[Problem]:
    """What is done by the system alone, and clocks that begin anew."""
    for clock in row.restarts:
        if clock not in rules.clocks:
            yield Problem(here, f"restarts unknown clock “{clock}”")
        elif rules.clocks[clock].extendable:
            yield Problem(here, f"restarts “{clock}”, which only an extension may move")
    if not row.at_end_of:
        if row.permission is Permission.NOTICE:
            yield Problem(here, "is the system's, and no clock is named (at_end_of)")
        if row.sets:
            yield Problem(here, "sets values, which only a step of the system does")
        return
    if row.permission is not Permission.NOTICE:
        yield Problem(here, "comes at the end of a clock: who must be “notice”")
    if row.fields:
        yield Problem(here, "comes at the end of a clock, when nobody fills in fields: use sets")
    for source in sorted(row.sources & set(kind.states)):
        if row.at_end_of not in kind.states[source].clocks:
            yield Problem(here, f"clock “{row.at_end_of}” does not run in “{source}”")
        if source in row.targets(source) and row.at_end_of not in row.restarts:
            yield Problem(here, f"stays in “{source}” while its clock has ended: it would come again and again")


def _never_solved(rules: RuleSet, kind: Workflow, where: str) -> Iterator[Problem]:
    """Follows every letter through the table: only one that means solved may end as solved."""
    seen: set[tuple[str, str]] = set()
    ahead = [(to, "") for row in kind.rows if row.begins for to in row.targets("")]
    while ahead:
        state, letter = ahead.pop()
        if (state, letter) in seen or state not in kind.states:
            continue
        seen.add((state, letter))
        if kind.states[state].end == "solved" and letter and not rules.letters[letter].solved:
            yield Problem(f"{where}.states.{state}", f"counts as solved, and a reply of letter {letter} can end here")
        for row in kind.from_state(state):
            if row.decided_by and DECIDERS[row.decided_by].by_letter and not letter:
                yield Problem(f"{where}.states.{state}", f"“{row.command}” looks at the reply, and there may be none")
                continue
            given = rules.letters if row.command == "reply" else [letter]
            ahead += [(to, one) for one in given for to in _with_letter(rules, row, state, one)]


def _with_letter(rules: RuleSet, row: Row, state: str, letter: str) -> frozenset[str]:
    """Where a step can lead when this is the letter of the reply."""
    if isinstance(row.target, str) or not DECIDERS[row.decided_by].by_letter:
        return row.targets(state)
    afters = {one.after for one in rules.letters.values()}
    keys = DECIDERS[row.decided_by].keys(rules) - afters | {rules.letters[letter].after}
    return frozenset(row.target[key] or state for key in keys if key in row.target)


def _heard(kind: Workflow, where: str) -> Iterator[Problem]:
    """Where those who asked are heard, nothing ends as solved by itself against what they say."""
    for name in kind.states:
        rows = list(kind.from_state(name))
        recorded = [r.target for r in rows if r.decided_by == "check" and not isinstance(r.target, str)]
        if not any(table.get("recorded") in ("", name) for table in recorded):
            continue
        for row in rows:
            ways = row.targets(name)
            if row.decided_by == "objections" and not isinstance(row.target, str):
                ways = frozenset({row.target.get("disputed", "")})
            if row.at_end_of and any(to in kind.states and kind.states[to].end == "solved" for to in ways):
                said = f"“{row.command}” ends as solved whatever those who asked have said: decide it by “objections”"
                yield Problem(f"{where}.states.{name}", said)
