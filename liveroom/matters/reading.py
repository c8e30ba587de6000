"""Reads a rule set from the text of its file (TOML) and says everything that cannot be read. Knows no file.

Names of permissions, guards, fields and deciders must be known to the code; states, letters and clocks are the file's.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any

from liveroom.matters.fields import FIELDS, along, asked_for
from liveroom.matters.guards import CONDITIONS, DECIDERS, PERSONS, TIMES
from liveroom.matters.rules import Clock, Letter, Limits, RuleSet, Span
from liveroom.matters.workflow import Point, Row, State, Workflow
from liveroom.rooms.roles import Permission

ENDS = ("solved", "unsolved")
TURNS = ("office", "deputy", "unit", "askers")
NAME_LIMIT = 24
"""Characters of the name of a state, clock, command or kind: it is a column, and part of an address."""

REFERENCE_LIMIT = 32
LETTER_LIMIT = 4
_STEP = {
    "command", "from", "to", "who", "guards", "fields", "decided_by", "public", "at_end_of", "sets", "restarts",
    "numbers",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where: `kinds.suggestion.steps[4] reply`."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def read(text: str) -> tuple[RuleSet | None, list[Problem]]:
    """The rule set, None when it cannot be made; and everything in it that could not be read."""
    try:
        written = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return None, [Problem("file", f"is not TOML: {error}")]
    reader = _Reader()
    rules = reader.rule_set(written)
    return (None if reader.problems else rules), reader.problems


class _Reader:
    """Goes through the file once; what is missing gets a value to go on with, and its problem is noted."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def rule_set(self, written: Mapping[str, Any]) -> RuleSet:
        self._known("file", written, {"id", "version", "zh", "en", "letters", "clocks", "limits", "kinds"})
        rules = RuleSet(
            id=self._name("file", "id", self._text("file", written, "id")),
            version=self._number("file", written, "version", least=1),
            zh=self._text("file", written, "zh"),
            en=self._text("file", written, "en"),
            letters={n: self._letter(f"letters.{n}", n, v) for n, v in self._tables("file", written, "letters")},
            clocks={n: self._clock(f"clocks.{n}", n, v) for n, v in self._tables("file", written, "clocks")},
            limits=self._limits(written.get("limits", {})),
            kinds={n: self._kind(f"kinds.{n}", n, v) for n, v in self._tables("file", written, "kinds")},
        )
        if len(rules.reference) > REFERENCE_LIMIT:
            self._say("file", f"“{rules.reference}” is longer than {REFERENCE_LIMIT} characters")
        for section in ("letters", "clocks", "kinds"):
            if not getattr(rules, section):
                self._say("file", f"has no {section}")
        return rules

    def _letter(self, where: str, name: str, v: Mapping[str, Any]) -> Letter:
        self._known(where, v, {"zh", "en", "solved", "needs_promise", "after"})
        if len(name) > LETTER_LIMIT:
            self._say(where, f"a letter has at most {LETTER_LIMIT} characters")
        return Letter(
            name,
            self._text(where, v, "zh"),
            self._text(where, v, "en"),
            self._flag(where, v, "solved"),
            self._flag(where, v, "needs_promise"),
            self._text(where, v, "after"),
        )

    def _clock(self, where: str, name: str, v: Mapping[str, Any]) -> Clock:
        self._known(
            where, v, {"amount", "unit", "dated_by", "while", "extendable", "reminders", "listed_after", "whose"}
        )
        span = self._one_of(where, "unit", self._text(where, v, "unit"), [span.value for span in Span])
        reminders = v.get("reminders", [])
        if not isinstance(reminders, list) or not all(type(n) is int and 0 < n < 1000 for n in reminders):
            self._say(where, "reminders must be a list of days before the end")
            reminders = []
        dated_by = self._text(where, v, "dated_by", "")
        if dated_by and (dated_by not in FIELDS or FIELDS[dated_by].kind != "date"):
            self._say(where, f"dated_by “{dated_by}” is no field with a date")
        condition, whose = self._text(where, v, "while", ""), self._text(where, v, "whose", "")
        return Clock(
            self._name(where, "clock", name),
            self._number(where, v, "amount", least=1),
            Span(span) if span else Span.DAYS,
            dated_by,
            self._one_of(where, "while", condition, TIMES) if condition else "",
            self._flag(where, v, "extendable"),
            tuple(reminders),
            self._number(where, v, "listed_after", least=0, default=0),
            self._one_of(where, "whose", whose, (*TURNS, "co_units")) if whose else "",
        )

    def _limits(self, v: Any) -> Limits:
        if not isinstance(v, dict):
            self._say("limits", "must be a table")
            return Limits()
        usual, names = Limits(), [field.name for field in fields(Limits)]
        self._known("limits", v, names)
        return Limits(
            **{name: self._number("limits", v, name, least=0, default=getattr(usual, name)) for name in names}
        )

    def _kind(self, where: str, name: str, v: Mapping[str, Any]) -> Workflow:
        self._known(where, v, {"zh", "en", "prefix", "states", "steps", "checklist"})
        states = {n: self._state(f"{where}.states.{n}", n, s) for n, s in self._tables(where, v, "states")}
        steps = v.get("steps", [])
        if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
            self._say(where, "steps must be written as [[…steps]]")
            steps = []
        rows = [self._step(f"{where}.steps[{i}] {s.get('command', '')}".rstrip(), s) for i, s in enumerate(steps, 1)]
        prefix = self._text(where, v, "prefix", "")
        if len(prefix) > 2 or not (prefix == "" or prefix.isalpha()):
            self._say(where, "prefix must be at most two letters")
        found = [row for row in rows if row is not None]
        zh, en = self._text(where, v, "zh"), self._text(where, v, "en")
        return Workflow(
            self._name(where, "kind", name), zh, en, prefix, states, tuple(found), self._checklist(where, v)
        )

    def _checklist(self, where: str, v: Mapping[str, Any]) -> tuple[Point, ...]:
        points = v.get("checklist", [])
        if not isinstance(points, list) or not all(isinstance(point, dict) for point in points):
            self._say(where, "the checklist must be written as [[…checklist]]")
            return ()
        found: list[Point] = []
        for number, point in enumerate(points, 1):
            here = f"{where}.checklist[{number}]"
            self._known(here, point, {"name", "zh", "en"})
            name = self._name(here, "point", self._text(here, point, "name"))
            if name in {earlier.name for earlier in found}:
                self._say(here, f"“{name}” is written twice")
            found.append(Point(name, self._text(here, point, "zh"), self._text(here, point, "en")))
        return tuple(found)

    def _state(self, where: str, name: str, v: Mapping[str, Any]) -> State:
        self._known(where, v, {"zh", "en", "clocks", "turn", "end"})
        end, turn = self._text(where, v, "end", ""), self._text(where, v, "turn", "")
        return State(
            self._name(where, "state", name),
            self._text(where, v, "zh"),
            self._text(where, v, "en"),
            self._texts(where, v, "clocks"),
            self._one_of(where, "turn", turn, TURNS) if turn else "",
            self._one_of(where, "end", end, ENDS) if end else "",
        )

    def _step(self, where: str, v: Mapping[str, Any]) -> Row | None:
        self._known(where, v, _STEP)
        who = self._one_of(where, "permission", self._text(where, v, "who"), [p.value for p in Permission])
        guards = self._texts(where, v, "guards")
        for guard in guards:
            self._one_of(where, "guard", guard, (*PERSONS, *TIMES, *CONDITIONS))
        asked = []
        for name in self._texts(where, v, "fields"):
            field = asked_for(name)
            if field is None:
                self._one_of(where, "field", name.removesuffix("?"), FIELDS)
            else:
                asked += along(field)
        decided_by = self._text(where, v, "decided_by", "")
        if decided_by:
            self._one_of(where, "decider", decided_by, DECIDERS)
        target, sets = v.get("to", ""), v.get("sets", {})
        if not (isinstance(target, str) or _is_texts(target)):
            self._say(where, "to must be a state, or a table of states")
            target = ""
        if isinstance(target, dict) != bool(decided_by):
            self._say(where, "a table of states needs decided_by, and decided_by a table of states")
            return None
        if not _is_texts(sets):
            self._say(where, "sets must be a table of texts")
            sets = {}
        command = self._name(where, "command", self._text(where, v, "command"))
        return Row(
            command=command,
            sources=frozenset(self._texts(where, v, "from")),
            target=target,
            permission=Permission(who) if who else Permission.NOTICE,
            guards=guards,
            fields=tuple(asked),
            decided_by=decided_by,
            public=self._flag(where, v, "public", default=True),
            at_end_of=self._text(where, v, "at_end_of", ""),
            sets=sets,
            restarts=self._texts(where, v, "restarts"),
            numbers=self._flag(where, v, "numbers"),
        )

    def _say(self, where: str, what: str) -> None:
        self.problems.append(Problem(where, what))

    def _known(self, where: str, v: Mapping[str, Any], names: Collection[str]) -> None:
        for name in v:
            if name not in names:
                self._say(where, f"nothing is called “{name}” here{nearest(name, names)}")

    def _one_of(self, where: str, what: str, value: str, known: Iterable[str]) -> str:
        known = list(known)
        if value in known:
            return value
        if value:
            self._say(where, f"unknown {what} “{value}”{nearest(value, known)}")
        return ""

    def _name(self, where: str, what: str, name: str) -> str:
        """Names stand in addresses, keys and columns."""
        if not (
            name.isascii() and name.replace("_", "a").isalnum() and name == name.lower() and len(name) <= NAME_LIMIT
        ):
            self._say(where, f"the {what} “{name}” must be small letters, digits and _, at most {NAME_LIMIT}")
        return name

    def _text(self, where: str, v: Mapping[str, Any], name: str, default: str | None = None) -> str:
        value = v.get(name, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            self._say(where, f"{name} is missing" if value is None or value == "" else f"{name} must be a text")
            return ""
        return value

    def _texts(self, where: str, v: Mapping[str, Any], name: str) -> tuple[str, ...]:
        value = v.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self._say(where, f"{name} must be a list of texts")
            return ()
        return tuple(value)

    def _number(self, where: str, v: Mapping[str, Any], name: str, least: int, default: int | None = None) -> int:
        value = v.get(name, default)
        if type(value) is not int or not least <= value <= 3650:
            self._say(where, f"{name} must be a whole number from {least} to 3650")
            return least
        return value

    def _flag(self, where: str, v: Mapping[str, Any], name: str, default: bool = False) -> bool:
        value = v.get(name, default)
        if not isinstance(value, bool):
            self._say(where, f"{name} must be true or false")
            return default
        return value

    def _tables(self, where: str, v: Mapping[str, Any], name: str) -> list[tuple[str, Mapping[str, Any]]]:
        value = v.get(name, {})
        if not isinstance(value, dict) or not all(isinstance(one, dict) for one in value.values()):
            self._say(where, f"{name} must be tables")
            return []
        return list(value.items())


def _is_texts(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def nearest(name: str, known: Collection[str]) -> str:
    """A question after the one that was probably meant."""
    close = get_close_matches(name, list(known), 1)
    return f": is “{close[0]}” meant?" if close else ""
