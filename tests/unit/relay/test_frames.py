from __future__ import annotations

import random
from itertools import groupby, pairwise

import pytest
from aiortc.codecs import depayload
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from hypothesis import given
from hypothesis import strategies as st

from liveroom.relay.frames import HELD_LIMIT, PATIENCE, Frame, Frames, vp8_size
from liveroom.relay.keyframes import begins_keyframe
from liveroom.relay.track import Forwarded
from tests.support.encoded import Publisher

SPS, PPS, IDR, SLICE = b"\x67sps", b"\x68pps", b"\x65idr", b"\x41slice"
START = b"\0\0\0\1"


def packet(index: int, payload: bytes, timestamp: int, *, marker: bool = True, codec: str = "h264") -> Forwarded:
    return Forwarded(index, timestamp, marker, payload, begins_keyframe(codec, payload))


def stap(*units: bytes) -> bytes:
    return b"\x78" + b"".join(len(unit).to_bytes(2) + unit for unit in units)


def together(codec: str, packets: list[Forwarded], step: float = 0.01) -> list[Frame]:
    frames = Frames(codec)
    found = [frame for n, one in enumerate(packets) for frame in frames.add(one, n * step)]
    return found + list(frames.flush())


KEY = packet(10, stap(SPS, PPS, IDR), 3000)
FIRST = Frame(3000, START + SPS + START + PPS + START + IDR, keyframe=True)


@pytest.mark.parametrize("codec", ["h264", "vp8"])
def test_frames_are_what_another_implementation_makes_of_the_same_packets(codec: str) -> None:
    packets = [one.packet for one in Publisher(codec).media(1.0, sound=False)]
    foreign = RTCRtpCodecParameters(f"video/{codec.upper()}", 90000, payloadType=96)
    frames = together(codec, packets)
    assert len(frames) == 30
    for frame, (timestamp, group) in zip(frames, groupby(packets, lambda one: one.timestamp), strict=True):
        assert (frame.timestamp, frame.data) == (timestamp, b"".join(depayload(foreign, p.payload) for p in group))
    assert frames[0].keyframe
    if codec == "vp8":
        assert vp8_size(frames[0].data) == (320, 240)


@given(st.data())
def test_the_order_of_arrival_changes_nothing(data: st.DataObject) -> None:
    packets = [KEY] + [packet(11 + n, SLICE + bytes([n]), 3000 * (n + 2)) for n in range(40)]
    shuffled = data.draw(st.permutations(packets[1:]))
    assert together("h264", [KEY, *shuffled, KEY, *shuffled[:5]], step=0) == together("h264", packets)


def test_after_a_loss_pictures_are_left_out_up_to_the_next_keyframe() -> None:
    frames = Frames("h264")
    assert list(frames.add(KEY, 0.0)) == [FIRST]
    assert list(frames.add(packet(12, SLICE, 9000), 0.1)) == []
    assert list(frames.give_up(0.1 + PATIENCE)) == []
    assert list(frames.add(packet(13, SLICE, 12000), 0.2 + PATIENCE)) == []
    assert list(frames.add(packet(11, SLICE, 6000), 0.2 + PATIENCE)) == [], "it came too late"
    again = packet(14, stap(SPS, PPS, IDR), 15000)
    assert [frame.timestamp for frame in frames.add(again, 0.3 + PATIENCE)] == [15000]


def test_a_packet_that_comes_again_in_time_is_no_loss() -> None:
    frames = Frames("h264")
    list(frames.add(KEY, 0.0))
    assert list(frames.add(packet(12, SLICE, 9000), 0.1)) == []
    assert [f.timestamp for f in frames.add(packet(11, SLICE, 6000), 0.1 + PATIENCE / 2)] == [6000, 9000]


def test_of_sound_a_loss_costs_what_was_lost() -> None:
    frames = Frames("opus")
    sound = [Forwarded(n, 960 * n, False, bytes([n]), False) for n in range(5)]
    heard = [f for n in (0, 1, 3, 4) for f in frames.add(sound[n], 0.0)] + list(frames.give_up(PATIENCE + 1))
    assert [frame.data for frame in heard] == [b"\0", b"\1", b"\3", b"\4"]
    assert all(frame.keyframe for frame in heard)


def test_pictures_begin_with_a_keyframe() -> None:
    packets = [packet(9, SLICE, 0), KEY, packet(11, SLICE, 6000)]
    assert [frame.timestamp for frame in together("h264", packets)] == [3000, 6000]


