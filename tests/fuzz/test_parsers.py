"""Every parser of what strangers send: one defined outcome for each of many thousands of damaged samples.

`FUZZ_SEED` and `FUZZ_CASES` in the environment choose other cases; what fails says which one it was.
"""

from __future__ import annotations

import random
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveroom.errors import Refused
from liveroom.relay import rtcp, rtp
from liveroom.relay.keyframes import begins_keyframe
from liveroom.relay.reception import ASK_AT_ONCE, MISSING_LIMIT, Reception
from liveroom.relay.track import HISTORY_PACKETS, YOUNG_KEYFRAME, Forwarded, Track
from liveroom.signaling import sdp
from liveroom.signaling.ice import IceLite
from liveroom.signaling.sdpfrag import FRAGMENT_LIMIT, parse_fragment
from liveroom.signaling.stun import parse_binding_request
from tests.fuzz.mutations import SEED, damaged, damaged_text, run, samples, texts

FINGERPRINT = ":".join(["AB"] * 32)
LOCAL = sdp.Local("ours", "secretsecretsecretsecret", FINGERPRINT, ("192.0.2.1",), 8081)
OFFERS, FRAGMENTS = list(texts("offers").values()), list(texts("fragments").values())
CHECKS, PASSWORD = list(samples("stun").values()), "0123456789012345678901"
RTP, RTCP = list(samples("rtp").values()), list(samples("rtcp").values())
VP8, H264 = list(samples("vp8").values()), list(samples("h264").values())


def read_offer(text: str) -> str:
    """Refused, or an offer that can be answered: the answers are whole and carry nothing strange along."""
    try:
        offer = sdp.parse_offer(text)
    except Refused as refused:
        assert refused.code in {"bad_sdp", "unsupported_sdp"}
        return refused.code
    chosen = []
    for section in offer.sections:
        try:
            chosen.append(sdp.choose_published(section))
        except Refused as refused:
            assert refused.code == "no_common_codec"
            return refused.code
    outgoing = [
        sdp.Outgoing(7, sdp.choose_watched(section, codec))
        for section, codec in zip(offer.sections, chosen, strict=True)
    ]
    for answer in (
        sdp.write_publish_answer(offer, chosen, LOCAL),
        sdp.write_watch_answer(offer, outgoing, LOCAL),
        sdp.write_watch_answer(offer, [None] * len(outgoing), LOCAL),
    ):
        again = sdp.parse_offer(answer)
        assert [section.mid for section in again.sections] == [section.mid for section in offer.sections]
        assert all(line.isprintable() for line in answer.split("\r\n"))
        assert len(answer) < 2 * sdp.OFFER_LIMIT
    for codec in chosen:
        assert codec.clock_rate in {48000, 90000}
        assert 0 <= codec.channels <= 255
    return "read"


def read_answer(text: str) -> str:
    """Refused, or an answer to a counter-offer of ours that says who is active."""
    try:
        answer = sdp.parse_answer(text)
    except Refused as refused:
        assert refused.code in {"bad_sdp", "unsupported_sdp"}
        return refused.code
    assert answer.setup in {"active", "passive"}
    assert answer.sections
    return "read"


def read_fragment(text: str) -> str:
    try:
        fragment = parse_fragment(text)
    except Refused as refused:
        assert refused.code in {"bad_sdpfrag", "unsupported_patch"}
        return refused.code
    assert fragment.ufrag.isprintable()
    assert 0 <= fragment.candidates <= FRAGMENT_LIMIT
    return "read"


def test_offers_are_read_or_refused() -> None:
    found = run("offers", lambda chance: damaged_text(OFFERS, chance), read_offer)
    assert set(found) == {"read", "bad_sdp", "unsupported_sdp", "no_common_codec"}


def test_answers_are_read_or_refused() -> None:
    answers = [offer.replace("a=setup:actpass", "a=setup:active") for offer in OFFERS]
    found = run("answers", lambda chance: damaged_text(answers, chance), read_answer)
    assert set(found) == {"read", "bad_sdp", "unsupported_sdp"}


def test_fragments_are_read_or_refused() -> None:
    found = run("fragments", lambda chance: damaged_text(FRAGMENTS, chance), read_fragment)
    assert set(found) == {"read", "bad_sdpfrag", "unsupported_patch"}


