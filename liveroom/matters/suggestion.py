"""The suggestion (代表建议): its table, its deciding and its history. Knows no storage, no clock and no page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

import msgspec

from liveroom.errors import Refused
from liveroom.matters.calendar import add_months
from liveroom.matters.table import Field, Row, Workflow
from liveroom.rooms.roles import Actor, Permission, Role, may, require
from liveroom.text import clean, clean_lines, readable

TITLE_LIMIT = 80
BODY_LIMIT = 5000
REPLY_LIMIT = 5000
REPLY_CLASSES = ("A", "B", "C", "D")
DATE_MONTHS = 120
"""How far ahead a deadline may lie: beyond ten years it is a slip of the pen."""

EVALUATIONS = ("satisfied", "basically_satisfied", "dissatisfied", "no_response")

_TITLE = Field("title", "line", limit=TITLE_LIMIT)
_BODY = Field("body", "text", limit=BODY_LIMIT)
_REASON = Field("reason", "text", limit=300)
_SIGNATURE = Field("signature", "line", limit=40)
_BEFORE_REPLY = frozenset(
    {"draft", "awaiting_adoption", "submitted", "under_review", "registered", "assigned", "handling"}
)

SUGGESTION = Workflow(
    kind="suggestion",
    first="draft",
    open_states=_BEFORE_REPLY | {"replied", "rehandling", "tracking"},
    final_states=frozenset({"not_admitted", "closed", "closed_explained", "closed_unsolved", "withdrawn"}),
    rows=(
        Row("edit", frozenset({"draft"}), "", Permission.DRAFT, fields=(_TITLE, _BODY), public=False),
        Row("edit", frozenset({"awaiting_adoption"}), "", Permission.ADOPT, ("offered",), (_TITLE, _BODY),
            public=False),
        Row("offer", frozenset({"draft"}), "awaiting_adoption", Permission.DRAFT, fields=(Field("deputy", "deputy"),)),
        Row("decline", frozenset({"awaiting_adoption"}), "draft", Permission.ADOPT, ("offered",), (_REASON,),
            public=False),
        Row("adopt", frozenset({"awaiting_adoption"}), "submitted", Permission.ADOPT, ("offered",), (_SIGNATURE,)),
        Row("adopt", frozenset({"draft"}), "submitted", Permission.ADOPT, fields=(_SIGNATURE,)),
        Row("take_up", frozenset({"submitted"}), "under_review", Permission.REVIEW),
        Row("register", frozenset({"submitted", "under_review"}), "registered", Permission.REVIEW),
        Row("return", frozenset({"submitted", "under_review"}), "draft", Permission.REVIEW, fields=(_REASON,)),
        Row("not_admit", frozenset({"submitted", "under_review"}), "not_admitted", Permission.REVIEW,
            fields=(_REASON,)),
        Row("assign", frozenset({"registered"}), "assigned", Permission.REVIEW,
            fields=(Field("unit", "unit"), Field("due", "date"))),
        Row("accept", frozenset({"assigned"}), "handling", Permission.HANDLE, ("own_unit",)),
        Row("contact", frozenset({"handling", "rehandling"}), "", Permission.HANDLE, ("own_unit",),
            (Field("contact", "text", limit=500),)),
        Row("reply", frozenset({"handling", "rehandling", "tracking"}), "replied", Permission.REPLY,
            ("own_unit", "contacted", "promise"),
            (Field("class", "choice", choices=REPLY_CLASSES), Field("text", "text", limit=REPLY_LIMIT),
             Field("promise_due", "date", required=False))),
        Row("evaluate", frozenset({"replied"}), MappingProxyType({
                "A:good": "closed", "B:good": "tracking", "C:good": "tracking", "D:good": "closed_explained",
                "A:bad": "rehandling", "B:bad": "rehandling", "C:bad": "rehandling", "D:bad": "rehandling"}),
            Permission.EVALUATE, ("lead",),
            (Field("evaluation", "choice", choices=EVALUATIONS), Field("comment", "text", required=False, limit=500)),
            decided_by="evaluation"),
        Row("explain", frozenset({"tracking"}), "closed_unsolved", Permission.REPLY, ("own_unit",),
            (Field("text", "text", limit=REPLY_LIMIT),)),
        Row("withdraw", _BEFORE_REPLY - {"draft", "awaiting_adoption"}, "withdrawn", Permission.ADOPT,
            ("lead",), (_REASON,)),
    ),
)  # fmt: skip
"""The whole life of a suggestion. Another kind of matter, or another province's rules, is another table."""