def test_parameter_sets_that_are_sent_once_are_given_to_every_keyframe() -> None:
    alone = [packet(10, SPS, 0, marker=False), packet(11, PPS, 0, marker=False), packet(12, IDR, 0)]
    frames = together("h264", [*alone, packet(13, SLICE, 3000), packet(14, IDR, 6000)])
    assert frames[0] == Frame(0, FIRST.data, keyframe=True)
    assert frames[2] == Frame(6000, FIRST.data, keyframe=True)


def test_an_idr_picture_without_parameter_sets_is_of_no_use() -> None:
    assert together("h264", [packet(10, IDR, 0), packet(11, SLICE, 3000)]) == []


def test_fragments_make_one_unit() -> None:
    parts = [b"\x7c\x85id", b"\x7c\x05r", b"\x7c\x45!"]
    sets = packet(10, stap(SPS, PPS), 0, marker=False)
    rest = [packet(11 + n, part, 0, marker=n == 2) for n, part in enumerate(parts)]
    assert together("h264", [sets, *rest])[0].data == START + SPS + START + PPS + START + b"\x65idr!"


@pytest.mark.parametrize(
    "payload",
    [
        b"\x7c\x05middle",  # no first fragment
        b"\x7c\x85first",  # no last fragment
        b"\x78\xff\xffshort",  # a size that is not there
        b"\x78\x00\x00",  # an empty unit
        b"\x7c\x85",  # nothing in it
        b"\x1d\x00\x00",  # FU-B, which nobody negotiated
        b"\x00unit",  # reserved
    ],
)
def test_a_damaged_packet_costs_the_pictures_up_to_the_next_keyframe(payload: bytes) -> None:
    packets = [KEY, packet(11, payload, 6000), packet(12, SLICE, 9000), packet(13, stap(SPS, PPS, IDR), 12000)]
    assert [frame.timestamp for frame in together("h264", packets)] == [3000, 12000]


def test_a_frame_ends_with_the_next_one_where_no_marker_said_so() -> None:
    packets = [KEY, packet(11, SLICE, 6000, marker=False), packet(12, SLICE, 9000)]
    assert [frame.timestamp for frame in together("h264", packets)] == [3000, 6000, 9000]


def test_timestamps_count_on_over_their_wrap() -> None:
    wrapped = [packet(11 + n, SLICE, (0xFFFFFFFF - 3000 + 3000 * n) & 0xFFFFFFFF) for n in range(4)]
    stamps = [f.timestamp for f in together("h264", [packet(10, stap(SPS, PPS, IDR), 0xFFFFFFFF - 6000), *wrapped])]
    assert [b - a for a, b in pairwise(stamps)] == [3000] * 4


def test_what_waits_is_bounded() -> None:
    frames = Frames("vp8")
    for n in range(5 * HELD_LIMIT):
        assert list(frames.add(Forwarded(n, 0, False, b"\x90\x00" if n == 0 else b"\x80\x00x", n == 0), 0.0)) == []
        list(frames.add(Forwarded(10**6 + 2 * n, 0, False, b"\x80\x00x", False), 0.0))
    assert len(frames._held) <= HELD_LIMIT + 1
    assert len(frames._gathered) <= HELD_LIMIT + 1


@pytest.mark.parametrize("codec", ["h264", "vp8", "opus"])
def test_nothing_that_a_publisher_sends_is_too_much(codec: str) -> None:
    rnd = random.Random(20260301)
    frames, whole = Frames(codec), [one.packet for one in Publisher("h264").media(0.4, sound=False)]
    for n in range(4000):
        known = rnd.choice(whole).payload
        payload = known[: rnd.randrange(1, len(known))] if rnd.random() < 0.5 else rnd.randbytes(rnd.randrange(1, 60))
        index, stamp = n + rnd.randrange(-3, 4), rnd.choice([n * 3000, rnd.randrange(1 << 32)]) & 0xFFFFFFFF
        for frame in frames.add(Forwarded(index, stamp, rnd.random() < 0.3, payload, rnd.random() < 0.1), n / 100):
            assert frame.data
    list(frames.flush())


@given(st.binary(max_size=20))
def test_a_size_is_read_of_a_vp8_keyframe_alone(data: bytes) -> None:
    size = vp8_size(data)
    assert size is None or (data[3:6] == b"\x9d\x01\x2a" and min(size) > 0)
