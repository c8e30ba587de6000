"""The table of suggestions as it was before rule sets, until storage keeps the new record. Knows no kind by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from liveroom.rooms.roles import Permission


@dataclass(frozen=True, slots=True)
class Field:
    """What a step asks for. `kind` is text, line, date, choice, unit or deputy; `limit` in characters."""

    name: str
    kind: str
    required: bool = True
    limit: int = 2000
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One step: from which states, to which, by whom, under which guards, with which fields.

    `target` is a state, or a mapping from the value of the field `decided_by` to a state; empty means the state stays.
    """

    command: str
    sources: frozenset[str]
    target: str | Mapping[str, str]
    permission: Permission
    guards: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    decided_by: str = ""
    public: bool = True

    def to(self, state: str, choice: str = "") -> str:
        """The state after the step."""
        if isinstance(self.target, str):
            return self.target or state
        return self.target[choice]

    def targets(self, state: str) -> frozenset[str]:
        """Every state this row can lead to from `state`."""
        if isinstance(self.target, str):
            return frozenset({self.target or state})
        return frozenset(self.target.values())


@dataclass(frozen=True, slots=True)
class Workflow:
    """A kind of matter: its states (final or open) and its rows."""

    kind: str
    first: str
    open_states: frozenset[str]
    final_states: frozenset[str]
    rows: tuple[Row, ...]

    @property
    def states(self) -> frozenset[str]:
        return self.open_states | self.final_states

    def row(self, command: str, state: str) -> Row | None:
        """The row that a command means in a state."""
        return next((row for row in self.rows if row.command == command and state in row.sources), None)

    def knows(self, command: str) -> bool:
        return any(row.command == command for row in self.rows)

    def from_state(self, state: str) -> Iterable[Row]:
        return (row for row in self.rows if state in row.sources)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Deadlines of the handling of suggestions, in calendar months."""

    name: str = "default"
    reply_months: int = 3
    """From the assignment to the reply: where the form starts; the office may write another date."""

    rehandling_months: int = 1
    """From an evaluation as dissatisfied to the next reply."""


DEFAULT = RuleSet()
