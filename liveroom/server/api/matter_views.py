"""What the API says of matters: in public, and to those whose work they are. Knows no record."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from liveroom.server.api.views import Paged

Year = Annotated[int, msgspec.Meta(ge=2000, le=2099)]
PublicKind = Literal["suggestion", "commitment"]
"""What everybody may read. A work order holds what somebody told a hotline: it is for those who handle it."""


class MattersQuery(Paged, frozen=True, forbid_unknown_fields=True):
    """Which matters; what is left out means any, but of the kind suggestions."""

    kind: Annotated[PublicKind, msgspec.Meta(description="The kind of matter")] = "suggestion"
    state: Annotated[str, msgspec.Meta(max_length=24, description="A state of the rule set")] = ""
    open: Annotated[bool | None, msgspec.Meta(description="Whether it is still handled")] = None
    letter: Annotated[str, msgspec.Meta(max_length=8, description="The letter of the reply")] = ""
    unit: Annotated[str, msgspec.Meta(max_length=32, description="The identifier of the lead unit")] = ""
    year: Annotated[Year | None, msgspec.Meta(description="When it began")] = None
    q: Annotated[str, msgspec.Meta(max_length=80, description="Words to look for")] = ""


class WorkQuery(Paged, frozen=True, forbid_unknown_fields=True):
    """Which of the matters that concern the caller; what is left out means any."""

    kind: Annotated[str, msgspec.Meta(max_length=20, description="suggestion, commitment or work_order")] = ""
    state: Annotated[str, msgspec.Meta(max_length=24, description="A state of the rule set")] = ""
    open: Annotated[bool | None, msgspec.Meta(description="Whether it is still handled")] = None
    letter: Annotated[str, msgspec.Meta(max_length=8, description="The letter of the reply")] = ""
    unit: Annotated[str, msgspec.Meta(max_length=32, description="The identifier of the lead unit")] = ""
    year: Annotated[Year | None, msgspec.Meta(description="When it began")] = None
    q: Annotated[str, msgspec.Meta(max_length=80, description="Words to look for")] = ""
    turn: Annotated[bool, msgspec.Meta(description="Only what waits for the caller")] = False
    overdue: Annotated[bool, msgspec.Meta(description="Only what is past its day")] = False


class MatterSaid(msgspec.Struct, frozen=True):
    """A matter in a list. `state_name` is what its rule set calls the state; days are days in China."""

    number: str
    kind: str
    title: str
    state: str
    state_name: str
    end: str
    deputy_name: str
    unit_name: str
    assigned_on: date | None
    clock: str
    due: date | None
    letter: str
    result: str
    round: int
    votes: int
    closed_on: date | None


class MattersSaid(msgspec.Struct, frozen=True):
    """Matters, the newest first; `next` is empty at the end."""

    items: list[MatterSaid]
    next: str = ""


class StepSaid(msgspec.Struct, frozen=True):
    """One line of a history: what was done, the state it led to, and what was said."""

    seq: int
    at: datetime
    what: str
    to: str
    values: dict[str, str]


class SourceSaid(msgspec.Struct, frozen=True):
    """A question behind a matter; `text` is empty where it was never public."""

    label: str
    text: str
    votes: int


class ReplySaid(msgspec.Struct, frozen=True):
    """The unit's answer."""

    letter: str
    text: str
    promise_due: date | None


class MatterWhole(msgspec.Struct, frozen=True):
    """A matter as everybody may know it, with its public history."""

    matter: MatterSaid
    body: str
    joint: list[str]
    co_units: list[str]
    attitude: str
    reply: ReplySaid | None
    sources: list[SourceSaid]
    history: list[StepSaid]


class WorkSaid(msgspec.Struct, frozen=True):
    """A matter in a work list."""

    id: str
    matter: MatterSaid
    turn: str
    """Who must act: office, deputy, unit, askers."""

    confidential: bool
    supervised: bool


class WorksSaid(msgspec.Struct, frozen=True):
    """Matters that concern the caller, what is due first; `next` is empty at the end."""

    items: list[WorkSaid]
    next: str = ""


class FieldSaid(msgspec.Struct, frozen=True):
    """What a step asks for. `choices` are empty where anything of its `kind` will do."""

    name: str
    kind: str
    required: bool
    limit: int
    choices: list[str]


class PossibleSaid(msgspec.Struct, frozen=True):
    """A step that the caller may take now."""

    command: str
    fields: list[FieldSaid]


class InsideStepSaid(StepSaid, frozen=True):
    """The same with who did it, internal ones, too."""

    by_name: str
    internal: bool


class WorkWhole(msgspec.Struct, frozen=True):
    """A matter for those whose work it is, with all its history and the steps that the caller may take."""

    work: WorkSaid
    rules: str
    body: str
    clocks: dict[str, date]
    joint: list[str]
    co_units: list[str]
    attitude: str
    reply: ReplySaid | None
    sources: list[SourceSaid]
    history: list[InsideStepSaid]
    possible: list[PossibleSaid]


class StepWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step to take: the command, and its fields as they would be typed."""

    command: Annotated[str, msgspec.Meta(max_length=40)]
    values: Annotated[dict[str, str], msgspec.Meta(max_length=20)] = {}


Identifier = Annotated[str, msgspec.Meta(max_length=32)]


class BeginWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A matter to begin, of questions of one session that is over; a work order may be of none.

    `values` are the fields of its first step as they would be typed; a title and a text that are missing are taken from
    the questions.
    """

    kind: Literal["suggestion", "commitment", "work_order"]
    session: Identifier = ""
    questions: Annotated[list[Identifier], msgspec.Meta(max_length=50)] = []
    values: Annotated[dict[str, str], msgspec.Meta(max_length=20)] = {}


class BegunSaid(msgspec.Struct, frozen=True):
    """A matter that has begun. A suggestion has no number before it is registered."""

    id: str
    number: str
    kind: str
    state: str
    title: str
