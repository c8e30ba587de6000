"""Channels, stands and halls: who is told what, who is skipped, who is sent away."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from websockets.frames import Frame, Opcode

from liveroom.qa.wire import Audience
from liveroom.rooms.roles import visitor
from liveroom.server import channel as channels
from liveroom.server.channel import BACKLOG, HEARTBEAT, PATIENCE, RESYNC, Channel
from liveroom.server.frames import PING, frame
from liveroom.server.stand import SLICE, Stand


class Pipe:
    """A transport whose far end reads when it is told to."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.waiting = 0
        self.aborted = asyncio.Event()

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def is_closing(self) -> bool:
        return self.aborted.is_set()

    def close(self) -> None:
        raise AssertionError("closed by the handler alone")

    def abort(self) -> None:
        self.aborted.set()

    def get_extra_info(self, name: str) -> Any:
        return None


def open_channel(device: str = "d") -> tuple[Channel, Pipe]:
    pipe = Pipe()
    return Channel(pipe, visitor(device), device, new=True), pipe


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_a_frame_is_what_another_library_makes_of_it(size: int) -> None:
    text = b"x" * size
    assert frame(text) == Frame(Opcode.TEXT, text).serialize(mask=False)


async def test_a_client_that_is_behind_is_skipped_and_sent_away_when_it_reads_again() -> None:
    channel, pipe = open_channel()
    pipe.waiting = BACKLOG + 1
    channel.tell(b"lost")
    pipe.waiting = 10
    channel.tell(b"lost, too: it would come after a gap")
    assert pipe.written == []
    channel.look_after(0)
    assert channel.closing is None, "it is still reading"
    pipe.waiting = 0
    channel.look_after(0)
    assert channel.closing == RESYNC
    assert pipe.written == [Frame(Opcode.CLOSE, RESYNC.to_bytes(2, "big")).serialize(mask=False)]
    channel.push(b"after the goodbye")
    assert len(pipe.written) == 1


async def test_a_client_that_reads_slowly_keeps_its_place_and_one_that_reads_nothing_loses_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(channels, "GOODBYE", 0.01)
    channel, pipe = open_channel()
    pipe.waiting = 10 * BACKLOG
    channel.tell(b"lost")
    now = asyncio.get_running_loop().time()
    for step in range(1, 5):
        pipe.waiting -= 1000
        channel.look_after(now + step * (PATIENCE - 1))
        assert channel.closing is None
    channel.look_after(now + 5 * PATIENCE)
    assert channel.closing == RESYNC
    await asyncio.wait_for(pipe.aborted.wait(), 10)


async def test_whoever_is_silent_is_asked_once_and_then_taken_for_gone() -> None:
    channel, pipe = open_channel()
    now = channel.heard_at
    for after in (HEARTBEAT - 1, HEARTBEAT + 1, HEARTBEAT + 2):
        channel.look_after(now + after)
    assert pipe.written == [PING]
    channel.heard_at = now + HEARTBEAT + 3
    channel.look_after(now + 2 * HEARTBEAT + 1)
    assert not pipe.aborted.is_set()
    channel.look_after(now + 3 * HEARTBEAT + 4)
    assert pipe.aborted.is_set()


async def test_a_round_lets_others_have_their_turn_and_is_not_told_to_whoever_comes_meanwhile() -> None:
    stand = Stand(Audience.PUBLIC)
    opened = [open_channel(str(number)) for number in range(SLICE * 3)]
    for channel, _ in opened:
        stand.admit(channel)
    telling = asyncio.create_task(stand.tell(b"one"))
    await asyncio.sleep(0)
    told = sum(bool(pipe.written) for _, pipe in opened)
    assert told == SLICE
    late, late_pipe = open_channel("late")
    stand.admit(late)
    # One that says hello again has been told what the round tells, and a second time would be a step back.
    again, again_pipe = opened[-1]
    stand.dismiss(again)
    stand.admit(again)
    await telling
    assert late_pipe.written == again_pipe.written == []
    await stand.tell(b"two")
    assert late_pipe.written == again_pipe.written == [b"two"]
    assert opened[0][1].written == [b"one", b"two"]
    assert stand.present(["late", "nobody"]) == ["late"]
