"""What pages show of a matter: called as its own rule set calls it, in the language of the page. Knows no template."""

from __future__ import annotations

from typing import Any, Protocol

from aiohttp import web

from liveroom.matters.matter import Matter
from liveroom.ports.matters import Listed
from liveroom.server import keys
from liveroom.server.pages import language


async def listed(request: web.Request, matter: Matter | Listed) -> dict[str, Any]:
    """What cards and heads show of a matter. States and letters are called as its rule set calls them."""
    following = request.app[keys.VERBS].following_up
    return {
        **await names(request, matter),
        "kind": matter.kind,
        "number": matter.number,
        "title": matter.title,
        "state": matter.state,
        "end": matter.end,
        "deputy_name": matter.deputy_name,
        "unit_name": matter.unit_name,
        "clock": matter.clock,
        "due": matter.due,
        "days_left": following.days_left(matter),
        "days_known": following.days_are_known(matter),
        "votes": matter.votes,
        "letter": matter.letter,
        "final": matter.final,
        "supervised": matter.supervised,
    }


async def names(request: web.Request, matter: Matter | Listed) -> dict[str, str]:
    """What its kind, its state and its letter are called."""
    rules = await request.app[keys.VERBS].following_up.rules_of(matter)
    workflow, letter = rules.kinds.get(matter.kind), rules.letters.get(matter.letter)
    state = workflow.states.get(matter.state) if workflow else None
    return {
        "kind_name": said(request, workflow) if workflow else matter.kind,
        "state_name": said(request, state) if state else matter.state,
        "letter_name": said(request, letter) if letter else matter.letter,
    }


class _Said(Protocol):
    """Something that a rule set calls by a name in both languages."""

    @property
    def zh(self) -> str: ...

    @property
    def en(self) -> str: ...


def said(request: web.Request, named: _Said) -> str:
    return named.en if language(request) == "en" else named.zh
