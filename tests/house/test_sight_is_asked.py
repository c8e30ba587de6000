"""How much of a matter is seen is decided in `liveroom/matters/sight.py`, as the page says, and nowhere else."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from liveroom.matters.matter import Matter, SourceQuestion
from liveroom.matters.sight import sight
from liveroom.rooms.roles import Actor, Role

ROOT = Path(__file__).resolve().parent.parent.parent
WORKFLOW = (ROOT / "docs" / "workflow.md").read_text()
OFFICE = Actor("o", "工委", frozenset({Role.OFFICE}))
NUMBERED = Matter("m", number="2026-0001", state="handling", sources=(SourceQuestion("q", "s", "A7K2", ("",), 1),))
SITUATIONS = {
    "suggestion or commitment with a number": [NUMBERED, replace(NUMBERED, kind="commitment")],
    "work order with a number": [replace(NUMBERED, kind="work_order")],
    "without a number yet": [replace(NUMBERED, number="", state="draft")],
    "confidential (不公开) with a number": [
        replace(NUMBERED, kind=kind, confidential=True) for kind in ("suggestion", "commitment", "work_order")
    ],
    "confidential without a number": [replace(NUMBERED, number="", confidential=True)],
}
NOT_ABOUT_SIGHT = {
    "liveroom/server/exports.py",  # a column of the work list
    "liveroom/server/api/matter_calls.py",  # a field of the work list
    "liveroom/actions/instead.py",  # what goes on instead of it is kept so, too
    "liveroom/matters/guards.py",  # whether it can be made so
    "liveroom/matters/parties.py",  # whose work it is then
    "liveroom/storage/matter_tables.py",  # kept as a column
    "liveroom/storage/matters.py",  # of which nobody is told any more who asked
    "liveroom/storage/reminders.py",  # the letters to its own people say less of it
}


def test_who_sees_how_much_is_as_the_page_says() -> None:
    rows = WORKFLOW.split("| matter | everybody | whoever asked | whose work it is |\n|---|---|---|---|\n")[1]
    written = [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in rows.split("\n\n")[0].splitlines()]
    assert {row[0] for row in written} == set(SITUATIONS)
    for situation, *levels in written:
        for matter in SITUATIONS[situation]:
            seen = [sight(matter), sight(matter, codes=["q"]), sight(matter, OFFICE)]
            assert [level.name.lower() for level in seen] == levels, (situation, matter.kind)


@pytest.mark.parametrize("name", ["confidential", "FOR_EVERYBODY", "concerns"])
def test_nothing_else_decides_it(name: str) -> None:
    known = {"liveroom/matters/sight.py"} | {
        "confidential": NOT_ABOUT_SIGHT,
        "FOR_EVERYBODY": {
            "liveroom/actions/follow_up.py",
            *(f"liveroom/storage/{name}.py" for name in ("matter_lists", "openness", "reminders")),
        },
        "concerns": set[str](),
    }[name]  # fmt: skip
    found = set[str]()
    for path in sorted((ROOT / "liveroom").rglob("*.py")):
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            used = isinstance(node, ast.Attribute) and node.attr == name
            imported = isinstance(node, ast.ImportFrom) and any(one.name == name for one in node.names)
            if used or imported:
                found.add(str(path.relative_to(ROOT)))
    assert found == known
