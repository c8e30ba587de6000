import pytest
from aiortc import sdp as independent

from liveroom.errors import Refused
from liveroom.signaling import sdp
from liveroom.signaling.resource import is_restart
from liveroom.signaling.sdpfrag import Fragment, parse_fragment

FINGERPRINT = ":".join(["AB"] * 32)
HEAD = f"""v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
a=fingerprint:sha-256 {FINGERPRINT}
a=setup:actpass
"""
AUDIO = """m=audio 9 UDP/TLS/RTP/SAVPF 111 63
c=IN IP4 0.0.0.0
a=mid:0
a=sendonly
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=fmtp:111 minptime=10;useinbandfec=1
"""
VIDEO = """m=video 9 UDP/TLS/RTP/SAVPF 96 102 106 108
c=IN IP4 0.0.0.0
a=mid:1
a=sendonly
a=rtcp-mux
a=rtpmap:96 VP8/90000
a=rtpmap:102 H264/90000
a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f
a=rtpmap:106 H264/90000
a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64001f
a=rtpmap:108 H264/90000
a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
a=rtcp-fb:* nack
a=rtcp-fb:* nack pli
a=rtcp-fb:108 transport-cc
"""
OFFER = HEAD + AUDIO + VIDEO
LOCAL = sdp.Local("ours", "secretsecretsecretsecret", FINGERPRINT, ("192.0.2.1",), 8081)


def test_an_offer_is_read_as_far_as_it_is_used() -> None:
    offer = sdp.parse_offer(OFFER)
    assert (offer.ufrag, offer.setup) == ("abcd", "actpass")
    assert [(s.kind, s.mid, s.direction) for s in offer.sections] == [
        ("audio", "0", "sendonly"),
        ("video", "1", "sendonly"),
    ]
    assert offer.fingerprints == (("sha-256", FINGERPRINT),)


def test_constrained_baseline_in_mode_one_is_preferred_and_vp8_is_taken_when_it_is_all() -> None:
    video = sdp.parse_offer(OFFER).sections[1]
    assert sdp.choose_published(video).payload_type == 108
    only = OFFER.replace("96 102 106 108", "96")
    assert sdp.choose_published(sdp.parse_offer(only).sections[1]).name == "vp8"


def test_a_viewer_without_the_published_codec_is_told() -> None:
    video = sdp.parse_offer(OFFER.replace("96 102 106 108", "96")).sections[1]
    published = sdp.Codec(108, "h264", 90000, 1, (("packetization-mode", "1"),))
    with pytest.raises(Refused, match="no_common_codec"):
        sdp.choose_watched(video, published)


def test_the_answer_has_what_the_duties_ask_for() -> None:
    offer = sdp.parse_offer(OFFER)
    answer = sdp.write_publish_answer(offer, [sdp.choose_published(s) for s in offer.sections], LOCAL)
    for line in ("a=ice-lite", "a=group:BUNDLE 0 1", "a=rtcp-mux", "a=rtcp-mux-only", "a=recvonly", "a=setup:passive"):
        assert line in answer
    assert answer.count("a=candidate:") == 2
    assert answer.endswith("\r\n")
    again = sdp.parse_offer(answer)
    assert [s.direction for s in again.sections] == ["recvonly", "recvonly"]


def test_a_passive_client_is_called_by_us() -> None:
    assert sdp.answer_setup(sdp.parse_offer(OFFER.replace("actpass", "passive"))) == "active"


def answer_to_ours(setup: str = "active") -> str:
    published = {kind: sdp.choose_published(s) for s in sdp.parse_offer(OFFER).sections for kind in [s.kind]}
    offer = sdp.write_watch_offer({kind: sdp.Outgoing(7, codec) for kind, codec in published.items()}, LOCAL)
    return offer.replace("a=sendonly", "a=recvonly").replace("a=setup:passive", f"a=setup:{setup}")


def test_an_offer_of_ours_is_one_that_others_can_read() -> None:
    foreign = independent.SessionDescription.parse(answer_to_ours().replace("a=recvonly", "a=sendonly"))
    assert foreign.group[0].items == ["audio", "video"]
    assert [(m.kind, m.direction, m.rtcp_mux) for m in foreign.media] == [
        ("audio", "sendonly", True),
        ("video", "sendonly", True),
    ]
    assert all(m.ice.iceLite and m.ice_candidates and m.msid.startswith("liveroom ") for m in foreign.media)


def test_an_answer_may_decline_the_picture() -> None:
    text = answer_to_ours().replace("m=video 8081", "m=video 0").replace("BUNDLE audio video", "BUNDLE audio")
    answer = sdp.parse_answer(text)
    assert [(s.kind, s.mid, s.direction) for s in answer.sections] == [("audio", "audio", "recvonly")]
    assert sdp.answer_setup(answer) == "passive"
    assert sdp.answer_setup(sdp.parse_answer(answer_to_ours("passive"))) == "active"


