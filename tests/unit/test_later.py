"""What takes long is made once, whoever asks and whoever gives up."""

from __future__ import annotations

import asyncio
import threading

import pytest

from liveroom.later import Later


async def test_all_who_ask_get_the_same_and_it_is_made_once() -> None:
    made: list[object] = []

    def make() -> object:
        made.append(object())
        return made[-1]

    later = Later(make)
    first, second = await asyncio.gather(later.get(), later.get())
    assert first is second is await later.get()
    assert len(made) == 1


async def test_one_who_gives_up_does_not_take_it_from_the_others() -> None:
    may_end = threading.Event()

    def make() -> str:
        may_end.wait(30)
        return "made"

    later = Later(make)
    impatient, patient = asyncio.create_task(later.get()), asyncio.create_task(later.get())
    await asyncio.sleep(0)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    may_end.set()
    assert await patient == "made"


async def test_what_could_not_be_made_is_tried_again_by_the_next() -> None:
    tries: list[int] = []

    def make() -> str:
        tries.append(len(tries))
        if len(tries) == 1:
            raise OSError("too many open files")
        return "made"

    later = Later(make)
    first, second = await asyncio.gather(later.get(), later.get(), return_exceptions=True)
    assert isinstance(first, OSError)
    assert first is second
    assert await later.get() == "made"
    assert tries == [0, 1]
