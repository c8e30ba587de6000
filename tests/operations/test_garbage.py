"""What the garbage collector is kept from, and that nothing stays for ever because of it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from liveroom.cli import garbage
from liveroom.cli.garbage import SPARE, Garbage


class Ring:
    """An object that only the collector can free."""

    def __init__(self) -> None:
        self.itself = self


class Room:
    def __init__(self) -> None:
        self.connected, self.departed = 10, 0
        self.garbage = Garbage(lambda: self.connected, lambda: self.departed)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    monkeypatch.setattr(garbage, "LONG", 0.0)
    room = Room()
    room.garbage.open()
    yield room
    room.garbage.close()
    assert gc.get_freeze_count() == 0


def test_what_a_long_look_has_found_is_not_looked_at_again(room: Room) -> None:
    ring = Ring()
    gc.collect()
    gone = weakref.ref(ring)
    del ring
    gc.collect()
    assert gone() is not None, "it was looked at again"
    assert gc.get_freeze_count() > 0


def test_rings_that_many_left_behind_are_freed_once_they_are_worth_a_look(room: Room) -> None:
    ring = Ring()
    gc.collect()
    gone = weakref.ref(ring)
    del ring
    room.departed = 2 * room.connected + SPARE
    room.garbage.tidy()
    assert gone() is not None, "as many as that come and go all the time"
    room.departed += 1
    room.garbage.tidy()
    assert gone() is None
    ring = Ring()
    gc.collect()
    gone = weakref.ref(ring)
    del ring
    room.garbage.tidy()
    assert gone() is not None, "departures count once"
