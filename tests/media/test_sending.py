"""Both senders, Python and compiled, with one kernel that does what it is told: the same bytes, the same counts."""

from __future__ import annotations

import errno
import gc
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveroom.media.egress import Egress, Subscription
from liveroom.media.native import binding
from liveroom.media.native.binding import Library, Unavailable
from liveroom.media.native.place import compiled
from liveroom.media.native.sender import NativeSender, choose_sender
from liveroom.media.port import UdpPort
from liveroom.media.sending import PythonSender, Sender
from liveroom.media.srtp import CM_SHA1, GCM, Keys, opener, sealer
from liveroom.relay.track import Forwarded, Track
from tests.support.fake_kernel import FakeKernel

VIDEO, AUDIO = Track("video", "h264", 90000, ssrc=7), Track("audio", "opus", 48000, ssrc=0xFFFFFFFE)
REFUSALS = [errno.EAGAIN, errno.ENOBUFS, errno.EMSGSIZE, errno.EINVAL, errno.EIO, errno.EPERM, errno.EINTR]
KINDS = (("audio", 111), ("video", 96))
Make = Callable[[FakeKernel], Sender]


@pytest.fixture(scope="module")
def own_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the compiled library, since a loaded one has one kernel for all who load it."""
    if not compiled().exists():
        if os.environ.get("CI"):
            pytest.fail("scripts/native.py has compiled nothing")
        pytest.skip("not compiled: scripts/native.py does")
    copy = tmp_path_factory.mktemp("native") / "sealing.so"
    shutil.copy(compiled(), copy)
    return copy


@pytest.fixture(scope="module")
def in_c(own_copy: Path) -> Make:
    return lambda kernel: NativeSender(_port(kernel), binding.load(own_copy, kernel))


@pytest.fixture(params=["python", "native"])
def make(request: pytest.FixtureRequest) -> Make:
    return in_python if request.param == "python" else request.getfixturevalue("in_c")


def in_python(kernel: FakeKernel) -> Sender:
    return PythonSender(_port(kernel))


def _port(kernel: FakeKernel) -> UdpPort:
    return UdpPort(kernel.python_socket(), segments=True)


def viewer(number: int, profile: bytes = GCM, kinds: tuple[tuple[str, int], ...] = KINDS) -> Subscription:
    """Always the same keys for the same number."""
    master = bytes((number * 31 + at) & 0xFF for at in range(28 if profile == GCM else 30))
    address = f"192.0.2.{number % 250}", 1024 + number
    peer = SimpleNamespace(ice=SimpleNamespace(nominated=address), sealer=sealer(Keys(profile, master, master)))
    peer.keys = Keys(profile, master, master)
    return Subscription(peer, kinds)


def picture(index: int, *sizes: int) -> list[tuple[Track, Forwarded]]:
    return [
        (VIDEO, Forwarded(index + n, 3000 * index, n + 1 == len(sizes), os.urandom(size), keyframe=True))
        for n, size in enumerate(sizes)
    ]


def sound(index: int, size: int = 80) -> list[tuple[Track, Forwarded]]:
    return [(AUDIO, Forwarded(index, 960 * index, True, os.urandom(size), keyframe=False))]


def egress(sender: Sender, *viewers: Subscription) -> Egress:
    made = Egress(sender, lambda _subscription, _kind: None)
    for one in viewers:
        made.add(one)
    return made


def flowing(sender: Sender, kernel: FakeKernel, *viewers: Subscription) -> Egress:
    """Viewers for whom everything has begun: from now on they are served together."""
    made = egress(sender, *viewers)
    outcomes, kernel.outcomes = kernel.outcomes, []
    made.send_to_all(picture(999, 9) + sound(999), in_order=True)
    kernel.outcomes = outcomes
    kernel.delivered.clear()
    sender.port.counters.sends = sender.port.counters.sent = 0
    return made


def test_what_is_sent_is_what_the_viewer_can_open(make: Make) -> None:
    kernel, watching = FakeKernel(), viewer(1)
    gathered = picture(1000, 500, 500, 20) + sound(1000)
    egress(make(kernel), watching).send_to_all(gathered, in_order=True)
    opened = [opener(watching.peer.keys).open_rtp(datagram) for _, datagram in kernel.delivered]
    assert [part and part[1] for part in opened] == [packet.payload for _, packet in gathered]


@pytest.mark.parametrize("refusal", [errno.EMSGSIZE, errno.EINVAL, errno.EIO])
def test_packets_that_cannot_be_sent_at_once_are_sent_one_by_one(make: Make, refusal: int) -> None:
    kernel = FakeKernel([refusal])
    sender = make(kernel)
    flowing(sender, kernel, viewer(1)).send_to_all(picture(1000, 50, 50, 20), in_order=True)
    assert [len(datagram) - 12 - 16 for _, datagram in kernel.delivered] == [50, 50, 20]
    counters = sender.port.counters
    assert (counters.sent, counters.dropped, counters.sends) == (3, 0, 4)
    assert sender.port.segments is (refusal != errno.EIO)


@pytest.mark.parametrize("refusal", [errno.EAGAIN, errno.ENOBUFS, errno.EPERM])
def test_what_the_kernel_has_no_room_for_is_dropped_and_the_next_viewer_gets_all(make: Make, refusal: int) -> None:
    kernel = FakeKernel([0, refusal])
    sender = make(kernel)
    flowing(sender, kernel, *map(viewer, range(3))).send_to_all(picture(1000, 50, 50), in_order=True)
    assert [port for (_, port), _ in kernel.delivered] == [1024, 1024, 1026, 1026]
    assert (sender.port.counters.sent, sender.port.counters.dropped) == (4, 2)


def test_who_waits_for_a_picture_shares_the_sound_with_all_who_wait(in_c: Make) -> None:
    kernel = FakeKernel()
    sender, served = in_c(kernel), list[int]()
    everybody = egress(sender, *map(viewer, range(5)))
    everybody.send_to_all(sound(1000), in_order=True)
    send = sender.send
    sender.send = lambda viewers, runs: (served.append(len(viewers)), send(viewers, runs))
    delta = [(VIDEO, Forwarded(1000, 0, True, bytes(50), keyframe=False))]
    everybody.send_to_all(delta + sound(1001), in_order=True)
    assert served == [5]
    assert everybody.waits_for_picture
    kernel.delivered.clear()
    everybody.send_to_all(picture(1001, 50, 50) + sound(1002), in_order=True)
    assert len(kernel.delivered) == 5 * 3
    assert not everybody.waits_for_picture
    everybody.send_to_all(picture(1003, 50), in_order=True)
    assert served[-1] == 5
    everybody.discard(next(iter(everybody)))
    assert len(everybody) == 4


def test_a_viewer_to_whom_a_keyframe_is_replayed_leaves_no_trace(make: Make) -> None:
    kernel, one = FakeKernel(), viewer(1)
    everybody = egress(make(kernel), one)
    everybody.send(one, picture(1000, 50))
    assert not everybody.waits_for_picture
    everybody.discard(one)
    assert len(everybody) == 0


def test_a_viewer_without_keys_or_address_is_passed_over(make: Make) -> None:
    kernel, gone, lost, there = FakeKernel(), viewer(1), viewer(2), viewer(3)
    everybody = flowing(make(kernel), kernel, gone, lost, there)
    gone.peer.sealer = None
    lost.peer.ice.nominated = None
    everybody.send_to_all(picture(1000, 50), in_order=True)
    assert [port for (_, port), _ in kernel.delivered] == [1027]


def test_a_viewer_who_moves_gets_the_next_packet_at_the_new_address(make: Make) -> None:
    kernel, moving = FakeKernel(), viewer(1)
    everybody = flowing(make(kernel), kernel, moving)
    for index, port in ((1000, 2000), (1001, 3000), (1002, 2000)):
        moving.peer.ice.nominated = "192.0.2.9", port
        everybody.send_to_all(picture(index, 50), in_order=True)
    assert [address for address, _ in kernel.delivered] == [("192.0.2.9", port) for port in (2000, 3000, 2000)]


def test_nothing_is_sent_through_a_closed_port(make: Make) -> None:
    kernel = FakeKernel()
    sender = make(kernel)
    everybody = flowing(sender, kernel, viewer(1), viewer(2))
    everybody.send_to_all(picture(1000, 50), in_order=True)
    kernel.closed = True
    everybody.send_to_all(picture(1001, 50, 50), in_order=True)
    assert len(kernel.delivered) == 2
    assert (sender.port.counters.sent, sender.port.counters.dropped) == (2, 4)


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[str, object]]:
    """Viewers come, go and move, packets of all sizes pass the wraps of numbers, and the kernel refuses what it likes.

    Compiled code serves viewers without GCM last, and so refusals would meet others: there are either the ones or the
    others.
    """
    number, mixed = st.integers, draw(st.booleans())
    index = draw(st.sampled_from([1000, 65_350, 65_530, (1 << 32) - 3]))
    profiles = [GCM, CM_SHA1] if mixed else [GCM]
    crowd = draw(st.lists(st.tuples(number(0, 40), st.sampled_from(profiles), st.just(KINDS)), max_size=25))
    steps: list[tuple[str, object]] = [("join", who) for who in crowd]
    steps.append(("frame", (picture(index, 10) + sound(index), True)))
    index += 1
    for _ in range(draw(number(1, 12))):
        match draw(st.sampled_from(["join", "join", "leave", "move", "frame", "frame", "frame", "again", "refuse"])):
            case "join":
                profile = draw(st.sampled_from(profiles))
                steps.append(("join", (draw(number(0, 40)), profile, draw(st.sampled_from([KINDS, KINDS[:1]])))))
            case "frame":
                even = st.lists(st.just(300), min_size=1, max_size=40)
                sizes = draw(st.one_of(even, st.lists(number(0, 1300), max_size=4)))
                gathered = picture(index, *sizes) + (sound(index, draw(number(0, 200))) if draw(st.booleans()) else [])
                index += max(len(sizes), 1)
                steps.append(("frame", (gathered, draw(st.booleans()))))
            case "refuse" if not mixed:
                steps.append(("refuse", draw(st.lists(st.sampled_from([0, 0, *REFUSALS]), max_size=30))))
            case other:
                steps.append((other, draw(number(0, 40))))
    return [step for step in steps if step[0] != "refuse" or not mixed]


def play(story: list[tuple[str, object]], make: Make, at_most: int) -> tuple[object, ...]:
    """All that went out, and what was counted."""
    kernel = FakeKernel(at_most=at_most)
    sender = make(kernel)
    everybody, there, last = egress(sender), list[Subscription](), list[tuple[Track, Forwarded]]()
    for what, how in story:
        if what == "join":
            there.append(viewer(*how))
            everybody.add(there[-1])
        elif what == "frame":
            last, in_order = how
            everybody.send_to_all(last, in_order=in_order)
        elif what == "refuse":
            kernel.outcomes += how
        elif there:
            chosen = there[how % len(there)]
            if what == "leave":
                there.remove(chosen)
                everybody.discard(chosen)
            elif what == "move":
                chosen.peer.ice.nominated = "198.51.100.1", 40_000 + how
            else:
                everybody.send(chosen, last)
    counters = sender.port.counters
    return kernel.delivered, counters.sent, counters.dropped, counters.sends, sender.port.segments


@settings(max_examples=200, deadline=None)
@given(story=stories(), at_most=st.sampled_from([1, 3, 1000]))
def test_both_tell_every_story_alike(in_c: Make, story: list[tuple[str, object]], at_most: int) -> None:
    by_python, by_c = play(story, in_python, at_most), play(story, in_c, at_most)
    assert sorted(by_c[0]) == sorted(by_python[0])
    assert by_c[1:] == by_python[1:]


def test_a_packet_that_one_cipher_cannot_take_reaches_those_with_another(make: Make) -> None:
    kernel = FakeKernel()
    sender = make(kernel)
    flowing(sender, kernel, viewer(1, CM_SHA1), viewer(2)).send_to_all(picture(1000, 1400, 1400), in_order=True)
    assert [port for (_, port), _ in kernel.delivered] == [1026, 1026]
    assert (sender.port.counters.sent, sender.port.counters.dropped, sender.port.counters.sends) == (2, 2, 1)


def test_thousands_of_viewers_get_the_same_from_both(in_c: Make) -> None:
    frame = picture(1000, *[1100] * 4) + sound(1000)
    told = []
    for make in (in_python, in_c):
        kernel = FakeKernel()
        flowing(make(kernel), kernel, *map(viewer, range(2000))).send_to_all(frame, in_order=True)
        told.append(kernel.delivered)
    assert told[0] == told[1]
    assert len(told[1]) == 10_000


def test_a_cipher_is_freed_with_its_viewer(own_copy: Path) -> None:
    loaded = binding.load(own_copy, FakeKernel())
    freed: list[int] = []
    context = loaded.context(bytes(16), bytes(12))
    assert context is not None
    free, context._free = context._free, freed.append
    handle = context.handle
    del context
    gc.collect()
    assert freed == [handle]
    free(handle)


NUMBER = st.one_of(st.integers(0, 3), st.integers(0, 70), st.integers(0, 2000), st.integers(0, 2**32 - 1))
SIZED = st.tuples(NUMBER, NUMBER, NUMBER)
ONE_PACKET_EACH = st.integers(0, 5).flatmap(lambda at: st.tuples(st.just(at), st.just(1), st.integers(28, 3000)))
SMALL = st.tuples(st.integers(0, 300), st.integers(10, 40), st.integers(0, 300))


@pytest.fixture(scope="module")
def alone(own_copy: Path) -> tuple[Library, FakeKernel]:
    """A library that no other test gives another kernel."""
    kernel, mine = FakeKernel(), own_copy.with_name("alone.so")
    shutil.copy(own_copy, mine)
    return binding.load(mine, kernel), kernel


@settings(max_examples=500, deadline=None)
@given(
    text=st.integers(0, 3000).map(bytes),
    packets=st.lists(st.one_of(SMALL, SMALL, SIZED), max_size=6),
    runs=st.lists(st.one_of(ONE_PACKET_EACH, ONE_PACKET_EACH, SIZED), max_size=4),
)
def test_numbers_out_of_bounds_are_refused_and_send_nothing(
    alone: tuple[Library, FakeKernel],
    text: bytes,
    packets: list[tuple[int, int, int]],
    runs: list[tuple[int, int, int]],
) -> None:
    loaded, kernel = alone
    kernel.delivered.clear()
    context = loaded.context(bytes(16), bytes(12))
    assert context is not None
    viewers = [binding.viewer(context, bytes(4), 9)]
    sound_packets = all(12 <= h <= 65507 and p <= 65507 and at + h + p <= len(text) for at, h, p in packets)
    sizes = [h + p + 16 for _, h, p in packets]
    sound_runs = all(
        1 <= count <= 64
        and first + count <= len(packets)
        and all(size == segment for size in sizes[first : first + count - 1])
        and sizes[first + count - 1] <= segment
        for first, count, segment in runs
    )
    given_packets = [binding.packet(*sizes_of, 0) for sizes_of in packets]
    try:
        sends, sent, dropped, _ = loaded.send(9, viewers, given_packets, text, [binding.run(*one) for one in runs])
    except ValueError:
        assert not (sound_packets and sound_runs)
        assert kernel.delivered == []
    else:
        assert sound_packets
        assert sound_runs
        assert (sends, sent, dropped) == (len(runs), sum(count for _, count, _ in runs), 0)


@pytest.fixture
def real_port() -> Iterator[UdpPort]:
    port = UdpPort.bind("127.0.0.1", 0)
    yield port
    port.sock.close()


def test_the_real_kernel_delivers_the_same_from_both(own_copy: Path, real_port: UdpPort) -> None:
    del own_copy  # skipped without it
    frame = picture(1000, 1100, 1100, 1100, 37) + sound(1000)
    told = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink:
        sink.bind(("127.0.0.1", 0))
        sink.settimeout(10)
        for sender in (PythonSender(real_port), choose_sender(real_port, native=True)):
            watching = viewer(5)
            watching.peer.ice.nominated = sink.getsockname()
            egress(sender, watching).send_to_all(frame, in_order=True)
            told.append([sink.recv(2000) for _ in frame])
    assert told[0] == told[1]


def test_without_a_usable_library_packets_are_sealed_in_python(
    real_port: UdpPort, own_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert choose_sender(real_port, native=True).native
    assert not choose_sender(real_port, native=False).native
    damaged = tmp_path / "damaged.so"
    damaged.write_bytes(b"no library")
    for path in (tmp_path / "absent.so", damaged):
        monkeypatch.setattr(binding, "compiled", lambda path=path: path)
        assert not choose_sender(real_port, native=True).native


def test_a_library_that_seals_otherwise_is_not_used(
    own_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "mine.so"
    shutil.copy(own_copy, mine)
    seal = Library.seal
    monkeypatch.setattr(Library, "seal", lambda *given: seal(*given)[:-1] + b"\0")
    with pytest.raises(Unavailable, match="does not seal"):
        binding.load(mine)


def test_a_cipher_that_is_not_to_be_had_is_told(
    own_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "mine.so"
    shutil.copy(own_copy, mine)
    monkeypatch.setattr(binding, "_CIPHER", ("EVP_of_another_library", *binding._CIPHER[1:]))
    with pytest.raises(Unavailable):
        binding.load(mine)