def test_an_answer_that_decides_nothing_or_declines_all_is_refused() -> None:
    for text in (answer_to_ours("actpass"), answer_to_ours().replace(" 8081 ", " 0 "), "v=0"):
        with pytest.raises(Refused, match="bad_sdp"):
            sdp.parse_answer(text)


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("v=0", "v=1", "bad_sdp"),
        ("a=ice-pwd:0123456789012345678901", "a=ice-pwd:short", "bad_sdp"),
        (FINGERPRINT, "AB:CD", "bad_sdp"),
        (FINGERPRINT, FINGERPRINT[:-3], "bad_sdp"),
        ("a=setup:actpass", "a=setup:sideways", "bad_sdp"),
        ("UDP/TLS/RTP/SAVPF 111", "RTP/AVP 111", "bad_sdp"),
        ("a=mid:1", "a=mid:0", "bad_sdp"),
        ("111 opus", "72 opus", "bad_sdp"),
        ("a=rtcp-mux\na=rtpmap:96", "a=rtpmap:96", "unsupported_sdp"),
        ("a=group:BUNDLE 0 1", "a=group:BUNDLE 0", "unsupported_sdp"),
        ("m=video", "m=audio", "unsupported_sdp"),
        ("m=video", "m=text", "unsupported_sdp"),
    ],
)
def test_what_cannot_be_used_is_refused(before: str, after: str, code: str) -> None:
    assert before in OFFER
    with pytest.raises(Refused, match=code):
        sdp.parse_offer(
            OFFER.replace(before, after).replace("m=audio 9 UDP/TLS/RTP/SAVPF 72", "m=audio 9 UDP/TLS/RTP/SAVPF 72")
        )


def test_an_oversized_offer_is_refused() -> None:
    with pytest.raises(Refused, match="bad_sdp"):
        sdp.parse_offer(OFFER + "a=x:" + "y" * sdp.OFFER_LIMIT)


def test_a_restart_names_other_credentials_both_of_them() -> None:
    both, name_only = Fragment("new1", "0123456789012345678901", 0), Fragment("new1", "", 0)
    assert is_restart(both, "old1")
    assert not is_restart(both, "new1")
    assert not is_restart(name_only, "new1")
    assert not is_restart(Fragment("", "", 3), "old1")
    with pytest.raises(Refused, match="bad_sdpfrag"):
        is_restart(name_only, "old1")


def test_fragments_say_what_they_want() -> None:
    assert parse_fragment("a=ice-ufrag:new1\r\na=ice-pwd:0123456789012345678901\r\n").ufrag == "new1"
    assert parse_fragment("a=mid:0\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\n").candidates == 1
    with pytest.raises(Refused, match="unsupported_patch"):
        parse_fragment("a=mid:0\n")
    with pytest.raises(Refused, match="bad_sdpfrag"):
        parse_fragment("hello")


def feedback(answer: str) -> list[str]:
    return [line for line in answer.split("\r\n") if line.startswith("a=rtcp-fb:")]


def test_an_answer_names_only_feedback_that_was_offered_and_is_known() -> None:
    def answered(text: str) -> list[str]:
        offer = sdp.parse_offer(text)
        chosen = [sdp.choose_published(section) for section in offer.sections]
        watched = [sdp.Outgoing(7, codec) for codec in chosen]
        written = feedback(sdp.write_publish_answer(offer, chosen, LOCAL))
        assert feedback(sdp.write_watch_answer(offer, watched, LOCAL)) == written
        return written

    assert answered(OFFER) == ["a=rtcp-fb:108 nack", "a=rtcp-fb:108 nack pli"]
    assert answered("".join(line for line in OFFER.splitlines(True) if "rtcp-fb" not in line)) == []
    assert answered(OFFER.replace("rtcp-fb:* nack pli", "rtcp-fb:96 nack pli")) == ["a=rtcp-fb:108 nack"]
    assert answered(OFFER.replace("a=mid:0", "a=rtcp-fb:111 nack\na=mid:0"))[0] == "a=rtcp-fb:111 nack"


def test_an_offer_of_ours_names_all_the_feedback_that_we_know() -> None:
    codec = sdp.choose_published(sdp.parse_offer(OFFER).sections[1])
    offered = sdp.write_watch_offer({"video": sdp.Outgoing(7, codec)}, LOCAL)
    assert len(feedback(offered)) == len(sdp.FEEDBACK["video"])


def test_a_direction_of_the_session_holds_where_an_m_section_names_none() -> None:
    silent = OFFER.replace("a=sendonly\n", "")
    assert [s.direction for s in sdp.parse_offer(silent).sections] == ["sendrecv", "sendrecv"]
    offer = sdp.parse_offer(silent.replace("a=setup", "a=recvonly\na=setup"))
    assert [s.direction for s in offer.sections] == ["recvonly", "recvonly"]
    mixed = sdp.parse_offer(OFFER.replace("a=setup", "a=recvonly\na=setup"))
    assert [s.direction for s in mixed.sections] == ["sendonly", "sendonly"]


def test_an_m_section_without_a_port_is_refused_unless_it_is_bundled() -> None:
    closed = OFFER.replace("m=video 9", "m=video 0")
    with pytest.raises(Refused, match="unsupported_sdp"):
        sdp.parse_offer(closed)
    assert sdp.parse_offer(closed.replace("a=mid:1", "a=bundle-only\na=mid:1")).section("video")
