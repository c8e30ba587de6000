"""Which clocks run after a step, and until when: as they were, begun anew, moved by an extension. Knows no command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from liveroom.matters import fields
from liveroom.matters.guards import PROMISE, TIMES, Circumstances
from liveroom.matters.matter import Matter
from liveroom.matters.rules import RuleSet
from liveroom.matters.workflow import State


def running(
    before: Matter,
    after: Matter,
    state: State,
    rules: RuleSet,
    at: Circumstances,
    kept: Mapping[str, str] | None = None,
    restarts: Sequence[str] = (),
) -> dict[str, str]:
    """All clocks that run in the state, as intervals.

    One that ran before goes on as it was: the end is moved by a granted extension alone. So does a promise, which
    stops while a reply is evaluated.
    """
    kept = kept or {}
    found: dict[str, str] = {}
    for name in state.clocks:
        clock = rules.clocks[name]
        if clock.while_ and not TIMES[clock.while_](after):
            continue
        if name in before.clocks and name not in restarts:
            start, end, guessed = before.since.get(name, at.today), before.clocks[name], name in before.guessed
            if len(after.extensions) > len(before.extensions) and after.extensions[-1].clock == name:
                end, guessed = after.extensions[-1].until, False
        else:
            start = at.today
            written = fields.day(kept.get(clock.dated_by))
            if clock.dated_by == PROMISE:
                # What was promised once goes on to count, also after a reply that names no day.
                written = written or after.promise_due or after.promised
            end = written or clock.ends(start, at.days)
            guessed = written is None and clock.guesses(start, end, at.days)
        found[name] = f"{start.isoformat()}/{end.isoformat()}{'~' if guessed else ''}"
    return found


def intervals(matter: Matter) -> dict[str, str]:
    """Those that run now, written the same way."""
    return {
        name: f"{matter.since.get(name, end).isoformat()}/{end.isoformat()}{'~' if name in matter.guessed else ''}"
        for name, end in matter.clocks.items()
    }
