"""What importing a list would change, row by row. Knows no storage: what is there already is an argument."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from liveroom.exchange.past import OldSuggestion
from liveroom.exchange.sheets import Deputy, Entry, Holiday, Sheet, UnitEntry, entries
from liveroom.exchange.tables import Problem, Table

What = Literal["add", "change", "same", "remove"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is there: `entries` by key; `taken` are keys that may not be used, with the reason.

    Of old suggestions that were imported it is the `digests` by number: a file never changes them again.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict)
    taken: Mapping[str, str] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one entry. `row` is 0 for one that the file does not name."""

    row: int
    what: What
    entry: Entry
    before: Entry | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that would happen; with a single problem nothing does."""

    kind: str
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]
    ignored: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        return not self.problems

    @property
    def due(self) -> list[Change]:
        """What is not there yet as it should be."""
        return [change for change in self.changes if change.what != "same"]

    def count(self, what: What) -> int:
        return sum(change.what == what for change in self.changes)


Check = Callable[[int, Entry], Problem | None]
"""What else may be wrong with the entry of a row that would be added."""


def plan(sheet: Sheet, table: Table, known: Known, check: Check | None = None) -> Plan:
    """Compare a file with what is there.

    Problems that comparing adds: `login_taken`, `name_taken`, `year_known`, `number_taken`, `number_known`; and what
    `check` says.
    """
    found, problems = entries(sheet, table)
    named = [(row, _completed(entry, known)) for row, entry in found]
    problems += [problem for row, entry in named if (problem := _against(row, entry, known, check))]
    problems += [
        Problem(row, known.taken[mark], text=mark)
        for row, entry in named
        for mark in _marks(entry)
        if mark in known.taken
    ]
    problems += _names(named, known)
    changes = [_compare(row, entry, known) for row, entry in named]
    changes += [Change(0, "remove", entry) for entry in _gone(named, known)]
    return Plan(sheet.kind, tuple(changes), tuple(sorted(problems, key=lambda p: p.row)), table.ignored)


def _against(row: int, entry: Entry, known: Known, check: Check | None) -> Problem | None:
    """One that was imported before must be the same still: it has gone its own way since."""
    if isinstance(entry, OldSuggestion) and entry.key in known.digests:
        differs = known.digests[entry.key] != entry.digest
        return Problem(row, "number_known", "number", entry.key) if differs else None
    return check(row, entry) if check and entry.key not in known.taken else None


def _compare(row: int, entry: Entry, known: Known) -> Change:
    if entry.key in known.digests:
        return Change(row, "same", entry)
    before = known.entries.get(entry.key)
    if before is None:
        return Change(row, "add", entry)
    return Change(row, "same" if before == entry else "change", entry, before)


def _marks(entry: Entry) -> tuple[str, ...]:
    return (str(entry.day.year),) if isinstance(entry, Holiday) else (entry.key,)


def _completed(entry: Entry, known: Known) -> Entry:
    """With what is there already.

    A unit that is named without its code is the one of this name. A contact that the file does not say stays, and so
    does one that its person has proved.
    """
    if isinstance(entry, UnitEntry) and not entry.code:
        for other in known.entries.values():
            if other.cells()[1] == entry.name:
                return other
    before = known.entries.get(entry.key)
    if isinstance(entry, Deputy) and isinstance(before, Deputy) and (entry.contact is None or before.proved):
        return replace(entry, contact=before.contact, proved=before.proved)
    return entry


def _names(named: Sequence[tuple[int, Entry]], known: Known) -> list[Problem]:
    """Units are chosen by their names: two of the same name could not be told apart."""
    after = {key: entry.name for key, entry in known.entries.items() if isinstance(entry, UnitEntry)}
    after |= {entry.key: entry.name for _, entry in named if isinstance(entry, UnitEntry)}
    names = Counter(after.values())
    return [
        Problem(row, "name_taken", "name", entry.name)
        for row, entry in named
        if isinstance(entry, UnitEntry) and names[entry.name] > 1
    ]


def _gone(named: Sequence[tuple[int, Entry]], known: Known) -> list[Entry]:
    """A year's days are replaced as a whole: the file is the notice. Of other lists nothing is ever taken away."""
    days = {entry.key for _, entry in named}
    years = {entry.day.year for _, entry in named if isinstance(entry, Holiday)}
    return [
        entry
        for key, entry in known.entries.items()
        if isinstance(entry, Holiday) and entry.day.year in years and key not in days
    ]
