"""Everything that is kept about whoever asked or seconded, as a plain value. Knows no page and no storage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from liveroom.qa.events import QuestionAppealed, QueueEvent
from liveroom.qa.question import Question, QuestionState, Source
from liveroom.rooms.session import Session

_TAKEN_BACK = frozenset({QuestionState.REFUSED, QuestionState.WITHDRAWN, QuestionState.APPEALED})
"""What is public no more, though it was."""

_TYPED = ("text", "shown", "nickname", "island", "note", "reason", "outcome")
"""What lines say of the asker's own words and of the answers to them. Names of the staff are the staff's."""


@dataclass(frozen=True, slots=True)
class SecondedQuestion:
    """A question that a browser seconded, the one that speaks for it, when, and what the browser `said` of the result.

    It `goes` when the browser wishes so.
    """

    question: Question
    root: Question
    session: Session
    at: datetime
    said: Sequence[tuple[datetime, Mapping[str, str]]]
    goes: bool


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


def seconded_data(found: Sequence[SecondedQuestion], browser: str, contact: str) -> dict[str, Any]:
    """What a browser seconded and what it said of the results, with its random name and its contact's hint.

    The words of a question are somebody else's: only those that are public still are in it.
    """
    return {
        "browser": browser,
        "verified_contact": contact,
        "seconded": [
            {
                "session": one.session.topic,
                "label": one.question.label,
                "text": one.root.text if one.root.was_public and one.root.state not in _TAKEN_BACK else "",
                "at": one.at,
                "said": [{"at": at, **words} for at, words in one.said],
                "can_be_erased": one.goes,
            }
            for one in found
        ],
    }


def _said(event: QueueEvent, whole: bool) -> dict[str, Any]:
    said = msgspec.to_builtins(event)
    if not whole:
        said["text"] = "" if isinstance(event, QuestionAppealed) else said.get("shown") or said.get("text")
    return {"what": said["type"]} | {name: said[name] for name in _TYPED if said.get(name)}
