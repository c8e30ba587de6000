"""What facts make of a matter: replaying its steps gives the row. Knows no rule set, whatever it says today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from liveroom.matters.fields import day, names
from liveroom.matters.matter import Check, Extension, Listing, Matter, MatterStep, Named, Opinion, Reply

_OLD_FINAL = frozenset({"not_admitted", "closed", "closed_explained", "closed_unsolved", "withdrawn"})
_OLD_HANDLING = {"assigned": "reply", "handling": "reply", "rehandling": "rehandling"}


def apply(matter: Matter, events: Iterable[MatterStep]) -> Matter:
    """The matter after the facts."""
    for event in events:
        matter = _said(_moved(matter, event), event, event.values)
        if not event.day:
            matter = _as_before_rule_sets(matter, event)
    return matter


def _moved(matter: Matter, event: MatterStep) -> Matter:
    """Where it stands: state, clocks, round. The same for every command."""
    v = event.values
    matter = replace(
        matter,
        seq=matter.seq + 1,
        kind=event.kind or matter.kind,
        rules=event.rules or matter.rules,
        state=event.to,
        end=event.end,
        turn=event.turn,
        number=v.get("number", matter.number),
        title=v.get("title", matter.title),
        body=v.get("body", matter.body),
        sources=event.sources or matter.sources,
        promise_due=day(v.get("promise_due")) or matter.promise_due,
        began_on=matter.began_on or (day(event.day) if not matter.seq else None),
        closed_on=(matter.closed_on or day(event.day)) if event.end else None,
    )
    if event.clocks is not None:
        matter = _timed(matter, event.clocks)
    said = None if event.internal else day(v.get("promise_due"))
    matter = replace(matter, promised=matter.clocks.get("promise") or said or matter.promised)
    if event.again:
        matter = replace(matter, round=matter.round + 1, contacts=0, opinions=(), wish=None, prepared=None)
    return matter


def _timed(matter: Matter, written: Mapping[str, str]) -> Matter:
    clocks: dict[str, date] = {}
    since: dict[str, date] = {}
    for name, interval in written.items():
        start, _, end = interval.removesuffix("~").partition("/")
        clocks[name], since[name] = date.fromisoformat(end), date.fromisoformat(start)
    guessed = tuple(name for name, interval in written.items() if interval.endswith("~"))
    first_due = clocks.get("reply", matter.first_due) if matter.first_reply_on is None else matter.first_due
    return replace(matter, clocks=clocks, since=since, guessed=guessed, first_due=first_due)


def _said(matter: Matter, event: MatterStep, v: Mapping[str, str]) -> Matter:
    """What the command itself changes."""
    match event.what:
        case "not_admit":
            return replace(matter, continued_in=v.get("order", ""))
        case "receive":
            return replace(matter, continues=v.get("from", ""), confidential=v.get("kept") == "yes")
        case "take_over":
            return _taken_over(matter, event, v)
        case "redraft" if v.get("unsigned"):
            return replace(matter, deputy="", deputy_name="", others=(), joint=(), invited=())
        case "offer" | "decline" | "lapse" | "redraft" | "adopt":
            return replace(
                matter,
                deputy=v.get("deputy", ""),
                deputy_name=v.get("deputy_name", ""),
                others=names(v.get("others", "")),
            )
        case "return" if event.to == "draft":
            return replace(matter, deputy="", deputy_name="")
        case "invite":
            return replace(matter, invited=tuple(dict.fromkeys((*matter.invited, *names(v["others"])))))
        case "cosign" | "decline_cosign":
            return _cosigned(matter, event.what == "cosign", v)
        case "assign" | "approve_return" | "forward" | "say":
            return replace(
                matter,
                unit=v.get("unit", ""),
                unit_name=v.get("unit_name", ""),
                co_units=_named(v.get("co_units", ""), v.get("co_units_names", "")),
                opinions=(),
                contacts=0,
                deputy=v.get("deputy", matter.deputy),
                deputy_name=v.get("deputy_name", matter.deputy_name),
                assigned_on=matter.assigned_on or day(event.day),
            )
        case "send_back" if v.get("leaves"):
            return replace(matter, returns=matter.returns + 1, unit="", unit_name="")
        case "request_return" | "send_back":
            return replace(matter, returns=matter.returns + 1)
        case "contact":
            return replace(matter, contacts=matter.contacts + 1)
        case "give_opinion":
            opinion = Opinion(v["by_unit"], v["by_unit_name"], v["text"])
            return replace(matter, opinions=(*[o for o in matter.opinions if o.unit != opinion.unit], opinion))
        case "ask_extension":
            return replace(matter, wish=Extension(v["clock"], date.fromisoformat(v["until"]), v["reason"]))
        case "grant_extension":
            return _extended(replace(matter, wish=None), v, matter.wish.reason if matter.wish else v.get("reason", ""))
        case "uphold" if v.get("was"):
            return _extended(matter, {**v, "clock": "promise", "until": v["promise_due"]}, v["reason"])
        case "deny_extension" | "fall_due" | "claim_done" | "explain":
            return replace(matter, wish=None)
        case "prepare_reply":
            return replace(matter, prepared=_reply(v))
        case "reply":
            return _replied(matter, event, v)
        case "evaluate" | "rate":
            return _evaluated(matter, v)
        case "check":
            check = Check(v["who"], v["solved"] == "yes", v.get("reopens") == "yes")
            return replace(matter, checks=(*matter.checks, check), reopenings=matter.reopenings + event.again)
        case "consolidate" | "separate":
            return replace(matter, consolidated_into=v.get("into_id", ""))
        case "took_in":
            return replace(matter, consolidates=(*matter.consolidates, v["matter"]))
        case "let_go":
            return replace(matter, consolidates=tuple(m for m in matter.consolidates if m != v["matter"]))
        case "supervise":
            return replace(matter, supervised=True)
        case "make_confidential" | "make_public":
            return replace(matter, confidential=event.what == "make_confidential")
        case "overdue":
            return replace(matter, overdue=(*matter.overdue, f"{v['clock']}/{v['due']}"))
        case "list_overdue":
            listing = Listing(v["clock"], date.fromisoformat(v["due"]), v.get("late") or event.turn)
            return replace(matter, listings=(*matter.listings, listing))
    return matter


def _extended(matter: Matter, v: Mapping[str, str], reason: str) -> Matter:
    """The end of a clock was moved; of a promise that is the day that now stands."""
    until = date.fromisoformat(v["until"])
    granted = Extension(v["clock"], until, reason, day(v.get("was")), int(v.get("round", "1")))
    promise_due = until if granted.clock == "promise" else matter.promise_due
    return replace(matter, extensions=(*matter.extensions, granted), promise_due=promise_due)


def _taken_over(matter: Matter, event: MatterStep, v: Mapping[str, str]) -> Matter:
    """One of earlier years: every day is that of the list, and one that it does not say stays unsaid."""
    return replace(
        matter,
        earlier=v.get("import", ""),
        deputy=v.get("deputy", ""),
        deputy_name=v.get("deputy_name", ""),
        joint=_listed(v, "joint"),
        unit=v.get("unit", ""),
        unit_name=v.get("unit_name", ""),
        co_units=_listed(v, "co_units"),
        began_on=day(v.get("submitted_on")),
        assigned_on=day(v.get("assigned_on")),
        first_due=day(v.get("due")) or matter.clocks.get("reply"),
        first_reply_on=day(v.get("replied_on")),
        first_letter=v.get("class", ""),
        closed_on=day(v.get("closed_on")),
        reply=_reply({**v, "text": v.get("text", "")}) if v.get("class") else None,
        attitude=v.get("attitude", ""),
        result=v.get("result", ""),
        dissatisfied=int(v.get("result") == "dissatisfied"),
        round=2 if event.to == "rehandling" else 1,
    )


def _listed(v: Mapping[str, str], name: str) -> tuple[Named, ...]:
    """Names of a list, with an identifier where somebody of that name is known."""
    called = v.get(f"{name}_names", "").splitlines()
    return (
        tuple(Named(one, said) for one, said in zip(v.get(name, "").split(","), called, strict=True)) if called else ()
    )


def _cosigned(matter: Matter, signed: bool, v: Mapping[str, str]) -> Matter:
    joint = (*matter.joint, Named(v["signer"], v["signer_name"])) if signed else matter.joint
    return replace(matter, invited=tuple(d for d in matter.invited if d != v["signer"]), joint=joint)


def _reply(v: Mapping[str, str]) -> Reply:
    return Reply(
        letter=v["class"],
        text=v["text"],
        solved=v.get("means") == "solved",
        promise_due=day(v.get("promise_due")),
        signed_by=v.get("signed_by", ""),
        signed_name=v.get("signed_name", ""),
    )


def _replied(matter: Matter, event: MatterStep, v: Mapping[str, str]) -> Matter:
    return replace(
        matter,
        reply=_reply(v),
        prepared=None,
        wish=None,
        promise_due=day(v.get("promise_due")),
        attitude="",
        result="",
        checks=(),
        first_reply_on=matter.first_reply_on or day(event.day),
        first_letter=matter.first_letter or v["class"],
    )


def _evaluated(matter: Matter, v: Mapping[str, str]) -> Matter:
    """Before there were rule sets, one word stood for attitude and result."""
    once = v.get("evaluation", "")
    attitude, result = v.get("attitude", once), v.get("result", once)
    bad = "dissatisfied" in (attitude, result)
    return replace(matter, attitude=attitude, result=result, dissatisfied=matter.dissatisfied + bad)


def _named(ids: str, written: str) -> tuple[Named, ...]:
    return tuple(Named(one, name) for one, name in zip(names(ids), written.splitlines(), strict=False))


def _as_before_rule_sets(matter: Matter, event: MatterStep) -> Matter:
    """Steps of then say neither their clocks nor whether they were the end."""
    clock = _OLD_HANDLING.get(event.to, "")
    due = day(event.values.get("due")) or matter.due
    if event.what == "evaluate" and event.to == "rehandling":
        matter = replace(matter, round=matter.round + 1, contacts=0)
    end = "" if event.to not in _OLD_FINAL else "solved" if event.to == "closed" else "unsolved"
    solved = replace(matter.reply, solved=matter.letter == "A") if matter.reply else None
    return replace(matter, clocks={clock: due} if clock and due else {}, since={}, end=end, reply=solved)
