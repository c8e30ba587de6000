"""The filters of the work list as they stand in the address. Knows no page and no database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from liveroom.matters.parties import EXTENSION_ASKED
from liveroom.matters.stages import Stage, later_from
from liveroom.ports.matters import Order, Wanted
from liveroom.rooms.roles import Actor, Permission, may

TEXT_LIMIT = 80

_Narrowed = Callable[[Wanted, date], Wanted]


def _states(*states: str) -> _Narrowed:
    return lambda wanted, _today: replace(wanted, states=states, final=False)


VIEWS: Mapping[str, _Narrowed] = {
    "turn": lambda wanted, _today: wanted,
    "open": lambda wanted, _today: replace(wanted, final=False),
    "soon": lambda wanted, today: replace(wanted, final=False, due_from=today, due_before=later_from(today)),
    "overdue": lambda wanted, today: replace(wanted, due_before=today),
    "review": _states("submitted", "under_review", "received"),
    "assignment": _states("registered", "accepted"),
    "returned": _states("return_requested", "disputed"),
    "extension": lambda wanted, _today: replace(wanted, parties=(EXTENSION_ASKED,)),
    "dissatisfied": lambda wanted, _today: replace(wanted, final=False, dissatisfied=True),
    "escalated": _states("escalated"),
    "supervised": lambda wanted, _today: replace(wanted, supervised=True),
    "tracking": _states("tracking", "confirmed", "in_progress", "due"),
    "closed": lambda wanted, _today: replace(wanted, final=True),
}
"""What a view shows, beside what is chosen else. `turn` is whoever's turn it is."""

_OF_THE_OFFICE = frozenset({"review", "assignment", "extension", "escalated"})
_MORE = ("state", "letter", "year", "overdue", "import")
KINDS = ("suggestion", "commitment", "work_order")


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """What somebody wants to see of the work list. Anything unknown in an address is as if it were not there."""

    view: str = "turn"
    kind: str = ""
    unit: str = ""
    stage: str = ""
    text: str = ""
    more: tuple[tuple[str, str], ...] = ()
    """What else the addresses of lists may say, as it was written: `filters.wanted_by` reads it."""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> WorkFilter:
        stage = _one_of(query.get("stage", ""), [stage.value for stage in Stage])
        return cls(
            view=_one_of(query.get("view", ""), VIEWS) or ("open" if stage else "turn"),
            kind=_one_of(query.get("kind", ""), KINDS),
            unit=query.get("unit", "")[:32],
            stage=stage,
            text=query.get("q", "").strip()[:TEXT_LIMIT],
            more=tuple((name, query[name][:32]) for name in _MORE if query.get(name)),
        )

    @property
    def said(self) -> dict[str, str]:
        """All that is chosen, by the names that it has in an address."""
        said = {"view": self.view, "kind": self.kind, "unit": self.unit, "stage": self.stage, "q": self.text}
        return {name: value for name, value in said.items() if value} | dict(self.more)

    @property
    def query(self) -> str:
        """As it stands in the address; empty when nothing is chosen."""
        usual = ("view", "open" if self.stage else "turn")
        return urlencode([pair for pair in self.said.items() if pair != usual])

    @property
    def by_view(self) -> bool:
        """Whether the view counts: a stage, a state or an import says more."""
        return not self.stage and not {"state", "import"} & dict(self.more).keys()

    @property
    def order(self) -> Order:
        return Order.NEWEST if self.view == "closed" else Order.DUE

    @property
    def plain(self) -> bool:
        """Nothing but a view."""
        return not (self.kind or self.unit or self.stage or self.text or self.more)

    def at(self, view: str) -> WorkFilter:
        return replace(self, view=view, stage="", more=())

    def narrow(self, wanted: Wanted, today: date) -> Wanted:
        """What is wanted, by this filter."""
        if self.kind:
            wanted = replace(wanted, kinds=(self.kind,))
        wanted = replace(wanted, unit=self.unit, text=self.text)
        return VIEWS[self.view](wanted, today) if self.by_view else wanted


def views_for(actor: Actor) -> list[str]:
    """The views that somebody can use: what only the office waits for is shown to the office."""
    office = may(actor, Permission.REVIEW)
    return [view for view in VIEWS if office or view not in _OF_THE_OFFICE]


def _one_of(written: str, known: Mapping[str, object] | list[str] | tuple[str, ...]) -> str:
    return written if written in known else ""
