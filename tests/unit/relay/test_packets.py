from aiortc import rtp as independent

from liveroom.relay import rtcp, rtp
from liveroom.relay.keyframes import begins_keyframe
from liveroom.relay.reception import NACK_TRIES, Reception


def test_feedback_of_an_independent_stack_is_read() -> None:
    nack = independent.RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=9, lost=[10, 12, 26, 40])
    pli = independent.RtcpPsfbPacket(fmt=1, ssrc=1, media_ssrc=9)
    assert list(rtcp.read(bytes(nack) + bytes(pli))) == [
        rtcp.Feedback(9, lost=(10, 12, 26, 40)),
        rtcp.Feedback(9, keyframe=True),
    ]


def test_an_independent_stack_reads_what_we_write() -> None:
    block = rtcp.ReportBlock(9, 12, 34, 70000, 5, 77, 88)
    compound = rtcp.write_receiver_report(1, [block]) + rtcp.write_nack(1, 9, [65534, 65535, 65536, 70000])
    compound += rtcp.write_keyframe_request(1, 9) + rtcp.write_sender_report(9, 1 << 40, 5, 6, 7, b"liveroom")
    compound += rtcp.write_bitrate_limit(1, 2_500_000, [9])
    report, nack, pli, sender, names, remb = independent.RtcpPacket.parse(compound)
    assert report.reports[0].highest_sequence == 70000
    assert report.reports[0].packets_lost == 34
    assert [number & 0xFFFF for number in nack.lost] == [65534, 65535, 0, 70000 & 0xFFFF]
    assert (pli.fmt, pli.media_ssrc) == (1, 9)
    assert (sender.sender_info.ntp_timestamp, sender.sender_info.packet_count) == (1 << 40, 6)
    assert names.chunks[0].items == [(1, b"liveroom")]
    bitrate, ssrcs = independent.unpack_remb_fci(remb.fci)
    assert ssrcs == [9]
    assert abs(bitrate - 2_500_000) < 20_000


def test_headers_of_an_independent_stack_are_measured_and_ours_are_read() -> None:
    extensions = independent.HeaderExtensionsMap()
    packet = independent.RtpPacket(payload_type=96, marker=1, sequence_number=5, timestamp=6, ssrc=7, payload=b"abc")
    packet.csrc = [1, 2]
    packet.padding_size = 4
    raw = packet.serialize(extensions)
    size = rtp.header_size(raw)
    assert size == 20
    assert rtp.parse(raw[:size], raw[size:]) == rtp.RtpPacket(96, True, 5, 6, 7, b"abc")
    again = independent.RtpPacket.parse(rtp.write_header(96, True, 70001, 6, 7) + b"abc", extensions)
    assert (again.sequence_number, again.marker, again.payload) == (70001 & 0xFFFF, 1, b"abc")


def test_keyframes_are_known_by_codec() -> None:
    assert begins_keyframe("h264", b"\x67\x42")
    assert begins_keyframe("h264", b"\x7c\x85")  # FU-A, start of an IDR slice
    assert not begins_keyframe("h264", b"\x7c\x05")  # its middle
    assert begins_keyframe("h264", b"\x78\x00\x02\x67\x42\x00\x02\x68\xce")  # STAP-A with a parameter set
    assert not begins_keyframe("h264", b"\x41\x9a")
    assert begins_keyframe("vp8", b"\x10\x00")
    assert begins_keyframe("vp8", b"\x90\x80\x81\x23\x00")  # with a picture number of two bytes
    assert not begins_keyframe("vp8", b"\x10\x01")
    assert not begins_keyframe("vp8", b"\x00\x00")


def test_gaps_are_asked_for_after_a_moment_and_given_up_after_some_tries() -> None:
    reception = Reception(9, 90000)
    for number in (65534, 65535, 2):
        reception.note(number, 0, 0.0)
    assert reception.misses
    assert reception.to_ask_for(0.01) == ([], False)
    assert [index & 0xFFFF for index in reception.to_ask_for(0.05)[0]] == [0, 1]
    assert reception.to_ask_for(0.06) == ([], False)
    reception.note(0, 0, 0.1)
    answers = [reception.to_ask_for(0.2 + tenth / 5) for tenth in range(20)]
    assert 1 + sum(bool(wanted) for wanted, _ in answers) == NACK_TRIES
    assert [in_vain for _, in_vain in answers].count(True) == 1, "given up, and told once"
    assert not reception.misses


def test_a_packet_is_asked_for_once_more_after_a_round_trip_and_a_half() -> None:
    reception = Reception(9, 90000)
    for number in (1, 3):
        reception.note(number, 0, 0.0)
    assert reception.to_ask_for(0.02)[0]
    reception.note(2, 0, 0.06)  # 40 ms later
    reception.note(5, 0, 1.0)
    assert reception.to_ask_for(1.02)[0]
    assert reception.to_ask_for(1.07) == ([], False)
    assert reception.to_ask_for(1.081)[0]


def test_a_jump_is_no_loss_to_ask_for_but_the_picture_is_broken() -> None:
    reception = Reception(9, 90000)
    for number in (1, 5000):
        reception.note(number, 0, 0.0)
    assert reception.misses
    assert reception.to_ask_for(0.1) == ([], True)
    assert not reception.misses


def test_reports_begin_in_the_first_cycle_and_know_the_jitter() -> None:
    steady, shaky = Reception(9, 90000), Reception(9, 90000)
    for number in range(65_530, 65_640):
        at = number / 30
        timestamp = (number * 3000 - 1) & 0xFFFFFFFF
        steady.note(number & 0xFFFF, timestamp, at)
        shaky.note(number & 0xFFFF, timestamp, at + number % 2 * 0.010)
    assert steady.block(1e4).highest == 65_639, "one wrap is one cycle (RFC 3550, section 6.4.1)"
    assert steady.block(1e4).jitter == 0
    assert 700 < shaky.block(1e4).jitter <= 900, "10 ms are 900 units"


def test_losses_are_reported() -> None:
    reception = Reception(9, 90000)
    for number in range(100):
        if number % 4:
            reception.note(number, 0, 0.0)
    block = reception.block(1.0)
    assert block.lost == 24
    assert 55 < block.fraction_lost < 65
    assert reception.block(2.0).fraction_lost == 0
