"""What lists hold in SQL is what `matters/sight.py` decides: for every state, role and party, on every database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liveroom import ids
from liveroom.actions.follow_up import FollowingUp
from liveroom.matters.matter import Matter, MatterStep, SourceQuestion
from liveroom.matters.parties import EXTENSION_ASKED
from liveroom.matters.promises import Standing
from liveroom.matters.sight import Sight, everybody_reads, sight
from liveroom.ports.matters import MatterChange, Order, Page, Wanted
from liveroom.rooms.roles import Actor, Role
from liveroom.storage.database import Database
from liveroom.storage.matters import SqlMatters
from liveroom.storage.openness import SqlOpenness
from tests.support.periods import period
from tests.support.unused import UNUSED

NOW = datetime(2026, 7, 2, 2, tzinfo=UTC)
YEAR = period("2026")
OFFICE = Actor("o", "工委", frozenset({Role.OFFICE}))
PEOPLE = [Actor(f"as-{role}", "某人", frozenset({role})) for role in Role] + [
    *(Actor(name, "代表", frozenset({Role.DEPUTY})) for name in ("d", "e")),
    Actor("u", "经办", frozenset({Role.UNIT_OFFICER}), "water"),
    Actor("h", "负责人", frozenset({Role.UNIT_HEAD}), "money"),
    Actor("d", "不再是代表", frozenset({Role.MODERATOR})),
    Actor("both", "两种身份", frozenset({Role.DEPUTY, Role.UNIT_OFFICER}), "roads"),
]
_units, _deputies = st.sampled_from(["", "water", "money", "roads"]), st.sampled_from(["", "d", "e"])


@st.composite
def facts(draw: st.DrawFn) -> tuple[str, list[MatterStep]]:
    """The kind of a matter and steps after which it stands anywhere: as old and new rule sets may leave it."""
    state = draw(st.sampled_from(["draft", "submitted", "assigned", "handling", "tracking", "closed"]))
    end = draw(st.sampled_from(["solved", "unsolved"])) if state == "closed" else ""
    turn = draw(st.sampled_from(["", "office", "deputy", "unit", "askers"]))
    values = {"title": "码头照明", "body": "正文", "unit": draw(_units), "deputy": draw(_deputies)}
    if draw(st.booleans()):
        values["number"] = ids.new_id()[:20]
    if co_units := draw(st.sampled_from(["", "money", "money,roads"])):
        values |= {"co_units": co_units, "co_units_names": co_units.replace(",", "\n")}
    clocks = draw(st.sampled_from([{}, {"reply": "2026-07-01/2026-09-01"}, {"co_opinion": "2026-07-01/2026-08-01"}]))
    kind = draw(st.sampled_from(["suggestion", "commitment", "work_order", "snapshot"]))
    source = SourceQuestion("q", "s", "A7K2", ("原话",), 3)

    def step(what: str, *, again: bool = False, **said: str) -> MatterStep:
        return MatterStep(what, state, said, day="2026-07-01", turn=turn, end=end, internal=again)

    steps = [MatterStep("assign", state, values, (source,), "2026-07-01", clocks, end=end, turn=turn, kind=kind)]
    more = [
        step("invite", others="e"),
        step("cosign", signer="e", signer_name="联名"),
        step("ask_extension", clock="reply", until="2026-10-01", reason="理由"),
        step("reply", **{"class": "B", "text": "答复", "promise_due": "2026-12-01"}),
        step("make_confidential", again=True, reason="涉及个人"),
        step("make_confidential", again=True, reason="涉及个人"),
        step("make_public", again=True, reason="可以公开"),
    ]
    return kind, steps + draw(st.lists(st.sampled_from(more), max_size=4, unique_by=id))


async def every_row(page: Callable[[str], Awaitable[Page]]) -> list[str]:
    found, after = list[str](), ""
    while True:
        shown = await page(after)
        found += [row.id for row in shown.rows]
        after = shown.after
        if not after:
            return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(facts(), min_size=1, max_size=6))
async def test_lists_hold_what_is_decided(database: Database, drawn: list[tuple[str, list[MatterStep]]]) -> None:
    kept, openness = SqlMatters(database), SqlOpenness(database)
    verb = FollowingUp(kept, UNUSED, UNUSED, UNUSED, lambda: NOW, UNUSED)
    matters: list[Matter] = []
    for kind, steps in drawn:
        matter = await kept.begin(MatterChange(Matter(ids.new_id(), kind=kind), steps), OFFICE, NOW)
        assert matter == await kept.load(matter.id)
        matters.append(matter)
    here = {matter.id for matter in matters}

    def among(found: Sequence[str]) -> set[str]:
        assert len(found) == len(set(found))
        return set(found) & here

    def those(whether: Callable[[Matter], bool]) -> set[str]:
        return {matter.id for matter in matters if whether(matter)}

    face = those(everybody_reads)
    for order in Order:
        standing = await every_row(_found(kept, Wanted(public=True), order))
        assert among(standing) == those(lambda m: sight(m) >= Sight.STANDING)
    for wanted in (Wanted(), Wanted(text="照明")):
        assert among(await every_row(partial(_in_public, verb, wanted))) == face
    assert among([told.matter.id for told in await openness.told(Wanted(), 100_000)]) == face
    assert YEAR is not None
    for case in await openness.cases("suggestion", YEAR):
        if case.id in here:
            assert case.public is (case.id in face), "it is counted, and named only when everybody reads it"
    promised = [row for stands in Standing for row in await every_promise(openness, stands)]
    assert among(promised) == face & those(lambda m: m.promised is not None)

    for who in PEOPLE:
        whole = those(partial(_is_whole, who))
        assert among(await every_row(partial(_of, verb, who, Wanted()))) == whole, who
        wished = await every_row(partial(_of, verb, who, Wanted(parties=(EXTENSION_ASKED,))))
        assert among(wished) == whole & those(lambda m: m.wish is not None), who
        still_open = whole & those(lambda m: not m.final)
        assert among(await every_row(partial(_work, verb, who, turn=False))) == still_open, who
        assert among(await every_row(partial(_work, verb, who, turn=True))) <= still_open, who


def _is_whole(who: Actor, matter: Matter) -> bool:
    return sight(matter, who) is Sight.WHOLE


def _found(kept: SqlMatters, wanted: Wanted, order: Order) -> Callable[[str], Awaitable[Page]]:
    return lambda after: kept.find(wanted, order, after, 200)


def _in_public(verb: FollowingUp, wanted: Wanted, after: str) -> Awaitable[Page]:
    return verb.public_list(wanted, after, 200)


def _of(verb: FollowingUp, who: Actor, wanted: Wanted, after: str) -> Awaitable[Page]:
    return verb.all_of(who, wanted, Order.DUE, after, 200)


def _work(verb: FollowingUp, who: Actor, after: str, *, turn: bool) -> Awaitable[Page]:
    return verb.work_list(who, turn=turn, after=after, limit=200)


async def every_promise(openness: SqlOpenness, stands: Standing) -> list[str]:
    found, after = list[str](), ""
    while True:
        ledger = await openness.promises(stands, NOW.date(), after)
        found += [row.matter.id for row in ledger.rows]
        after = ledger.after
        if not after:
            return found
