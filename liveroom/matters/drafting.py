"""The first words of a suggestion that is drafted from questions. Knows no step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from liveroom.errors import Refused
from liveroom.matters.fields import BODY_LIMIT, TITLE_LIMIT
from liveroom.matters.matter import SourceQuestion
from liveroom.text import clean

FRUITLESS = frozenset({"not_admitted", "withdrawn"})
"""Ends without a reply: the questions behind such a matter are free for another outcome."""


def draft(sources: Sequence[SourceQuestion], title: str) -> Mapping[str, str]:
    """Title and text to start from; `Refused("empty")` without a question."""
    if not sources:
        raise Refused("empty", field="question")
    title = clean(title) or sources[0].text
    return {"title": title[:TITLE_LIMIT], "body": draft_body(sources)[:BODY_LIMIT]}


def draft_body(sources: Sequence[SourceQuestion]) -> str:
    """What everybody may read of every question, with its number and its seconders."""
    lines = ["群众在代表直播间提出：", ""]
    lines += [f"· {source.text}（编号 {source.label}，附议 {source.votes}）" for source in sources]
    return "\n".join([*lines, "", "建议：", ""])
