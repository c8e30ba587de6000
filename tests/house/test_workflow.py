"""docs/workflow.md says what the tables of the code say: states, commands, permissions, guards, fields, clocks."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
from msgspec import structs

from liveroom.matters.guards import CONDITIONS, PERSONS, TIMES
from liveroom.matters.reminding import Why
from liveroom.qa import commands as c
from liveroom.qa.apply import apply
from liveroom.qa.decide import decide
from liveroom.qa.policy import RULES
from liveroom.qa.question import HeldBecause, Hit, Outcome, Question, QuestionState, Queue, RefusalReason
from liveroom.rooms import session as rooms
from liveroom.rooms.roles import GRANTS, SYSTEM, Actor, Permission, Role
from tests.unit.matters.rule_sets import COMPACT, STANDARD

PAGE = (Path(__file__).resolve().parent.parent.parent / "docs" / "workflow.md").read_text()
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANYBODY = Actor("d", "D", frozenset(set(Role) - {Role.SYSTEM}))
SESSIONS = {
    "open": rooms.OPEN_FOR_QUESTIONS,
    "open, not cut": rooms.OPEN_FOR_QUESTIONS - {rooms.SessionState.CUT},
    "on the air, not cut": rooms.ON_THE_AIR - {rooms.SessionState.CUT},
    "on the air": rooms.ON_THE_AIR,
    "over": frozenset({rooms.SessionState.ENDED, rooms.SessionState.DISPOSITION}),
    "open, over": rooms.OPEN_FOR_QUESTIONS | {rooms.SessionState.ENDED, rooms.SessionState.DISPOSITION},
}


def table(head: str, after: str = "") -> list[list[str]]:
    """The cells of every row under the first table of a section whose first column is called `head`."""
    text = PAGE.split(after, 1)[1].split("\n## ", 1)[0]
    lines = text.split(f"\n| {head} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def names(cell: str) -> frozenset[str]:
    """What stands in backticks."""
    return frozenset(re.findall(r"`([^`]+)`", cell))


@pytest.mark.parametrize(
    ("head", "section", "known"),
    [
        ("role", "\n## Roles", {role.value for role in Role}),
        ("state", "\n## Session", {state.value for state in rooms.SessionState}),
        ("state", "\n## Question", {state.value for state in QuestionState}),
        ("reason", "\n## Question", {reason.value for reason in RefusalReason}),
        ("outcome", "\n## Outcomes", {outcome.value for outcome in Outcome}),
        ("state", "\n## Suggestion", set(STANDARD.kinds["suggestion"].states)),
        ("state", "\n## Commitment", set(STANDARD.kinds["commitment"].states)),
        ("state", "\n## Work order", set(STANDARD.kinds["work_order"].states)),
        ("guard", "\n## Matters", {*PERSONS, *TIMES, *CONDITIONS}),
        ("letter", "\n## Matters", {*STANDARD.letters, *COMPACT.letters}),
        ("clock", "\n## Clocks", {*STANDARD.clocks, *COMPACT.clocks}),
        ("why", "\n## Reminders", {why.value for why in Why}),
    ],
)
def test_every_name_stands_in_its_table_once(head: str, section: str, known: set[str]) -> None:
    assert sorted(name for row in table(head, section) for name in names(row[0])) == sorted(known)


def test_permissions_belong_to_the_roles_that_the_page_names() -> None:
    written = {row[0].strip("`"): names(row[2]) for row in table("permission", "\n## Roles")}
    assert written == {
        permission.value: frozenset(role.value for role in Role if permission in GRANTS[role])
        for permission in Permission
    }


def test_session_commands_lead_where_the_page_says() -> None:
    written = {
        row[0].strip("`"): (names(row[2]), names(row[3]) or names(row[2]), row[4].strip("`"))
        for row in table("session command", "\n## Session")
    }
    found = {}
    for kind, rule in rooms.RULES.items():
        command = kind(reason="x") if "reason" in kind.__struct_fields__ else kind()
        by = SYSTEM if rule.permission is Permission.NOTICE else ANYBODY
        reached = set()
        for source in rule.sources:
            session = rooms.Session("s", "r", "t", NOW, ("d",), source)
            for event in rooms.decide(session, command, by, NOW):
                session = rooms.apply(session, event)
            reached.add(session.state.value)
        sources = frozenset(state.value for state in rule.sources)
        found[kind.__struct_config__.tag] = (sources, frozenset(reached), rule.permission.value)
    assert written == found


def test_question_commands_lead_where_the_page_says() -> None:
    written = {
        row[0].strip("`"): (names(row[2]), names(row[3]) or names(row[2]), row[4].strip("`"), SESSIONS[row[5]])
        for row in table("question command", "\n## Question")
    }
    needed = {
        "reason": RefusalReason.ADVERTISING,
        "text": "other",
        "note": "because",
        "outcome": Outcome.REFERRED,
        "tags": ("航线",),
        "to": "a",
        "into": "other",
        "nickname": "",
        "island": "",
        "hits": (Hit("list", 2, "hold", "word"),),
    }
    other = Question("other", "O", "C2", "key", "e", "text", "", "", NOW, QuestionState.PUBLISHED)
    found = {}
    for kind, rule in RULES.items():
        wish = kind("q", **{name: value for name, value in needed.items() if name in kind.__struct_fields__})
        assert isinstance(wish, c.QuestionCommand)
        wishes = [wish, structs.replace(wish, hits=())] if isinstance(wish, c.Rescreen) else [wish]
        by = SYSTEM if rule.permission is Permission.NOTICE else ANYBODY
        reached = set()
        for source, when, wish in product(rule.sources, rule.sessions, wishes):
            held = HeldBecause.LIST if source is QuestionState.HELD else None
            asked = Question("q", "Q", "C", "key", "d", "text", "", "", NOW, source, refused_at=NOW, held_because=held)
            queue = Queue("s").put([asked, other])
            session = rooms.Session("s", "r", "t", NOW, ("d",), when)
            if kind is c.Edit and when is rooms.SessionState.CUT:
                continue  # what is public is not edited then
            after = apply(queue, decide(queue, session, wish, by, NOW))
            reached.add(after.questions["q"].state.value)
        sources = frozenset(state.value for state in rule.sources)
        found[kind.__struct_config__.tag] = (sources, frozenset(reached), rule.permission.value, rule.sessions)
    assert written == found


@pytest.mark.parametrize("kind", STANDARD.kinds)
def test_steps_of_a_matter_are_those_of_the_page_in_the_same_order(kind: str) -> None:
    words, rows = kind.replace("_", " "), STANDARD.kinds[kind].rows
    written = [
        (row[0].strip("`"), names(row[2]), names(row[3]), row[4], names(row[5]), row[6], row[7])
        for row in table(f"{words} command", f"\n## {words.capitalize()}")
    ]
    assert written == [
        (
            row.command,
            row.sources,
            frozenset({row.target} if isinstance(row.target, str) else row.target.values()) - {""},
            f"at the end of `{row.at_end_of}`" if row.at_end_of else f"`{row.permission.value}`",
            frozenset(row.guards),
            ", ".join(f"`{f.name}`{'' if f.required else '?'}" for f in row.fields) or "—",
            "public" if row.public else "internal",
        )
        for row in rows
    ]


@pytest.mark.parametrize("kind", STANDARD.kinds)
def test_states_of_a_matter_are_as_the_page_says(kind: str) -> None:
    section = f"\n## {kind.replace('_', ' ').capitalize()}"
    written = [(row[0].strip("`"), row[1], row[2], names(row[3]), row[4]) for row in table("state", section)]
    states = STANDARD.kinds[kind].states.values()
    assert written == [(s.name, s.zh, s.turn or "—", frozenset(s.clocks), s.end or "open") for s in states]


def test_letters_lead_where_the_page_says() -> None:
    for row in table("letter", "\n## Matters"):
        for rules, cell in ((STANDARD, row[1]), (COMPACT, row[2])):
            letter = rules.letters.get(row[0].strip("`"))
            said = f"{letter.zh} → {letter.after}" if letter else "—"
            more = (", counts as solved" * letter.solved + ", needs a date" * letter.needs_promise) if letter else ""
            assert cell == said + more


def test_clocks_have_the_values_of_the_page() -> None:
    for row in table("clock", "\n## Clocks"):
        found = [rules.clocks.get(row[0].strip("`")) for rules in (STANDARD, COMPACT)]
        spans = [f"{clock.amount} {clock.span.value.replace('_', ' ')}" if clock else "—" for clock in found]
        shown = next(clock for clock in found if clock)
        reminders = ", ".join(map(str, shown.reminders)) or "—"
        assert row[1:] == [*spans, reminders, str(shown.listed_after or "—")], row[0]
