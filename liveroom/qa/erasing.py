"""What is left of a question, and of every line about it, when what is personal in it is erased. Draws nothing itself.

The rules, and what they cost, are in docs/decisions/0014-what-is-erased.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import msgspec

from liveroom.errors import Refused
from liveroom.qa import events as e
from liveroom.qa.question import Question, QuestionState, Queue

WORDS = {"asker": "（应提问人要求删除）", "retention": "（保存期满，已删除）"}
"""What stands in the place of a wording that is gone."""


def erasure(queue: Queue, question: Question, votes: Mapping[str, int], device: str, key: str) -> e.QuestionErased:
    """The fact that the asker's wish leads to; `device` and `key` are new ones that say nothing.

    A wording that was never public goes. One that was public goes, too, unless others rely on it: they seconded it,
    were merged with it, or it became a suggestion; then it stays, as nobody's. Refuses `wrong_state` while it is on air
    and `erased` when it is done.
    """
    if question.erased:
        raise Refused("erased")
    if queue.root(question).state is QuestionState.ON_AIR:
        raise Refused("wrong_state")
    return _fact(question, "asker", device, key, keeps=keeps_wording(queue, question, votes))


def keeps_wording(queue: Queue, question: Question, votes: Mapping[str, int]) -> bool:
    """Whether others rely on the wording, which everybody has read."""
    relied_on = bool(votes.get(question.id) or queue.merged(question.id) or question.merged_into or question.matter)
    return question.was_public and relied_on


def expiry(question: Question, device: str, key: str) -> e.QuestionErased:
    """The fact that the end of the retention leads to: what was public stays as nobody's, everything else goes."""
    return _fact(question, "retention", device, key, keeps=question.was_public)


def _fact(question: Question, because: str, device: str, key: str, *, keeps: bool) -> e.QuestionErased:
    note = question.outcome_note if keeps else ""
    text = question.text if keeps else WORDS[because]
    return e.QuestionErased(question.id, because=because, text=text, outcome_note=note, device=device, key=key)


def left_of_question(question: Question, device: str, key: str) -> Question:
    """Without anything that somebody typed in it."""
    return replace(
        question,
        device=device,
        key=key,
        text="",
        original_text="",
        nickname="",
        island="",
        hits=(),
        note="",
        appeal="",
        outcome_note="",
        refused_at=None,
    )


def left_of(event: e.AnyEvent, erased: e.QuestionErased) -> e.AnyEvent:
    """A line about an erased question without anything that somebody typed in it; the code stays."""
    match event:
        case e.QuestionAsked():
            nothing = {"text": "", "shown": "", "nickname": "", "island": "", "hits": ()}
            return msgspec.structs.replace(event, **nothing, device=erased.device, key=erased.key)
        case e.QuestionScreened():
            return msgspec.structs.replace(event, text="", nickname="", island="", hits=())
        case e.QuestionEdited() | e.QuestionAppealed():
            return msgspec.structs.replace(event, text="")
        case e.QuestionRefused() | e.AppealRejected() | e.QuestionDeferred() | e.OutcomeGiven():
            return msgspec.structs.replace(event, note="")
        case e.QuestionRestored(before=before):
            return msgspec.structs.replace(event, before=left_of_question(before, erased.device, erased.key))
        case e.QuestionErased():
            return msgspec.structs.replace(event, text="", outcome_note="", device=erased.device, key=erased.key)
    return event