_INTERNAL = frozenset(row.command for row in SUGGESTION.rows if not row.public)

FRUITLESS = frozenset({"not_admitted", "withdrawn"})
"""Ends without a reply: the questions behind such a suggestion are free for another outcome."""


@dataclass(frozen=True, slots=True)
class SourceQuestion:
    """A question that a suggestion comes from, with votes and marks (milliseconds into the broadcast).

    `wordings` begins with what everybody may read, if it `was_public`; where a moderator changed it, the wording as
    asked follows, which holds what was taken out and is for the desk alone.
    """

    question: str
    session: str
    label: str
    wordings: tuple[str, ...]
    votes: int
    mark_start: int | None = None
    mark_end: int | None = None
    was_public: bool = True

    @property
    def text(self) -> str:
        return self.wordings[0]

    @property
    def originals(self) -> tuple[str, ...]:
        return self.wordings[1:]


@dataclass(frozen=True, slots=True)
class Matter:
    """A suggestion as it stands. `seq` counts its steps; `due` is a date in China."""

    id: str
    kind: str = "suggestion"
    number: str = ""
    state: str = "draft"
    title: str = ""
    body: str = ""
    deputy: str = ""
    deputy_name: str = ""
    unit: str = ""
    unit_name: str = ""
    due: date | None = None
    round: int = 1
    contacted: bool = False
    reply_class: str = ""
    reply_text: str = ""
    promise_due: date | None = None
    evaluation: str = ""
    sources: tuple[SourceQuestion, ...] = ()
    seq: int = 0

    @property
    def final(self) -> bool:
        return self.state in SUGGESTION.final_states

    @property
    def public(self) -> bool:
        """Shown to everybody from its registration on."""
        return bool(self.number)


class MatterStep(msgspec.Struct, frozen=True):
    """A fact: the command that was granted, the state it led to, and what was said with it."""

    what: str
    to: str
    values: dict[str, str] = {}
    sources: tuple[SourceQuestion, ...] = ()


AnyMatterEvent = MatterStep


def is_public(step: MatterStep) -> bool:
    """Whether everybody whom the matter concerns is told of a step."""
    return step.what not in _INTERNAL


def draft(sources: Sequence[SourceQuestion], title: str, by: Actor) -> list[MatterStep]:
    """The first fact of a suggestion drafted from questions: their words, votes and marks, for a deputy to edit."""
    require(by, Permission.DRAFT)
    if not sources:
        raise Refused("empty", field="question")
    title = clean(title) or sources[0].text
    return [
        MatterStep(
            what="draft",
            to=SUGGESTION.first,
            values={"title": title[:TITLE_LIMIT], "body": draft_body(sources)[:BODY_LIMIT]},
            sources=tuple(sources),
        )
    ]


def draft_body(sources: Sequence[SourceQuestion]) -> str:
    """A text to start from: what everybody may read of every question, with its number and its seconders."""
    lines = ["群众在代表直播间提出：", ""]
    lines += [f"· {source.text}（编号 {source.label}，附议 {source.votes}）" for source in sources]
    return "\n".join([*lines, "", "建议：", ""])


def decide(
    matter: Matter,
    command: str,
    values: Mapping[str, str],
    by: Actor,
    names: Mapping[str, str],
    today: date,
    number: str = "",
    again_due: date | None = None,
) -> list[MatterStep]:
    """The facts that follow from a command.

    `values` are the fields as typed; `names` gives the names of the units and deputies that exist, by identifier;
    `today` is the day in China, before which no deadline lies; `number` is the next free number, used by `register`;
    `again_due` is when the next reply is due if the matter has to be handled again. Raises `Refused`: `not_found` (no
    such command), `forbidden`, `wrong_state`, `empty`, `too_long`, `bad_choice`, `bad_time`, `date_out_of_range`,
    `contact_missing`, `promise_missing`.
    """
    if not SUGGESTION.knows(command):
        raise Refused("not_found")
    row = SUGGESTION.row(command, matter.state)
    if row is None:
        granted = any(r.command == command and _may(r, matter, by) for r in SUGGESTION.rows)
        raise Refused("wrong_state", state=matter.state) if granted else Refused("forbidden")
    require(by, row.permission)
    if not _may(row, matter, by):
        raise Refused("forbidden", permission=row.permission.value)
    kept = {field.name: _read(field, values.get(field.name, ""), names, today) for field in row.fields}
    for guard in row.guards:
        CONDITIONS.get(guard, _always)(matter, kept)
    for reference in ("unit", "deputy"):
        if reference in kept:
            kept[f"{reference}_name"] = names[kept[reference]]
    if command == "adopt":
        kept |= {"deputy": by.id, "deputy_name": by.name}
    if command == "register":
        kept["number"] = number
    to = row.to(matter.state, f"{matter.reply_class}:{'bad' if kept.get(row.decided_by) == 'dissatisfied' else 'good'}")
    if to == "rehandling" and again_due is not None:
        kept["due"] = again_due.isoformat()
    return [MatterStep(what=command, to=to, values={name: value for name, value in kept.items() if value})]


