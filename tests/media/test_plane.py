"""The media plane with a foreign stack: aiortc publishes by WHIP and watches by WHEP, others try to disturb."""

from __future__ import annotations

import asyncio
import os
import re
import socket
from typing import Any

import aiohttp
import pytest
from aiortc import rtcdtlstransport

from liveroom.media import dtls
from liveroom.media.native.place import compiled
from liveroom.signaling.stun import binding_request
from tests.support.aiortc_clients import Watching, publish
from tests.support.media_server import DOOR, Server
from tests.unit.signaling.test_sdp import OFFER


@pytest.mark.parametrize("native", [True, False])
async def test_aiortc_publishes_and_another_aiortc_decodes_frames(native: bool) -> None:
    async with Server.run(native=native) as server:
        await _publish_and_decode(server)
        assert server.plane.facts()["sending_native"] == (native and compiled().exists())


async def _publish_and_decode(server: Server) -> None:
    publisher = await publish(server.whip, "token")
    await server.until("flowing")
    viewer = await Watching().open(server.whep)
    await viewer.until("video", 30)
    await viewer.until("audio", 30)
    assert server.plane.viewers("a") == 1
    await viewer.close()
    await publisher.close()
    await server.until("lost")


async def test_viewers_go_on_when_the_publisher_is_another_one(server: Server) -> None:
    first = await publish(server.whip, "token")
    await server.until("flowing")
    viewer = await Watching().open(server.whep)
    await viewer.until("video", 10)
    second = await publish(server.whip, "token")
    await server.until("taken_over")
    await viewer.until("video", 40)
    assert viewer.connection.connectionState == "connected"
    for connection in (first, second):
        await connection.close()
    await viewer.close()


async def test_forged_datagrams_hurt_nobody(server: Server) -> None:
    publisher = await publish(server.whip, "token")
    await server.until("flowing")
    viewer = await Watching().open(server.whep)
    await viewer.until("video", 10)
    ufrags = list(server.plane._peers.by_ufrag)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as foreign:
        target = ("127.0.0.1", server.plane.port)
        for _ in range(50):
            for datagram in (
                b"",
                b"\x16\xfe\xff" + os.urandom(60),  # DTLS handshake
                b"\x15\xfe\xfd" + os.urandom(20),  # DTLS alert
                b"\x80\x60" + os.urandom(200),  # RTP
                b"\x80\xc8" + os.urandom(40),  # RTCP
                os.urandom(30),
                *(
                    binding_request(os.urandom(12), f"{ufrag}:x", b"a wrong password of some size", use_candidate=True)
                    for ufrag in ufrags
                ),
            ):
                foreign.sendto(datagram, target)
        await asyncio.sleep(0.3)
        foreign.setblocking(False)
        with pytest.raises(BlockingIOError):
            foreign.recv(2000)
    before = server.plane.facts()["datagrams_refused"]
    assert before >= 50 * (5 + len(ufrags)) * 0.5
    await viewer.until("video", 30)
    await viewer.close()
    await publisher.close()


