"""The shipped rule sets, and people and circumstances to try them with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import liveroom.matters
from liveroom.matters import reading
from liveroom.matters.checking import check
from liveroom.matters.engine import begin, decide
from liveroom.matters.guards import Circumstances
from liveroom.matters.matter import Matter, MatterStep, SourceQuestion
from liveroom.matters.replay import apply
from liveroom.matters.rules import RuleSet
from liveroom.rooms.roles import SYSTEM, Actor, Role

TODAY = date(2026, 3, 2)
SOURCE = SourceQuestion("q", "s", "A7K2", ("原话",), 12, 1000, 2000)
FOLDER = Path(liveroom.matters.__file__).parent / "rulesets"
VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "rules"


class Weekdays:
    """Monday to Friday are worked, and nothing is known of holidays after 2030."""

    def is_working_day(self, day: date) -> bool:
        return day.weekday() < 5

    def covers(self, day: date) -> bool:
        return day.year <= 2030


def shipped(name: str) -> RuleSet:
    rules, problems = check((FOLDER / f"{name}.toml").read_text())
    assert rules is not None, [str(problem) for problem in problems]
    return rules


def first_version(name: str) -> RuleSet:
    """The set as it was shipped first: matters that began by it go on by it."""
    rules, problems = reading.read((VECTORS / f"{name}-1.toml").read_text())
    assert rules is not None, [str(problem) for problem in problems]
    return rules


STANDARD, COMPACT = shipped("standard"), shipped("compact")
SETS = (STANDARD, COMPACT)
UNITS = {"u": "水务局", "v": "港航中心", "w": "财政局"}
DEPUTIES = {"d": "林代表", "e": "陈代表", "f": "赵代表"}

OFFICE = Actor("o", "工委", frozenset({Role.OFFICE}))
DEPUTY = Actor("d", "林代表", frozenset({Role.DEPUTY}))
OTHER = Actor("e", "陈代表", frozenset({Role.DEPUTY}))
HEAD = Actor("h", "负责人", frozenset({Role.UNIT_HEAD}), "u")
CO_HEAD = Actor("c", "协办", frozenset({Role.UNIT_HEAD}), "v")
ASKER = Actor("device", "", frozenset({Role.VISITOR}))

VALUES = {
    "title": "标题",
    "body": "内容",
    "reason": "原因",
    "deputy": "d",
    "others": "e",
    "signature": "林代表",
    "unit": "u",
    "co_units": "v",
    "due": "2026-06-01",
    "until": "2026-07-01",
    "contact": "电话沟通",
    "class": "A",
    "text": "答复",
    "promise_due": "2026-12-01",
    "attitude": "satisfied",
    "result": "satisfied",
    "note": "说明",
    "instead": "work_order",
    "into": "2026-0002",
    "solved": "yes",
    "reached": "yes",
    "found": "done",
    "outcome": "fulfilled",
    "checklist": "competence=yes,public_matter=yes,no_proceedings=yes,substance=yes,signed=yes",
}
ADMITTED = {"checklist": VALUES["checklist"]}


def somebody(role: Role) -> Actor:
    return SYSTEM if role is Role.SYSTEM else Actor("d", "D", frozenset({role}), "u")


def around(today: date = TODAY, **more: Any) -> Circumstances:
    made = Circumstances(today, Weekdays(), UNITS, DEPUTIES, "2026-0001")
    return replace(made, **more)


class Case:
    """A matter on its way; every fact is kept, so that replaying them can be compared with the row."""

    def __init__(self, rules: RuleSet = STANDARD, kind: str = "suggestion") -> None:
        self.rules = rules
        self.new = Matter("m", kind=kind)
        self.matter = self.new
        self.events: list[MatterStep] = []
        self.today = TODAY

    def began(self, command: str, by: Actor, **values: str) -> Case:
        given = {"title": "标题", "body": "内容", **values}
        return self.took(begin(self.new, self.rules, command, given, by, self.at(), [SOURCE]))

    def step(self, command: str, by: Actor, values: Mapping[str, str] | None = None, **more: Any) -> Case:
        return self.took(decide(self.matter, self.rules, command, values or {}, by, self.at(**more)))

    def took(self, events: list[MatterStep]) -> Case:
        self.events += events
        self.matter = apply(self.matter, events)
        assert apply(self.new, self.events) == self.matter
        return self

    def at(self, **more: Any) -> Circumstances:
        return around(self.today, **more)

    def on(self, day: date) -> Case:
        self.today = day
        return self


def drafted(rules: RuleSet = STANDARD) -> Case:
    return Case(rules).began("draft", OFFICE)


def assigned(rules: RuleSet = STANDARD, **values: str) -> Case:
    case = drafted(rules).step("offer", OFFICE, {"deputy": "d"}).step("adopt", DEPUTY, {"signature": "林"})
    return case.step("register", OFFICE, ADMITTED).step("assign", OFFICE, {"unit": "u", **values})


def handled(rules: RuleSet = STANDARD, **values: str) -> Case:
    return assigned(rules, **values).step("accept", HEAD)


def replied(letter: str = "A", rules: RuleSet = STANDARD) -> Case:
    return replying(handled(rules), letter)


def replying(case: Case, letter: str = "A") -> Case:
    promise = "2026-12-01" if letter == "B" else ""
    case = case.step("contact", HEAD, {"contact": "电话"})
    return case.step("reply", HEAD, {"class": letter, "text": "答复", "promise_due": promise})


def judged(case: Case, result: str = "satisfied", attitude: str = "satisfied") -> Case:
    return case.step("evaluate", DEPUTY, {"attitude": attitude, "result": result})
