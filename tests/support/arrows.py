"""The arrows of the diagrams: those that a rule set has, and those that stories took, read from logs. Knows no page."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from liveroom.matters.rules import RuleSet
from liveroom.matters.workflow import Row
from liveroom.ports.matters import Wanted
from liveroom.server import keys
from tests.support.world import World

TABLE = Path(__file__).resolve().parents[1] / "stories" / "arrows.toml"
HEAD = """\
# Which story takes which arrow of the diagrams, by people on a page and by clocks that end. Written from the logs of
# the stories (ARROWS=write make browser); every story compares its log with it, and test_arrows.py the whole with the
# rules that are shipped.
"""
Arrows = tuple[frozenset[str], frozenset[str]]
"""Those that people took on a page, and those that the system took when a clock ended."""


def arrow(kind: str, command: str, source: str, target: str) -> str:
    return f"{kind} {command}: {source} → {target}" if source else f"{kind} {command}: → {target}"


def shipped(rules: RuleSet) -> Arrows:
    """All arrows that can be taken at all."""
    people, clocks = set(), set()
    for name, kind in rules.kinds.items():
        for row in kind.rows:
            for source in row.sources or {""}:
                taken = {arrow(name, row.command, source, target) for target in _reached(row, source)}
                (clocks if row.at_end_of else people).update(taken)
    return frozenset(people), frozenset(clocks)


def _reached(row: Row, source: str) -> Iterable[str]:
    """What silence can lead to: it is never “dissatisfied”, and where it chooses it chooses the same."""
    if isinstance(row.target, str) or not row.sets:
        return row.targets(source)
    if row.decided_by in row.sets:
        return (row.target[row.sets[row.decided_by]],)
    return (target for choice, target in row.target.items() if choice not in {"dissatisfied", "escalated"})


async def taken(world: World) -> Arrows:
    """What the log of a world says: without the steps that a story had taken for it, to begin further on."""
    people, clocks, after = set(), set(), ""
    matters = world.app[keys.MATTERS]
    rules = await world.app[keys.RULES].current()
    while True:
        page = await matters.find(Wanted(), after=after)
        for listed in page.rows:
            commands, source = rules.kind(listed.kind).commands, ""
            for line in await matters.history(listed.id):
                if line.event.what in commands and (listed.id, line.seq) not in world.set_up:
                    step = arrow(listed.kind, line.event.what, source, line.event.to)
                    (clocks if line.by == "system" else people).add(step)
                source = line.event.to
        if not page.after:
            return frozenset(people), frozenset(clocks)
        after = page.after


def table() -> dict[str, Arrows]:
    """By the name of the story."""
    if not TABLE.exists():
        return {}
    read = tomllib.loads(TABLE.read_text())
    return {story: (frozenset(row["people"]), frozenset(row["clocks"])) for story, row in read.items()}


def write(rows: Mapping[str, Arrows]) -> None:
    def lines(arrows: frozenset[str]) -> str:
        return "".join(f'\n    "{one}",' for one in sorted(arrows)) + "\n" * bool(arrows)

    text = "".join(
        f"\n[{story}]\npeople = [{lines(people)}]\nclocks = [{lines(clocks)}]\n"
        for story, (people, clocks) in sorted(rows.items())
    )
    TABLE.write_text(HEAD + text)
