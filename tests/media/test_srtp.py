"""Sealing and opening, against libsrtp as an independent implementation."""

from __future__ import annotations

import os
import tracemalloc

import pylibsrtp
import pytest

from liveroom.media import srtp
from liveroom.relay import rtcp
from liveroom.relay.rtp import write_header

GCM = pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM
CM = pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80
RTCP = bytes.fromhex("80c90001") + (77).to_bytes(4)


def session(profile: int, key: bytes, direction: int) -> pylibsrtp.Session:
    return pylibsrtp.Session(pylibsrtp.Policy(key=key, ssrc_type=direction, srtp_profile=profile))


def keys(profile: bytes) -> srtp.Keys:
    material = os.urandom(srtp.material_size(profile))
    return srtp.split_material(profile, material, server=True)


@pytest.mark.parametrize(("name", "profile"), [(srtp.GCM, GCM), (srtp.CM_SHA1, CM)])
def test_what_we_seal_libsrtp_opens_over_a_wrap_of_the_number(name: bytes, profile: int) -> None:
    own = keys(name)
    sealer, other = srtp.sealer(own), session(profile, own.ours, pylibsrtp.Policy.SSRC_ANY_INBOUND)
    for index in (65534, 65535, 65536, 65540):
        header = write_header(96, True, index, index * 3000, 77)
        assert bytes(other.unprotect(srtp.seal_packet(sealer, header, b"picture", index)))[12:] == b"picture"
    assert bytes(other.unprotect_rtcp(sealer.seal_rtcp(RTCP))) == RTCP


@pytest.mark.parametrize(("name", "profile"), [(srtp.GCM, GCM), (srtp.CM_SHA1, CM)])
def test_what_libsrtp_seals_we_open_once(name: bytes, profile: int) -> None:
    own = keys(name)
    opener, other = srtp.opener(own), session(profile, own.theirs, pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    for index in (65530, 65535, 65536, 65537):
        packet = bytes(other.protect(write_header(96, False, index, 5, 77) + b"sound"))
        opened = opener.open_rtp(packet)
        assert opened is not None
        assert opened[1] == b"sound"
        assert opener.open_rtp(packet) is None, "a replay was taken"
    sealed = bytes(other.protect_rtcp(RTCP))
    assert opener.open_rtcp(sealed) == RTCP
    assert opener.open_rtcp(sealed) is None


@pytest.mark.parametrize("name", [srtp.GCM, srtp.CM_SHA1])
def test_forged_and_damaged_packets_are_nothing(name: bytes) -> None:
    own = keys(name)
    opener = srtp.opener(own)
    other = session(GCM if name == srtp.GCM else CM, own.theirs, pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    packet = bytes(other.protect(write_header(96, False, 9, 5, 77) + b"sound"))
    for at in range(len(packet)):
        damaged = bytearray(packet)
        damaged[at] ^= 1
        assert opener.open_rtp(bytes(damaged)) is None
    for size in range(len(packet)):
        assert opener.open_rtp(packet[:size]) is None
        assert opener.open_rtcp(packet[:size]) is None
    assert opener.open_rtp(packet) is not None


@pytest.mark.parametrize("name", [srtp.GCM, srtp.CM_SHA1])
def test_a_report_numbered_far_ahead_costs_no_memory(name: bytes) -> None:
    """The number of an SRTCP packet has 31 bits of the sender's choice: a bit for each would be 256 MB."""
    own = keys(name)
    opener, peer = srtp.opener(own), srtp.sealer(srtp.Keys(name, own.theirs, own.ours))
    assert opener.open_rtcp(peer.seal_rtcp(RTCP)) == RTCP
    if isinstance(peer, srtp.GcmSealer):
        peer._rtcp_index = 0x7FFFFF00
    tracemalloc.start()
    try:
        sealed = [peer.seal_rtcp(RTCP) for _ in range(3)]
        assert [opener.open_rtcp(packet) for packet in reversed(sealed)] == [RTCP] * 3
        assert [opener.open_rtcp(packet) for packet in sealed] == [None] * 3
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100_000


@pytest.mark.parametrize(("name", "profile"), [(srtp.GCM, GCM), (srtp.CM_SHA1, CM)])
def test_a_peer_with_ever_new_streams_is_heard_in_a_few_of_them(name: bytes, profile: int) -> None:
    own = keys(name)
    opener, other = srtp.opener(own), session(profile, own.theirs, pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    taken = reports = 0
    for ssrc in range(1, 200):
        forged = write_header(96, False, 9, 5, 1000 + ssrc) + os.urandom(40)
        assert opener.open_rtp(forged) is None, "forged packets take no places"
        taken += opener.open_rtp(bytes(other.protect(write_header(96, False, 9, 5, ssrc) + b"sound"))) is not None
        report = bytes.fromhex("80c90001") + ssrc.to_bytes(4)
        reports += opener.open_rtcp(bytes(other.protect_rtcp(report))) is not None
    assert (taken, reports) == (srtp.SSRC_LIMIT, srtp.SSRC_LIMIT)
    packet = bytes(other.protect(write_header(96, False, 10, 5, 1) + b"sound"))
    assert opener.open_rtp(packet) is not None, "the first ones go on"


@pytest.mark.parametrize("profile", srtp.PROFILES)
def test_a_bare_report_is_known_without_its_key(profile: bytes) -> None:
    sealed = srtp.sealer(keys(profile)).seal_rtcp
    blocks = [rtcp.ReportBlock(1, 0, 0, 0, 0, 0, 0)]
    for count in (0, 1, 2):
        report = rtcp.write_receiver_report(7, blocks * count)
        assert rtcp.is_bare_report(sealed(report))
        assert not rtcp.is_bare_report(sealed(report + rtcp.write_keyframe_request(7, 1)))
        assert not rtcp.is_bare_report(sealed(report + rtcp.write_nack(7, 1, [5])))
    assert not rtcp.is_bare_report(sealed(rtcp.write_sender_report(7, 0, 0, 0, 0, b"a")))
