"""Who sees how much of a matter: every kind, state and number, confidential or not, for every role."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveroom.matters.matter import Matter, Named, SourceQuestion
from liveroom.matters.parties import DRAFTERS, OFFICE_TURN, parties, turns_of
from liveroom.matters.sight import ANYBODY, Sight, everybody_reads, is_told_of, sight
from liveroom.rooms.roles import Actor, Permission, Role, may, visitor

SOURCE = SourceQuestion("q", "s", "A7K2", ("原话",), 12)
PUBLIC = Matter(
    "m", number="2026-0001", state="handling", turn="unit", deputy="d", unit="water", 
    co_units=(Named("money", "财政局"),), joint=(Named("j", "联名代表"),), invited=("i",), sources=(SOURCE,),
)  # fmt: skip
SECRET = replace(PUBLIC, confidential=True)
DRAFT = replace(PUBLIC, number="", state="draft", turn="office", deputy="", unit="", co_units=(), joint=(), invited=())
WORK_ORDER = replace(PUBLIC, kind="work_order", number="W2026-0001")


def account(role: Role, name: str = "somebody", unit: str | None = None) -> Actor:
    return Actor(name, name, frozenset({role}), unit)


INSIDE = {
    "office": account(Role.OFFICE),
    "deputy": account(Role.DEPUTY, "d"),
    "cosigner": account(Role.DEPUTY, "j"),
    "invited": account(Role.DEPUTY, "i"),
    "unit": account(Role.UNIT_OFFICER, "u", "water"),
    "co_unit": account(Role.UNIT_HEAD, "h", "money"),
}
OUTSIDE = {role.value: account(role) for role in Role if role is not Role.OFFICE}
OUTSIDE |= {"other unit": account(Role.UNIT_HEAD, "x", "roads"), "a deputy's name": account(Role.MODERATOR, "d")}


@pytest.mark.parametrize("who", INSIDE)
@pytest.mark.parametrize("matter", [PUBLIC, SECRET, WORK_ORDER])
def test_those_whose_work_it_is_see_the_whole(matter: Matter, who: str) -> None:
    assert sight(matter, INSIDE[who]) is Sight.WHOLE


@pytest.mark.parametrize("who", OUTSIDE)
@pytest.mark.parametrize(
    ("matter", "seen"),
    [
        (PUBLIC, Sight.FACE),
        (replace(PUBLIC, kind="commitment"), Sight.FACE),
        (SECRET, Sight.COUNTED),
        (WORK_ORDER, Sight.STANDING),
        (replace(WORK_ORDER, confidential=True), Sight.COUNTED),
        (replace(PUBLIC, number="", state="submitted"), Sight.NOTHING),
        (replace(SECRET, number="", state="submitted"), Sight.NOTHING),
    ],
)
def test_everybody_else_sees_the_same_whatever_they_are(matter: Matter, seen: Sight, who: str) -> None:
    assert sight(matter, OUTSIDE[who]) is sight(matter) is seen
    assert everybody_reads(matter) is (seen >= Sight.FACE)


def test_whoever_asked_follows_it_from_the_draft_on_and_a_work_order_too() -> None:
    for matter in (DRAFT, PUBLIC, WORK_ORDER):
        assert sight(matter, codes=["q"]) is Sight.FACE
        assert sight(matter, codes=["another"]) is sight(matter)
        assert is_told_of(matter)
    assert sight(SECRET, codes=["q"]) is sight(SECRET)
    assert not is_told_of(SECRET)


def test_a_draft_is_everybodys_who_may_draft_unless_it_is_confidential() -> None:
    drafters = {role for role in Role if may(account(role), Permission.DRAFT)}
    assert {role for role in Role if sight(DRAFT, account(role)) is Sight.WHOLE} == drafters
    secret = replace(DRAFT, confidential=True)
    assert {role for role in Role if sight(secret, account(role)) is Sight.WHOLE} == {Role.OFFICE}
    assert DRAFTERS not in parties(secret)
    assert OFFICE_TURN in parties(secret) & turns_of(account(Role.OFFICE)), "somebody goes on with it"


MATTERS = st.builds(
    Matter,
    id=st.just("m"),
    kind=st.sampled_from(["suggestion", "commitment", "work_order", "snapshot"]),
    number=st.sampled_from(["", "2026-0001"]),
    state=st.sampled_from(["draft", "submitted", "handling", "closed"]),
    end=st.sampled_from(["", "solved", "unsolved"]),
    turn=st.sampled_from(["", "office", "deputy", "unit", "askers"]),
    deputy=st.sampled_from(["", "d"]),
    unit=st.sampled_from(["", "water"]),
    confidential=st.booleans(),
    sources=st.sampled_from([(), (SOURCE,)]),
)
PEOPLE = [*INSIDE.values(), *OUTSIDE.values(), ANYBODY, visitor("device")]


@given(MATTERS)
def test_what_is_confidential_is_never_more_than_counted_outside_and_no_code_helps(matter: Matter) -> None:
    for who, codes in product(PEOPLE, ([], ["q"])):
        seen = sight(matter, who, codes)
        assert seen >= sight(matter), "nobody sees less than everybody"
        secret = sight(replace(matter, confidential=True), who, codes)
        assert secret in {Sight.NOTHING, Sight.COUNTED, Sight.WHOLE}
        assert secret <= seen, "it takes away, and gives nothing"
        if who is ANYBODY:
            assert secret < Sight.STANDING
