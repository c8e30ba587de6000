"""Questions as others see them: the public, the desk, the asker. Knows no sockets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from liveroom.qa.question import APPEAL_WITHIN, PUBLIC_STATES, Hit, Question, QuestionState, Queue


class Audience(StrEnum):
    """Who looks: everyone, or the people who triage."""

    PUBLIC = "public"
    DESK = "desk"


class QuestionView(msgspec.Struct, frozen=True, omit_defaults=False):
    """What everybody may know of a question; marks in milliseconds since the broadcast began."""

    id: str
    label: str
    text: str
    nickname: str
    island: str
    state: str
    votes: int
    asked_at: datetime
    place: float
    mark_start: int | None
    mark_end: int | None
    commitment: bool
    outcome: str | None
    edited: bool
    tags: tuple[str, ...]
    merged: int


class DeskView(QuestionView, frozen=True):
    """What the desk knows besides."""

    original_text: str
    refusal: str | None
    note: str
    outcome_note: str
    matter: str
    source: str
    verified: bool
    held_because: str | None
    hits: tuple[Hit, ...]
    assigned_to: str
    assigned_name: str
    merged_into: str
    appeal: str
    appeal_rejected: bool


class MergedInto(msgspec.Struct, frozen=True):
    """The question that speaks for the asker's own; its words only where everybody sees them."""

    id: str
    label: str
    text: str
    state: str
    votes: int


class MineView(QuestionView, frozen=True):
    """What the asker knows besides. `appeal_until` is set while the asker may still appeal."""

    code: str
    refusal: str | None
    note: str
    ahead: int | None
    masked: bool
    merged_into: MergedInto | None
    appeal: str
    appeal_rejected: bool
    appeal_until: datetime | None


def visible(question: Question, audience: Audience) -> bool:
    """Whether this audience sees the question at all."""
    if audience is Audience.DESK or question.state in PUBLIC_STATES:
        return True
    return question.state is QuestionState.DEFERRED and question.was_public


def view(
    queue: Queue, question: Question, votes: Mapping[str, int], audience: Audience, *, named: bool = True
) -> QuestionView:
    """The question as this audience sees it; in public it says who asked, as they chose to be called, if `named`."""
    base = _base(queue, question, votes)
    if audience is Audience.PUBLIC:
        return QuestionView(**(base if named else base | {"nickname": "", "island": ""}))  # type: ignore[arg-type]
    return DeskView(
        **base,  # type: ignore[arg-type]
        original_text=question.original_text,
        refusal=question.refusal.value if question.refusal else None,
        note=question.note,
        outcome_note=question.outcome_note,
        matter=question.matter,
        source=question.source.value,
        verified=question.verified,
        held_because=question.held_because.value if question.held_because else None,
        hits=question.hits,
        assigned_to=question.assigned_to,
        assigned_name=question.assigned_name,
        merged_into=question.merged_into,
        appeal=question.appeal,
        appeal_rejected=question.appeal_rejected,
    )


def mine(queue: Queue, device: str, votes: Mapping[str, int]) -> list[MineView]:
    """All questions of one device, newest first."""
    return [mine_view(queue, question, votes) for question in reversed(queue.of(device))]


def mine_view(queue: Queue, question: Question, votes: Mapping[str, int]) -> MineView:
    """A question as its asker sees it, with how many are before it in the queue."""
    root = queue.root(question)
    ahead = None
    if root.state is QuestionState.QUEUED:
        ahead = next(i for i, q in enumerate(queue.queued()) if q.id == root.id)
    may_appeal = question.state is QuestionState.REFUSED and not question.appeal and question.refused_at is not None
    return MineView(
        **_base(queue, question, votes),  # type: ignore[arg-type]
        code=question.code,
        refusal=question.refusal.value if question.refusal else None,
        note=question.note,
        ahead=ahead,
        masked=question.edited and any(hit.action == "mask" for hit in question.hits),
        merged_into=None if root is question else _merged_into(root, votes),
        appeal=question.appeal,
        appeal_rejected=question.appeal_rejected,
        appeal_until=question.refused_at + APPEAL_WITHIN if may_appeal and question.refused_at else None,
    )


def _merged_into(root: Question, votes: Mapping[str, int]) -> MergedInto:
    shown = visible(root, Audience.PUBLIC)
    return MergedInto(root.id, root.label, root.text if shown else "", root.state.value, votes.get(root.id, 0))


def _base(queue: Queue, question: Question, votes: Mapping[str, int]) -> dict[str, object]:
    return {
        "id": question.id,
        "label": question.label,
        "text": question.text,
        "nickname": question.nickname,
        "island": question.island,
        "state": question.state.value,
        "votes": votes.get(question.id, 0),
        "asked_at": question.asked_at,
        "place": question.place,
        "mark_start": question.mark_start,
        "mark_end": question.mark_end,
        "commitment": question.commitment,
        "outcome": question.outcome.value if question.outcome else None,
        "edited": question.edited,
        "tags": question.tags,
        "merged": len(queue.merged(question.id)),
    }
