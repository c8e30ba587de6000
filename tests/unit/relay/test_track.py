from hypothesis import given
from hypothesis import strategies as st

from liveroom.relay.rtcp import SenderReport
from liveroom.relay.rtp import RtpPacket, extend
from liveroom.relay.track import HISTORY_PACKETS, Forwarded, Track

IDR, SLICE = b"\x65key", b"\x41slice"


def track() -> Track:
    return Track("video", "h264", 90000, ssrc=7)


def send(
    to: Track, index: int, payload: bytes = SLICE, timestamp: int | None = None, now: float = 0.0
) -> Forwarded | None:
    packet = RtpPacket(96, False, index & 0xFFFF, index * 3000 if timestamp is None else timestamp, 1, payload)
    forwarded = to.forward(packet, index, now)
    if forwarded is not None:
        to.keep(forwarded)
    return forwarded


def test_numbers_go_on_when_another_publisher_takes_over() -> None:
    one = track()
    for index in range(70000, 70010):
        last = send(one, index, now=index / 30)
    assert last is not None
    one.begin()
    first = send(one, 12, timestamp=5, now=70010 / 30 + 2.0)
    assert first is not None
    assert first.index == last.index + 1
    passed = (first.timestamp - last.timestamp) & 0xFFFFFFFF
    assert 2.0 < passed / 90000 < 2.2


def test_the_first_number_is_far_from_the_wrap() -> None:
    first = send(track(), 65535)
    assert first is not None
    assert first.index < 60000


def test_reordered_packets_keep_their_place_and_what_came_before_the_first_is_dropped() -> None:
    one = track()
    numbers = [send(one, index) for index in (100, 102, 101)]
    assert [packet.index - 1000 for packet in numbers if packet] == [0, 2, 1]
    assert send(one, 99) is None


def test_a_young_keyframe_is_replayed_whole_or_not_at_all() -> None:
    one = track()
    send(one, 100)
    send(one, 101, IDR)
    send(one, 102)
    assert [packet.payload for packet in one.since_keyframe()] == [IDR, SLICE]
    send(one, 104)
    assert one.since_keyframe() == []
    send(one, 103)
    assert len(one.since_keyframe()) == 4
    for index in range(105, 160):
        send(one, index)
    assert one.since_keyframe() == []


def test_parameter_sets_and_the_picture_behind_them_are_one_beginning() -> None:
    one = track()
    send(one, 100, b"\x67sps", timestamp=9000)
    send(one, 101, IDR, timestamp=9000)
    assert one.since_keyframe()[0].payload == b"\x67sps"


def test_the_past_is_remembered_and_bounded() -> None:
    one = track()
    for index in range(3000):
        send(one, index)
    assert one.again((one.last_index - 500) & 0xFFFF) is not None
    assert one.again((one.last_index - HISTORY_PACKETS - 1) & 0xFFFF) is None
    assert one.again((one.last_index + 5) & 0xFFFF) is None


def test_a_packet_is_kept_in_one_form_only() -> None:
    one = track()
    packet = one.forward(RtpPacket(96, False, 5, 0, 1, SLICE), 5, 0.0)
    assert packet is not None
    one.keep(packet.pad(20))
    one.keep(packet)
    kept = one.again(packet.index & 0xFFFF)
    assert kept is not None
    assert (len(kept.payload), kept.payload[-1], kept.padded) == (20, 20 - len(SLICE), True)


def test_sender_reports_are_told_in_our_clock() -> None:
    one = track()
    forwarded = send(one, 100, timestamp=1_000_000)
    assert forwarded is not None
    mapped = one.map_report(SenderReport(1, ntp=99, timestamp=1_000_900))
    assert mapped == (99, (forwarded.timestamp + 900) & 0xFFFFFFFF)
    one.begin()
    assert one.map_report(SenderReport(1, 99, 0)) is None


@given(st.lists(st.tuples(st.integers(-3, 40), st.sampled_from(["", "", "", "begin", "flush"])), max_size=60))
def test_no_number_is_given_out_twice_whatever_comes_before_the_next_sending(arrivals: list[tuple[int, str]]) -> None:
    one, pending = track(), list[Forwarded]()
    given_out: list[int] = []
    for index, (step, then) in enumerate(arrivals):
        number = 1000 + index + step
        forwarded = one.forward(RtpPacket(96, False, number, 0, 1, SLICE), number, 0.0)
        if forwarded is not None:
            given_out.append(forwarded.index)
            pending.append(forwarded)
        if then == "begin":
            one.begin()
        elif then == "flush":
            for packet in pending:
                one.keep(packet)
            pending.clear()
    assert len(set(given_out)) == len(given_out)


def test_a_late_packet_of_another_source_never_takes_a_number_of_the_one_before() -> None:
    one = track()
    assert one.forward(RtpPacket(96, False, 103, 0, 1, SLICE), 103, 0.0) is not None  # waits to be sent
    one.begin()
    send(one, 501)
    assert send(one, 500) is None


def test_what_later_packets_have_pushed_out_is_not_sent_again() -> None:
    one = track()
    send(one, 100)
    first = one.last_index
    send(one, 100 + HISTORY_PACKETS - 1)
    assert one.again(first) is not None
    send(one, 100 + HISTORY_PACKETS)
    assert one.again(first) is None


@given(st.integers(0, 2**40), st.integers(-0x7FFF, 0x7FFF))
def test_a_number_is_extended_to_the_nearest(near: int, distance: int) -> None:
    index = max(0, near + distance)
    assert extend(index & 0xFFFF, near) == index
