"""Whose turn it is: nobody is told so who has nothing to do any more."""

from __future__ import annotations

from datetime import date

from liveroom.matters.matter import Matter, Named, Opinion
from liveroom.matters.parties import is_turn
from liveroom.rooms.roles import Actor, Role

DEPUTY = Actor("b", "联名代表", frozenset({Role.DEPUTY}))
CO_UNIT = Actor("u", "协办单位", frozenset({Role.UNIT_OFFICER}), "money")


def test_an_invitation_waits_until_the_suggestion_is_registered() -> None:
    invited = Matter("m", state="submitted", turn="office", deputy="a", invited=("b",))
    assert is_turn(invited, DEPUTY)
    assert not is_turn(Matter("m", state="registered", number="2026-0001", deputy="a", invited=("b",)), DEPUTY)
    assert not is_turn(Matter("m", state="withdrawn", end="unsolved", deputy="a", invited=("b",)), DEPUTY)


def test_a_co_unit_has_had_its_turn_when_it_has_said_its_opinion() -> None:
    clocks = {"co_opinion": date(2026, 4, 2)}
    waiting = Matter("m", state="handling", unit="water", co_units=(Named("money", "财政局"),), clocks=clocks)
    assert is_turn(waiting, CO_UNIT)
    said = Matter(
        "m", state="handling", unit="water", co_units=waiting.co_units, opinions=(Opinion("money", "财政局", "可以。"),)
    )
    assert not is_turn(said, CO_UNIT)
