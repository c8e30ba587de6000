"""A matter as public pages show it: words in the language of the page, days, voices. Knows no address."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from aiohttp import web

from liveroom.matters.matter import Matter
from liveroom.matters.rules import RuleSet
from liveroom.matters.sight import everybody_reads
from liveroom.ports.matters import Listed
from liveroom.server import keys
from liveroom.server.pages import language

CHECKING = frozenset({"asker_check", "look_back", "rating"})
"""Clocks during which those who asked are heard."""


async def row_view(request: web.Request, listed: Listed) -> dict[str, Any]:
    """A row of a list."""
    rules = await request.app[keys.VERBS].following_up.rules_of(listed)
    days = request.app[keys.VERBS].open_book.days(listed)
    return {
        **_words(rules, listed, language(request)),
        "kind": listed.kind,
        "number": listed.number,
        "title": listed.title,
        "deputy_name": listed.deputy_name,
        "unit_name": listed.unit_name,
        "votes": listed.votes,
        "due": listed.due,
        "said_due": listed.said_due,
        "first_due": listed.first_due,
        "left": days.left,
        "guessed": days.left_guessed,
    }


async def case_view(request: web.Request, matter: Matter, codes: Collection[str] = ()) -> dict[str, Any]:
    """A matter whole: only what everybody may read, or whoever holds the tracking codes of these questions."""
    verbs = request.app[keys.VERBS]
    rules = await verbs.following_up.rules_of(matter)
    days = verbs.open_book.days(matter, matter.since.get(matter.clock))
    into = ""
    if matter.consolidated_into:
        other = await request.app[keys.MATTERS].load(matter.consolidated_into)
        into = other.number if everybody_reads(other) else ""
    return {
        **_words(rules, matter, language(request)),
        "kind": matter.kind,
        "number": matter.number,
        "public": everybody_reads(matter),
        "earlier": bool(matter.earlier),
        "title": matter.title,
        "body": matter.body,
        "turn": matter.turn,
        "end": matter.end,
        "deputy_name": matter.deputy_name,
        "joint": [signer.name for signer in matter.joint],
        "unit_name": matter.unit_name,
        "co_units": [unit.name for unit in matter.co_units],
        "clock": matter.clock,
        "due": matter.due,
        "said_end": matter.said_end(matter.clock),
        "late": matter.late,
        "used": days.used,
        "left": days.left,
        "used_guessed": days.used_guessed,
        "guessed": days.left_guessed,
        "due_guessed": matter.clock in matter.guessed,
        "into": into,
        "explained": matter.end == "unsolved" and matter.reply is not None,
        "disputed": matter.end == "unsolved" and matter.reply is not None and matter.reply.solved,
        "reply_text": matter.reply.text if matter.reply else "",
        "promised": matter.promised if matter.reply and matter.reply.promise_due else None,
        "said_promise": matter.said_promise,
        "attitude": matter.attitude,
        "result": matter.result,
        "asked": matter.asked,
        "solved_said": sum(check.solved for check in matter.checks),
        "unsolved_said": sum(not check.solved for check in matter.checks),
        "checking": matter.clock in CHECKING,
        "votes": matter.votes,
        "sources": matter.sources,
        "attached": await verbs.attaching.carried(matter, public=True, codes=codes),
    }


def _words(rules: RuleSet, matter: Matter | Listed, lang: str) -> Mapping[str, str]:
    """What the rule set calls where it stands and how it was answered."""
    kind = rules.kinds.get(matter.kind)
    state = kind.states.get(matter.state) if kind else None
    letter = rules.letters.get(matter.letter)
    return {
        "state_words": (state.zh if lang == "zh" else state.en) if state else matter.state,
        "letter_words": (letter.zh if lang == "zh" else letter.en) if letter else matter.letter,
        "tone": tone(matter, rules),
        "letter": matter.letter,
    }


def tone(matter: Matter | Listed, rules: RuleSet) -> str:
    """The colour of the badge: green is for what was solved, and for nothing else that has ended."""
    if matter.end:
        letter = rules.letters.get(matter.letter)
        return "solved" if matter.end == "solved" and (letter is None or letter.solved) else "ended"
    return "alarm" if matter.round > 1 and matter.turn != "askers" else ""
