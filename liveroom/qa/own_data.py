"""Everything that is kept about the asker of a question, as a plain value. Knows no page and no storage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from liveroom.qa.events import QuestionAppealed, QueueEvent
from liveroom.qa.question import Question, Source
from liveroom.rooms.session import Session

_TYPED = ("text", "shown", "nickname", "island", "note", "reason", "outcome")
"""What lines say of the asker's own words and of the answers to them. Names of the staff are the staff's."""


def own_data(
    question: Question,
    session: Session,
    lines: Sequence[tuple[datetime, object]],
    said: Sequence[tuple[datetime, Mapping[str, str]]],
    contact: str,
    *,
    whole: bool,
) -> dict[str, Any]:
    """What was typed, what was noted beside it, every line of the log about it, and what its asker `said` of the
    result of what came of it: an `answer`, and a `comment` that is for those alone who do the work.

    `contact` is the hint of the verified contact, which leaves the vault in no other form; empty when there is none.
    What was covered or taken out is in it as typed when it is `whole`: a code alone may be known to others.
    """
    # Where no browser asked, the code alone speaks for the asker.
    theirs = whole or question.source is not Source.WEB
    return {
        "question": {
            "code": question.code,
            "label": question.label,
            "session": session.topic,
            "asked_at": question.asked_at,
            "source": question.source.value,
            "state": question.state.value,
            "text": question.text,
            "original_text": question.original_text if whole else "",
            "nickname": question.nickname,
            "island": question.island,
            "verified_contact": contact,
            "browser": question.device if whole else "",
            "form": question.key if whole else "",
            "found_in_it": [hit.found for hit in question.hits],
            "refusal": question.refusal.value if question.refusal else "",
            "note": question.note,
            "appeal": question.appeal if whole else "",
            "outcome": question.outcome.value if question.outcome else "",
            "outcome_note": question.outcome_note,
            "erased": question.erased,
        },
        "log": [{"at": at, **_said(event, whole)} for at, event in lines if isinstance(event, QueueEvent)],
        "said": [
            {"at": at, "answer": words["answer"], "comment": words.get("comment", "") if theirs else ""}
            for at, words in said
        ],
    }


def _said(event: QueueEvent, whole: bool) -> dict[str, Any]:
    said = msgspec.to_builtins(event)
    if not whole:
        said["text"] = "" if isinstance(event, QuestionAppealed) else said.get("shown") or said.get("text")
    return {"what": said["type"]} | {name: said[name] for name in _TYPED if said.get(name)}
