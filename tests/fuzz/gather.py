"""Writes the seeds anew: what Chromium, aiortc and aioice say today. Offers of other clients were written down once.

python -m tests.fuzz.gather
"""

from __future__ import annotations

import asyncio
import fractions
from collections.abc import Iterable
from pathlib import Path

import av
from aioice import stun
from aiortc import RTCPeerConnection
from aiortc import rtp as independent
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder

from liveroom.relay import rtcp, rtp
from liveroom.signaling.stun import binding_request, binding_success
from tests.support.browser import chromium

SEEDS = Path(__file__).parent / "seeds"
PASSWORD = b"0123456789012345678901"
OFFERS_OF_A_BROWSER = """async () => {
  const canvas = document.createElement('canvas');
  canvas.getContext('2d');
  const picture = canvas.captureStream(5).getVideoTracks()[0];
  const sound = new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0];
  const offers = {};
  const note = async (name, build) => {
    const connection = new RTCPeerConnection();
    build(connection);
    await connection.setLocalDescription();
    await new Promise((done) => setTimeout(done, 500));
    offers[name] = connection.localDescription.sdp;
    connection.close();
  };
  await note('chromium-publish', (c) => [sound, picture].forEach((t) => c.addTransceiver(t, {direction: 'sendonly'})));
  await note('chromium-watch', (c) => ['audio', 'video'].forEach((k) => c.addTransceiver(k, {direction: 'recvonly'})));
  await note('chromium-sound', (c) => c.addTransceiver(sound, {direction: 'sendonly'}));
  await note('chromium-simulcast', (c) => c.addTransceiver(picture, {direction: 'sendonly',
    sendEncodings: [{rid: 'q', scaleResolutionDownBy: 4}, {rid: 'f'}]}));
  await note('chromium-channel', (c) => { c.addTrack(sound); c.createDataChannel('x'); });
  return offers;
}"""


async def offers() -> dict[str, str]:
    found: dict[str, str] = {}
    async with chromium() as browser:
        page = await browser.new_page()
        found |= await page.evaluate(OFFERS_OF_A_BROWSER)
    for name, direction in (("aiortc-publish", "sendonly"), ("aiortc-watch", "recvonly")):
        connection = RTCPeerConnection()
        for kind in ("audio", "video"):
            connection.addTransceiver(kind, direction=direction)
        await connection.setLocalDescription(await connection.createOffer())
        found[name] = connection.localDescription.sdp
        await connection.close()
    return found


def checks() -> dict[str, bytes]:
    found = {}
    for name, nominate in (("check", False), ("nomination", True)):
        message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, transaction_id=name[:6].encode() * 2)
        message.attributes["USERNAME"] = "ours:theirs"
        message.attributes["PRIORITY"] = 2130706431
        message.attributes["ICE-CONTROLLING"] = 1 << 60
        if nominate:
            message.attributes["USE-CANDIDATE"] = None
        message.add_message_integrity(PASSWORD)
        message.add_fingerprint()
        found[f"aioice-{name}"] = bytes(message)
    found["own-check"] = binding_request(b"t" * 12, "ours:theirs", PASSWORD, use_candidate=True)
    found["own-answer"] = binding_success(b"t" * 12, ("192.0.2.7", 4000), PASSWORD)
    return found


def encoded() -> tuple[list[bytes], list[bytes]]:
    """Payloads of a key frame and a frame after it: VP8, H.264."""
    frames = []
    for number in range(2):
        frame = av.VideoFrame(640, 480, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes((at * at >> 7) + 40 * number & 0xFF for at in range(plane.buffer_size)))
        frame.pts, frame.time_base = number * 3000, fractions.Fraction(1, 90000)
        frames.append(frame)
    vp8, h264 = Vp8Encoder(), H264Encoder()
    return (
        [payload for frame in frames for payload in vp8.encode(frame)[0]],
        [payload for frame in frames for payload in h264.encode(frame)[0]],
    )


def packets(payloads: Iterable[bytes]) -> dict[str, bytes]:
    extensions = independent.HeaderExtensionsMap()
    found = {}
    for number, payload in enumerate(payloads):
        packet = independent.RtpPacket(96, number % 3 == 0, 65534 + number & 0xFFFF, number * 3000, 7, payload[:200])
        packet.csrc = [1, 2][: number % 3]
        packet.padding_size = 4 * (number % 2)
        found[f"aiortc-{number}"] = packet.serialize(extensions)
    # An extension of one byte with two elements (RFC 8285), which aiortc writes only when it was negotiated.
    extended = bytes.fromhex("90e0000100000002000000070bede0000210" + "aa220102030000") + b"payload"
    return found | {"extended": extended, "own": rtp.write_header(96, True, 70001, 6, 7) + b"payload"}


def reports() -> dict[str, bytes]:
    info = independent.RtcpSenderInfo(1 << 40, 5, 6, 7)
    block = independent.RtcpReceiverInfo(9, 12, 34, 70000, 5, 77, 88)
    name = independent.RtcpSourceInfo(9, [(1, b"liveroom")])
    own = rtcp.ReportBlock(9, 12, 34, 70000, 5, 77, 88)
    ours = rtcp.write_receiver_report(1, [own]) + rtcp.write_nack(1, 9, [65534, 65535, 65536, 70000])
    return {
        "aiortc-sr": bytes(independent.RtcpSrPacket(9, info, [block])) + bytes(independent.RtcpSdesPacket([name])),
        "aiortc-rr": bytes(independent.RtcpRrPacket(1, [block])),
        "aiortc-nack": bytes(independent.RtcpRtpfbPacket(1, 1, 9, [10, 12, 26, 40])),
        "aiortc-pli": bytes(independent.RtcpPsfbPacket(1, 1, 9)),
        "aiortc-fir": bytes(independent.RtcpPsfbPacket(4, 1, 0, bytes.fromhex("0000000901000000"))),
        "aiortc-remb": bytes(independent.RtcpPsfbPacket(15, 1, 0, independent.pack_remb_fci(1_000_000, [9]))),
        "aiortc-bye": bytes(independent.RtcpByePacket([9])),
        "own-feedback": ours + rtcp.write_keyframe_request(1, 9) + rtcp.write_bitrate_limit(1, 2_500_000, [9]),
        "own-sr": rtcp.write_sender_report(9, 1 << 40, 5, 6, 7, b"liveroom"),
    }


def write(name: str, seeds: dict[str, bytes]) -> None:
    (SEEDS / f"{name}.hex").write_text("".join(f"{key} {value.hex()}\n" for key, value in seeds.items()))


def main() -> None:
    for name, offer in asyncio.run(offers()).items():
        (SEEDS / "offers" / f"{name}.sdp").write_text(offer.replace("\r\n", "\n"))
    vp8, h264 = encoded()
    write("stun", checks())
    write("vp8", {f"aiortc-{number}": payload[:120] for number, payload in enumerate(vp8[:8] + vp8[-2:])})
    write("h264", {f"aiortc-{number}": payload[:120] for number, payload in enumerate(h264[:8] + h264[-2:])})
    write("rtp", packets(vp8[:4] + h264[:4]))
    write("rtcp", reports())


if __name__ == "__main__":
    main()