def possible(matter: Matter, by: Actor) -> list[Row]:
    """The rows that this person may take now, in the order of the table."""
    return [row for row in SUGGESTION.from_state(matter.state) if _may(row, matter, by)]


def apply(matter: Matter, events: Iterable[MatterStep]) -> Matter:
    """The suggestion after the facts."""
    for event in events:
        v = event.values
        matter = replace(
            matter,
            state=event.to,
            seq=matter.seq + 1,
            title=v.get("title", matter.title),
            body=v.get("body", matter.body),
            number=v.get("number", matter.number),
            deputy=v.get("deputy", matter.deputy),
            deputy_name=v.get("deputy_name", matter.deputy_name),
            unit=v.get("unit", matter.unit),
            unit_name=v.get("unit_name", matter.unit_name),
            due=_date(v.get("due")) or matter.due,
            sources=event.sources or matter.sources,
        )
        match event.what:
            case "decline" | "return":
                matter = replace(matter, deputy="", deputy_name="")
            case "contact":
                matter = replace(matter, contacted=True)
            case "reply":
                matter = replace(
                    matter,
                    reply_class=v["class"],
                    reply_text=v["text"],
                    promise_due=_date(v.get("promise_due")),
                    evaluation="",
                )
            case "evaluate":
                again = event.to == "rehandling"
                matter = replace(
                    matter,
                    evaluation=v["evaluation"],
                    round=matter.round + again,
                    contacted=matter.contacted and not again,
                )
    return matter


def _may(row: Row, matter: Matter, by: Actor) -> bool:
    return may(by, row.permission) and all(PERSONS.get(guard, _anybody)(matter, by) for guard in row.guards)


PERSONS: Mapping[str, Callable[[Matter, Actor], bool]] = {
    "offered": lambda matter, by: matter.deputy == by.id,
    "lead": lambda matter, by: matter.deputy == by.id and Role.DEPUTY in by.roles,
    "own_unit": lambda matter, by: bool(matter.unit) and matter.unit == by.unit,
}
"""Guards on the person: the row does not exist for anybody else."""


def _contacted(matter: Matter, _kept: Mapping[str, str]) -> None:
    if not matter.contacted:
        raise Refused("contact_missing")


def _promise(_matter: Matter, kept: Mapping[str, str]) -> None:
    if kept.get("class") == "B" and not kept.get("promise_due"):
        raise Refused("promise_missing", letter="B")


CONDITIONS: Mapping[str, Callable[[Matter, Mapping[str, str]], None]] = {"contacted": _contacted, "promise": _promise}
"""Guards on the matter: the row exists, but something must happen first, and the refusal says what."""


def _anybody(_matter: Matter, _by: Actor) -> bool:
    return True


def _always(_matter: Matter, _kept: Mapping[str, str]) -> None:
    return None


def dates(today: date) -> tuple[date, date]:
    """The first and the last day that a deadline may have."""
    return today, add_months(today, DATE_MONTHS)


def _read(field: Field, written: str, names: Mapping[str, str], today: date) -> str:
    text = clean_lines(written) if field.kind == "text" else clean(written)
    if not readable(text):
        if field.required:
            raise Refused("empty", field=field.name)
        return ""
    if len(text) > field.limit:
        raise Refused("too_long", field=field.name, limit=field.limit)
    if field.kind == "choice" and text not in field.choices:
        raise Refused("bad_choice", field=field.name)
    if field.kind in {"unit", "deputy"} and text not in names:
        raise Refused("bad_choice", field=field.name)
    return _read_date(field, text, today) if field.kind == "date" else text


def _read_date(field: Field, text: str, today: date) -> str:
    day, (first, last) = _date(text), dates(today)
    if day is None:
        raise Refused("bad_time", field=field.name)
    if not first <= day <= last:
        raise Refused("date_out_of_range", field=field.name, first=first.isoformat(), last=last.isoformat())
    return day.isoformat()


def _date(written: str | None) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        return None
