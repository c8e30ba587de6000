"""The guards and deciders that a rule set may name: who, when, what first, and where to. Knows no table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from liveroom.errors import Refused
from liveroom.matters.calendar import WorkingDays, add_months
from liveroom.matters.fields import FIELDS, answers, day
from liveroom.matters.matter import Matter
from liveroom.matters.rules import RuleSet
from liveroom.rooms.roles import Actor, Role

PROMISE = "promise_due"
"""The field with the day that is promised. No reply moves it later."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a step must know of the world.

    `today` is the day in China; `units` and `deputies` are the names of those that exist, by identifier; `number` is
    the next free one; `asks` says that whoever acts asked or seconded a question behind the matter; `target` is the
    other matter that a field names.
    """

    today: date
    days: WorkingDays
    units: Mapping[str, str] = field(default_factory=dict)
    deputies: Mapping[str, str] = field(default_factory=dict)
    number: str = ""
    asks: bool = False
    target: Matter | None = None


PERSONS: Mapping[str, Callable[[Matter, Actor, bool], bool]] = {
    "offered": lambda matter, by, _asks: matter.deputy == by.id,
    "lead": lambda matter, by, _asks: matter.deputy == by.id and Role.DEPUTY in by.roles,
    "invited": lambda matter, by, _asks: by.id in matter.invited and by.id != matter.deputy,
    "own_unit": lambda matter, by, _asks: bool(matter.unit) and matter.unit == by.unit,
    "co_unit": lambda matter, by, _asks: by.unit in {unit.id for unit in matter.co_units},
    "asker": lambda _matter, _by, asks: asks,
}
"""Guards on the person: the step does not exist for anybody else (`forbidden`)."""

TIMES: Mapping[str, Callable[[Matter], bool]] = {
    "extension_asked": lambda matter: matter.wish is not None,
    "no_extension_asked": lambda matter: matter.wish is None,
    "opinions_awaited": lambda matter: bool(_silent(matter)),
    "open_to_all": lambda matter: not matter.confidential,
    "kept_confidential": lambda matter: matter.confidential,
    "linked": lambda matter: bool(matter.consolidated_into),
    "not_linked": lambda matter: not matter.consolidated_into and not matter.consolidates,
}
"""Guards on the matter that come and go: the step does not exist until then (`wrong_state`). Clocks name them, too."""

Kept = Mapping[str, str]


def _contacted(matter: Matter, _kept: Kept, _rules: RuleSet, _at: Circumstances) -> None:
    if not matter.contacts:
        raise Refused("contact_missing")


def _promise(_matter: Matter, kept: Kept, rules: RuleSet, _at: Circumstances) -> None:
    letter = rules.letters.get(kept.get("class", ""))
    if letter and letter.needs_promise and not kept.get("promise_due"):
        raise Refused("promise_missing", letter=letter.name)


def _opinions(matter: Matter, _kept: Kept, _rules: RuleSet, at: Circumstances) -> None:
    """Waited for until the co-units' clock has ended."""
    ends = matter.clocks.get("co_opinion")
    if _silent(matter) and ends is not None and at.today <= ends:
        raise Refused("opinions_missing", units="、".join(_silent(matter)))


def _returns_left(matter: Matter, _kept: Kept, rules: RuleSet, _at: Circumstances) -> None:
    if matter.returns >= rules.limits.returns:
        raise Refused("returns_spent", limit=rules.limits.returns)


def _other_unit(matter: Matter, kept: Kept, _rules: RuleSet, _at: Circumstances) -> None:
    if kept.get("unit") == matter.unit:
        raise Refused("bad_choice", field="unit")


def _extension_left(matter: Matter, _kept: Kept, rules: RuleSet, at: Circumstances) -> None:
    """Asked for while the clock runs: what is overdue is not made good by a later date."""
    clock = extendable(matter, rules)
    if clock and matter.wish is None and at.today > matter.clocks[clock]:
        raise Refused("extension_too_late")
    if extensions(matter, rules) is None:
        raise Refused("extensions_spent", limit=rules.limits.extended_months)


def _extension(matter: Matter, kept: Kept, rules: RuleSet, at: Circumstances) -> None:
    """Later than now, and not later than all extensions together may lead."""
    _extension_left(matter, kept, rules, at)
    until, (first, last) = day(kept.get("until")), extensions(matter, rules) or (date.max, date.max)
    if until is None or until < first:
        raise Refused("extension_not_later")
    if until > last:
        raise Refused("extension_too_long", limit=rules.limits.extended_months, last=last.isoformat())


def _once(matter: Matter, kept: Kept, _rules: RuleSet, _at: Circumstances) -> None:
    if kept.get("who") in {check.who for check in matter.checks if not check.reopened}:
        raise Refused("already_checked")


def _other_matter(matter: Matter, _kept: Kept, _rules: RuleSet, at: Circumstances) -> None:
    """A matter of the same kind that is open, and not itself handled together with yet another."""
    to = at.target
    if to is None or to.id == matter.id or to.kind != matter.kind or to.final or to.consolidated_into:
        raise Refused("bad_link")


