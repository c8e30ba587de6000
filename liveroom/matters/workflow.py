"""A kind of matter: its states and the steps between them, as a rule set says. Knows no kind by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from liveroom.rooms.roles import Permission

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Field:
    """What a step asks for.

    `kind` is text, line, date, choice, letter, unit, units, deputy, deputies, matter or checklist; `limit` in
    characters.
    """

    name: str
    kind: str
    required: bool = True
    limit: int = 2000
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """Where a matter can stand.

    `clocks` run while it stands there, the one that is shown first; `turn` says who must act (office, deputy, unit,
    askers); `end` is empty while it is open, else `solved` or `unsolved`.
    """

    name: str
    zh: str
    en: str
    clocks: tuple[str, ...] = ()
    turn: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One step: from which states, to which, by whom, under which guards, with which fields.

    `target` is a state, or a mapping from what the decider `decided_by` says to a state; empty means the state stays.
    A row without sources begins a matter. A row with `at_end_of` is taken by the system when that clock ends, with the
    values that it `sets`. `restarts` are clocks that begin anew although they ran; `numbers` gives the matter its
    number.
    """

    command: str
    sources: frozenset[str]
    target: str | Mapping[str, str]
    permission: Permission
    guards: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    decided_by: str = ""
    public: bool = True
    at_end_of: str = ""
    sets: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    restarts: tuple[str, ...] = ()
    numbers: bool = False

    def to(self, state: str, choice: str = "") -> str:
        """The state after the step."""
        if isinstance(self.target, str):
            return self.target or state
        return self.target[choice] or state

    def targets(self, state: str) -> frozenset[str]:
        """Every state this row can lead to from `state`."""
        if isinstance(self.target, str):
            return frozenset({self.target or state})
        return frozenset(target or state for target in self.target.values())

    @property
    def begins(self) -> bool:
        return not self.sources


@dataclass(frozen=True, slots=True)
class Point:
    """Something that is looked at before a matter is admitted (审查要点): “yes” speaks for it."""

    name: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Workflow:
    """A kind of matter. `prefix` stands before its numbers; the `checklist` is answered before it is admitted."""

    kind: str
    zh: str
    en: str
    prefix: str
    states: Mapping[str, State]
    rows: tuple[Row, ...]
    checklist: tuple[Point, ...] = ()

    @property
    def final_states(self) -> frozenset[str]:
        return frozenset(name for name, state in self.states.items() if state.end)

    @property
    def first(self) -> str:
        return next(to for row in self.rows if row.begins for to in row.targets(""))

    @property
    def commands(self) -> frozenset[str]:
        return frozenset(row.command for row in self.rows)

    def beginning(self, command: str) -> Row | None:
        """The row with which a matter begins."""
        return next((row for row in self.rows if row.begins and row.command == command), None)

    def rows_of(self, command: str, state: str) -> list[Row]:
        """The rows that a person's command can mean in a state."""
        return [row for row in self.rows if row.command == command and state in row.sources and not row.at_end_of]

    def at_end_of(self, clock: str, state: str) -> Row | None:
        """What the system does when a clock ends in a state."""
        return next((row for row in self.rows if row.at_end_of == clock and state in row.sources), None)

    def from_state(self, state: str) -> Iterator[Row]:
        return (row for row in self.rows if state in row.sources)