def test_whole_offers_of_real_clients_are_read() -> None:
    found = {name: read_offer(offer) for name, offer in texts("offers").items()}
    assert {name for name, outcome in found.items() if outcome != "read"} == {"chromium-channel"}
    assert {name: read_fragment(fragment) for name, fragment in texts("fragments").items()} == dict.fromkeys(
        texts("fragments"), "read"
    )


LINES = sorted({line for offer in OFFERS for line in offer.split("\r\n")})


@given(
    st.lists(
        st.sampled_from(LINES) | st.text(st.characters(exclude_categories=()), max_size=40).map("a=".__add__),
        max_size=60,
    ),
    st.sampled_from(("\r\n", "\n", "\r", "\n\r\n")),
)
@settings(max_examples=1000, derandomize=True, deadline=None)
def test_lines_of_real_offers_in_any_order_are_read_or_refused(lines: list[str], end: str) -> None:
    text = end.join(["v=0", *lines])
    read_offer(text)
    read_answer(text)
    read_fragment(text)


@given(st.text(st.characters(exclude_categories=()), max_size=300))
@settings(max_examples=1000, derandomize=True, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    read_offer(text)
    read_answer(text)
    read_fragment(text)


def test_a_damaged_check_is_none_or_genuine_and_only_genuine_ones_are_answered() -> None:
    genuine = {request.signed for check in CHECKS if (request := parse_binding_request(check))}

    def read(datagram: bytes) -> str:
        request = parse_binding_request(datagram)
        if request is None:
            return "none"
        ice = IceLite("ours", PASSWORD, "theirs", heard_at=0.0)
        if ice.answer(request, ("198.51.100.9", 5000), 1.0) is None:
            assert (ice.nominated, ice.validated, ice.heard_at) == (None, [], 0.0)
            return "forged"
        assert request.signed in genuine, "a forged check was answered"
        return "answered"

    def check(chance: random.Random) -> bytes:
        """Every other one has a true length, or nearly all would end there."""
        datagram = damaged(CHECKS, chance)
        return (
            datagram[:2] + (len(datagram) - 20 & 0xFFFF).to_bytes(2) + datagram[4:] if chance.randrange(2) else datagram
        )

    found = run("checks", check, read)
    assert set(found) == {"none", "forged", "answered"}


def test_packets_are_parsed_or_none() -> None:
    def read(datagram: bytes) -> str:
        rtp.is_rtcp(datagram)
        size = rtp.header_size(datagram)
        if size is None:
            return "none"
        assert 12 <= size <= len(datagram)
        packet = rtp.parse(datagram[:size], datagram[size:])
        if packet is None:
            return "bad padding"
        assert datagram[size:].startswith(packet.payload)
        padding = datagram[-1] if datagram[0] & 0x20 else 0
        assert size + len(packet.payload) + padding == len(datagram)
        own = rtp.write_header(packet.payload_type, packet.marker, packet.sequence, packet.timestamp, packet.ssrc)
        assert rtp.parse(own, packet.payload) == packet
        return "read"

    found = run("packets", lambda chance: damaged(RTP, chance), read)
    assert set(found) == {"none", "bad padding", "read"}


def test_feedback_is_read_as_far_as_it_is_whole() -> None:
    def read(compound: bytes) -> str:
        parts = list(rtcp.read(compound))
        lost = [number for part in parts if isinstance(part, rtcp.Feedback) for number in part.lost]
        assert len(parts) <= len(compound) // 8
        assert len(lost) <= len(compound) // 4 * 17
        assert all(0 <= number <= 0xFFFF for number in lost)
        return f"{min(len(parts), 3)} parts"

    found = run("feedback", lambda chance: damaged(RTCP, chance), read)
    assert set(found) == {"0 parts", "1 parts", "2 parts", "3 parts"}


@pytest.mark.parametrize(("codec", "seeds"), [("vp8", VP8), ("h264", H264)])
def test_payloads_begin_a_picture_or_do_not(codec: str, seeds: list[bytes]) -> None:
    def read(payload: bytes) -> str:
        assert not begins_keyframe("opus", payload)
        return {True: "keyframe", False: "other"}[begins_keyframe(codec, payload)]

    found = run(codec, lambda chance: damaged(seeds, chance), read)
    assert set(found) == {"keyframe", "other"}


class Uplink:
    """A track and its reception under a publisher whose numbers jump, with a row of checks after each packet."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.now = 0.0
        self.begin()

    def begin(self) -> None:
        self.track = Track("video", "vp8", 90000, ssrc=7)
        self.reception = Reception(7, 90000)
        self.sequence = self.chance.randrange(0x10000)
        self.given: set[int] = set()
        self.pending: list[Forwarded] = []
        self.kept: dict[int, bytes] = {}

    def receive(self, datagram: bytes) -> str:
        size = rtp.header_size(datagram)
        packet = rtp.parse(datagram[:size], datagram[size:]) if size is not None else None
        if packet is None:
            return "no packet"
        jump = self.chance.choice((1, 1, 1, 1, 2, 17, 199, 201, 0x7FFF, 0x8000, -1, -2, -300, 0))
        self.sequence = (self.sequence + jump) & 0xFFFF
        self.now += self.chance.choice((0.0, 0.001, 0.03, 0.5, 90_000.0))
        index = self.reception.note(self.sequence, packet.timestamp, self.now)
        forwarded = self.track.forward(packet, index, self.now)
        if forwarded is not None:
            assert forwarded.index not in self.given, "two packets under one number"
            assert 0 <= forwarded.timestamp <= 0xFFFFFFFF
            self.given.add(forwarded.index)
            self.pending.append(forwarded.pad(len(forwarded.payload) + self.chance.randrange(9)))
        if self.chance.random() < 0.5:
            self.flush()
        self.check()
        return "forwarded" if forwarded is not None else "too late"

    def flush(self) -> None:
        for packet in self.pending:
            self.kept[packet.index] = packet.payload
            self.track.keep(packet)
        self.pending.clear()

    def check(self) -> None:
        wanted, _ = self.reception.to_ask_for(self.now)
        assert len(wanted) <= ASK_AT_ONCE
        assert len(rtcp.write_nack(1, 7, wanted)) <= 1200
        assert len(self.reception._missing) <= MISSING_LIMIT
        if self.chance.random() < 0.1:
            report = rtcp.SenderReport(7, self.chance.getrandbits(64), self.chance.getrandbits(32))
            self.reception.note_report(report, self.now)
            mapped = self.track.map_report(report)
            assert mapped is None or 0 <= mapped[1] <= 0xFFFFFFFF
        assert len(rtcp.write_receiver_report(1, [self.reception.block(self.now)])) == 32
        assert len(self.track._history) < 2 * HISTORY_PACKETS
        assert len(self.track._promised) == len(self.pending)
        assert len(self.track.since_keyframe()) <= YOUNG_KEYFRAME
        again = self.track.again(self.chance.randrange(0x10000))
        assert again is None or self.kept[again.index] == again.payload
        assert again is None or again.index > self.track.last_index - HISTORY_PACKETS
        if self.chance.random() < 0.01:
            self.track.begin()
        if len(self.kept) > 3000:
            self.begin()


def test_a_publisher_whose_numbers_jump_is_followed_in_bounded_memory_and_no_number_is_used_twice() -> None:
    chance = random.Random(SEED)
    uplink = Uplink(chance)
    found = run("uplink", lambda chance: damaged(RTP, chance), uplink.receive)
    assert set(found) == {"no packet", "forwarded", "too late"}


@given(st.binary(max_size=2048))
@settings(max_examples=2000, derandomize=True, deadline=None)
def test_any_datagram_has_one_outcome_in_every_reader(datagram: bytes) -> None:
    parse_binding_request(datagram)
    list(rtcp.read(datagram))
    size = rtp.header_size(datagram)
    if size is not None:
        rtp.parse(datagram[:size], datagram[size:])
    for codec in ("vp8", "h264", "opus"):
        begins_keyframe(codec, datagram)


LARGEST = {
    "one line": "v=0\r\na=" + "x" * (sdp.OFFER_LIMIT - 20),
    "short lines": "v=0\r\n" + "a=\r\n" * (sdp.OFFER_LIMIT // 4 - 10),
    "parameters": OFFERS[0].replace("a=mid:0", "a=mid:0\r\na=fmtp:96 " + "a=b;" * 2500),
    "fingerprint": OFFERS[0].replace("a=fingerprint:sha-256 ", "a=fingerprint:sha-256 " + "AB:" * 3000),
    "sections": "v=0\r\n" + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" * 480,
    "digits": OFFERS[0].replace("/90000", "/" + "9" * 4000, 1),
}


@pytest.mark.parametrize("name", LARGEST)
def test_the_largest_texts_cost_little_memory(name: str) -> None:
    text = LARGEST[name]
    assert len(text) > 8000 or name == "digits"
    tracemalloc.start()
    try:
        read_offer(text)
        read_fragment(text)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4_000_000