def _admissible(matter: Matter, kept: Kept, rules: RuleSet, _at: Circumstances) -> None:
    """Nothing on the checklist speaks against it."""
    given = answers(kept.get("checklist", ""))
    against = [point.zh for point in rules.kind(matter.kind).checklist if given.get(point.name) != "yes"]
    if against:
        raise Refused("not_admissible", points="；".join(against))


CONDITIONS: Mapping[str, Callable[[Matter, Kept, RuleSet, Circumstances], None]] = {
    "contacted": _contacted,
    "promise": _promise,
    "opinions": _opinions,
    "returns_left": _returns_left,
    "other_unit": _other_unit,
    "extension": _extension,
    "once": _once,
    "other_matter": _other_matter,
    "admissible": _admissible,
}
"""Guards on what was done before: the step exists, but something must happen first, and the refusal says what."""

BEFOREHAND: Mapping[str, Callable[[Matter, Kept, RuleSet, Circumstances], None]] = {
    "contacted": _contacted,
    "opinions": _opinions,
    "returns_left": _returns_left,
    "extension": _extension_left,
}
"""What of them can be said before anything is filled in."""


@dataclass(frozen=True, slots=True)
class Decider:
    """Where a step leads: a key of its table. `keys` are all that there can be; `needs` are fields it looks at."""

    keys: Callable[[RuleSet], frozenset[str]]
    decide: Callable[[Matter, Kept, RuleSet], str]
    needs: tuple[str, ...] = ()
    by_letter: bool = False


def _afters(rules: RuleSet) -> frozenset[str]:
    return frozenset(letter.after for letter in rules.letters.values())


def _after(matter: Matter, _kept: Kept, rules: RuleSet) -> str:
    return rules.letters[matter.letter].after


def _evaluated(*judged: str) -> Decider:
    def decide(matter: Matter, kept: Kept, rules: RuleSet) -> str:
        if not any(kept.get(name) == "dissatisfied" for name in judged):
            return _after(matter, kept, rules)
        return "escalated" if matter.dissatisfied + 1 >= rules.limits.dissatisfied else "dissatisfied"

    return Decider(lambda rules: _afters(rules) | {"dissatisfied", "escalated"}, decide, judged, by_letter=True)


def _checked(matter: Matter, kept: Kept, rules: RuleSet) -> str:
    again = kept.get("solved") == "no" and matter.reopenings < rules.limits.reopenings
    return "reopened" if again else "recorded"


def _chosen(name: str) -> Decider:
    choices = frozenset(FIELDS[name].choices)
    return Decider(lambda _rules: choices, lambda _matter, kept, _rules: kept[name], (name,))


DECIDERS: Mapping[str, Decider] = {
    # Dissatisfied with the result is dissatisfied; the attitude is recorded beside it.
    "evaluation": _evaluated("result"),
    # Dissatisfied with either.
    "evaluation_of_both": _evaluated("attitude", "result"),
    "letter": Decider(_afters, _after, by_letter=True),
    "check": Decider(lambda _rules: frozenset({"recorded", "reopened"}), _checked, ("solved",)),
    # What those who asked have said, when nobody can have it handled again.
    "objections": Decider(
        lambda _rules: frozenset({"undisputed", "disputed"}),
        lambda matter, _kept, _rules: (
            "undisputed" if all(c.solved or c.reopened for c in matter.checks) else "disputed"
        ),
    ),
    "next_deputy": Decider(
        lambda _rules: frozenset({"next", "nobody"}),
        lambda matter, _kept, _rules: "next" if matter.others else "nobody",
    ),
    "found": _chosen("found"),
    "outcome": _chosen("outcome"),
}
"""What `decided_by` may name."""

AGAIN = frozenset({"dissatisfied", "escalated", "reopened"})
"""Decisions that begin the next round."""


def extendable(matter: Matter, rules: RuleSet) -> str:
    """The running clock that an extension moves; empty when none does."""
    return next((name for name in matter.clocks if name in rules.clocks and rules.clocks[name].extendable), "")


def extensions(matter: Matter, rules: RuleSet) -> tuple[date, date] | None:
    """The first and the last day to which its clock can be extended; None when no extension is left."""
    clock = extendable(matter, rules)
    if not clock:
        return None
    first, last = matter.clocks[clock] + timedelta(days=1), furthest(matter, rules, clock)
    return (first, last) if first <= last else None


def furthest(matter: Matter, rules: RuleSet, clock: str) -> date:
    """The last day to which all extensions together may lead.

    A clock is measured from its start, a promise from the day that was promised first. What was granted of other
    clocks and in other rounds is taken off: whoever is asked again does not begin anew.
    """
    if rules.clocks[clock].dated_by == PROMISE:
        begin, own = matter.said_promise, [e for e in matter.extensions if e.clock == clock]
    else:
        begin = matter.since.get(clock)
        own = [e for e in matter.extensions if (e.clock, e.round) == (clock, matter.round)]
    spent = sum((e.until - e.was for e in matter.extensions if e.was and e not in own), timedelta())
    return add_months(begin or matter.clocks[clock], rules.limits.extended_months) - spent


def _silent(matter: Matter) -> list[str]:
    """The names of the co-units that have not given their opinion in this round."""
    heard = {opinion.unit for opinion in matter.opinions}
    return [unit.name for unit in matter.co_units if unit.id not in heard]