async def test_an_offer_that_nobody_follows_up_is_forgotten(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liveroom.media.peer.CONNECT_SECONDS", 0.3)
    accepted = await server.plane.publish(DOOR, "a", OFFER)
    assert accepted.answer.startswith("v=0")
    assert server.plane.facts()["publishers"] == 1
    await asyncio.sleep(0.6)
    assert server.plane.facts()["publishers"] == 0
    assert not server.plane._peers
    assert not server.plane._peers.by_ufrag


async def test_as_dtls_client_we_speak_when_there_is_somebody_to_speak_to(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = asyncio.Event()

    async def begin(*_given: object) -> None:
        began.set()
        raise ConnectionError

    monkeypatch.setattr(dtls.DtlsSession, "open", begin)
    accepted = await server.plane.publish(DOOR, "a", OFFER.replace("a=setup:actpass", "a=setup:passive"))
    assert "a=setup:active" in accepted.answer
    ufrag, password = re.findall(r"a=ice-(?:ufrag|pwd):(\S+)", accepted.answer)[:2]
    await asyncio.sleep(0.1)
    assert not began.is_set(), "a ClientHello without an address is lost, and repeated a second later"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as encoder:
        check = binding_request(os.urandom(12), f"{ufrag}:x", password.encode(), use_candidate=True)
        encoder.sendto(check, ("127.0.0.1", server.plane.port))
        async with asyncio.timeout(30):
            await began.wait()


async def test_a_wrong_fingerprint_gives_no_media(server: Server) -> None:
    original = dtls.DtlsSession.open

    async def other(self: dtls.DtlsSession, fingerprints: Any, closed: Any) -> Any:
        flipped = [(digest, ("0" if value[0] != "0" else "1") + value[1:]) for digest, value in fingerprints]
        return await original(self, flipped, closed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dtls.DtlsSession, "open", other)
        publisher = await publish(server.whip, "token")
        await asyncio.sleep(2)
    assert server.happened == []
    await publisher.close()


async def test_a_silent_viewer_is_let_go(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    publisher = await publish(server.whip, "token")
    await server.until("flowing")
    viewer = await Watching().open(server.whep)
    await viewer.until("video", 5)
    monkeypatch.setattr("liveroom.signaling.ice.CONSENT_SECONDS", -1.0)
    async with asyncio.timeout(30):
        while server.plane.viewers("a"):
            await asyncio.sleep(0.1)
    await viewer.close()
    await publisher.close()


CASES = [
    ("whip", "POST", {"Content-Type": "text/plain"}, b"v=0", 415),
    ("whip", "POST", {"Content-Type": "application/sdp"}, b"", 400),
    ("whip", "POST", {"Content-Type": "application/sdp"}, b"v=0\r\n", 400),
    ("whip", "POST", {"Content-Type": "application/sdp"}, b"\xff\xfe\xfd", 400),
    ("whip", "POST", {"Content-Type": "application/sdp"}, b"v=0\r\n" + b"a=x:y\r\n" * 4000, 413),
    ("whip", "POST", {"Content-Type": "application/sdp", "Authorization": "Bearer wrong"}, b"v=0", 401),
    ("whip", "POST", {"Content-Type": "application/sdp"}, OFFER.replace("sendonly", "recvonly").encode(), 422),
    ("whip", "POST", {"Content-Type": "application/sdp"}, OFFER.replace("m=video", "m=application").encode(), 422),
    ("whep", "POST", {"Content-Type": "application/sdp"}, OFFER.encode(), 422),
    ("whep", "POST", {"Content-Type": "application/sdp"}, OFFER.replace("sendonly", "recvonly").encode(), 409),
    ("whip/nobody", "PATCH", {"Content-Type": "application/sdp"}, b"v=0", 415),
    ("whep/nobody", "PATCH", {"Content-Type": "application/sdp"}, b"v=0", 404),
    ("whep/nobody", "PATCH", {"Content-Type": "text/plain"}, b"v=0", 415),
    ("whep", "POST", {"Content-Type": "application/sdp"}, b"", 409),
    ("whep/nobody", "PATCH", {"Content-Type": "application/trickle-ice-sdpfrag"}, b"a=mid:0", 404),
    ("whep/nobody", "DELETE", {}, b"", 200),
    ("whep/nobody", "GET", {}, b"", 404),
    ("whep", "HEAD", {}, b"", 200),
    ("whep", "PUT", {}, b"", 405),
]


@pytest.mark.parametrize(("path", "method", "headers", "body", "status"), CASES)
async def test_bad_requests_have_their_answer(
    server: Server, path: str, method: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    url = f"{server.base}/rooms/a/{path}"
    async with aiohttp.ClientSession() as client, client.request(method, url, data=body, headers=headers) as response:
        assert response.status == status
        if status in {400, 401, 409, 413, 415, 422}:
            assert response.content_type == "application/problem+json"
            assert (await response.json())["code"]
        if status == 409:
            assert int(response.headers["Retry-After"]) > 0
        if status == 401:
            assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_the_session_follows_its_rules(server: Server) -> None:
    fragment = "a=ice-ufrag:newone\r\na=ice-pwd:0123456789012345678901\r\n"
    kind = {"Content-Type": "application/trickle-ice-sdpfrag"}
    async with aiohttp.ClientSession(server.base) as client:
        offer = {"Content-Type": "application/sdp"}
        async with client.post("/rooms/a/whip", data=OFFER, headers=offer) as created:
            assert created.status == 201
            where, tag = created.headers["Location"], created.headers["ETag"]
        async with client.options("/rooms/a/whip") as preflight:
            assert preflight.status == 204
            assert preflight.headers["Accept-Post"] == "application/sdp"
        for if_match, status in ((None, 428), ('"other"', 412)):
            headers = kind | ({"If-Match": if_match} if if_match else {})
            async with client.patch(where, data=fragment, headers=headers) as answer:
                assert answer.status == status
        trickle = "a=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"
        async with client.patch(where, data=trickle, headers=kind | {"If-Match": tag}) as answer:
            assert answer.status == 204
            assert "ETag" not in answer.headers
        async with client.patch(where, data=fragment, headers=kind | {"If-Match": "*"}) as answer:
            assert answer.status == 200
            assert answer.headers["ETag"] != tag
            assert "a=ice-ufrag:" in await answer.text()
        for _ in range(2):
            async with client.delete(where) as gone:
                assert gone.status == 200


def test_aiortc_has_the_names_that_we_use() -> None:
    for name in ("_set_role", "_set_state", "_setup_srtp", "start", "stop", "on"):
        assert callable(getattr(rtcdtlstransport.RTCDtlsTransport, name)), name
    made = dtls.DtlsSession(dtls.Certificate(), "server", lambda _data: None)
    for name in ("_srtp_profiles", "_ssl", "_role", "state"):
        assert hasattr(made._transport, name), name
    assert rtcdtlstransport.State.FAILED
