"""What happens instead of a suggestion that is not admitted, to it and to the questions behind it. Knows no page."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from msgspec import structs

from liveroom import ids
from liveroom.errors import Refused
from liveroom.matters.fields import TITLE_LIMIT
from liveroom.matters.matter import Matter, MatterStep
from liveroom.ports.matters import MatterChange
from liveroom.ports.rooms import Records, Sitting
from liveroom.qa.commands import GiveOutcome
from liveroom.qa.decide import decide
from liveroom.qa.events import AnyEvent
from liveroom.qa.question import Outcome
from liveroom.rooms.roles import Actor, Permission, may
from liveroom.rooms.session import SessionState

KIND, COMMAND = "work_order", "receive"
NOT_ADMITTED = "not_admit"
"""The step that says what happens instead: whoever is told of it is told of both."""
OVER = frozenset({SessionState.ENDED, SessionState.DISPOSITION})

_OUTCOMES: Mapping[str, tuple[Outcome, str]] = MappingProxyType({
    "work_order": (Outcome.WORK_ORDER, ""),
    "referral": (Outcome.REFERRED, "referred_to"),
    "text_answer": (Outcome.ANSWERED_TEXT, "answer"),
})  # fmt: skip
"""For each choice the outcome of the questions, and the field that is its note."""


def order_instead(matter: Matter, step: MatterStep) -> tuple[Matter, Mapping[str, str]] | None:
    """The work order that begins instead, with the fields of its first step; None when none does."""
    if step.values.get("instead") != KIND:
        return None
    return Matter(ids.new_id(), kind=KIND), {"title": matter.title[:TITLE_LIMIT], "body": matter.body}


def linked(matter: Matter, step: MatterStep, order: MatterChange) -> tuple[MatterStep, MatterChange]:
    """Both steps, each of which says the other: where it goes on, and what it comes from, with the reason."""
    (first,) = order.events
    there = {"order": order.before.id, "order_number": first.values.get("number", "")}
    here = {"from": matter.id, "reason": step.values.get("reason", ""), "kept": "yes" if matter.confidential else ""}
    return (
        structs.replace(step, values={**step.values, **_said(there)}),
        MatterChange(order.before, [structs.replace(first, values={**first.values, **_said(here)})], order.alarms),
    )


async def outcomes_instead(
    records: Records, changes: Sequence[MatterChange], by: Actor, now: datetime
) -> tuple[Sitting, list[AnyEvent]] | None:
    """The outcomes of the questions that the suggestion held, to be kept in the same transaction.

    None when there are none: it came from no question, or the session is archived and changes no more.
    """
    matter, values = changes[0].before, changes[0].events[-1].values
    chosen = _OUTCOMES.get(values.get("instead", ""))
    if chosen is None or not matter.sources or not may(by, Permission.OUTCOME):
        return None
    # A suggestion is drafted from the questions of one session.
    sitting = await records.load(matter.sources[0].session)
    if sitting.session.state not in OVER:
        return None
    outcome, note = chosen
    facts: list[AnyEvent] = []
    for source in matter.sources:
        question = sitting.queue.get(source.question)
        if question is None or question.matter != matter.id:
            continue
        wish = GiveOutcome(question.id, outcome, values.get(note, ""), values.get("order", ""), free=True)
        # One that it does not fit stands on the board again.
        with contextlib.suppress(Refused):
            facts += decide(sitting.queue, sitting.session, wish, by, now)
    return (sitting, facts) if facts else None


def _said(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}
