"""What WHEP has beyond WHIP: counter-offers, and refusals that say when to come back."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription
from multidict import CIMultiDictProxy

from tests.support.aiortc_clients import Watching, publish
from tests.support.media_server import LINKS, Server
from tests.unit.signaling.test_sdp import OFFER

SDP = {"Content-Type": "application/sdp"}
WATCH = OFFER.replace("sendonly", "recvonly")


async def ask(server: Server, offer: str = "") -> tuple[str, str, CIMultiDictProxy[str]]:
    """The counter-offer to an offer: where to answer, its text, its headers."""
    async with aiohttp.ClientSession() as client, client.post(server.whep, data=offer, headers=SDP) as response:
        assert response.status == 406
        assert response.content_type == "application/sdp"
        return server.base + response.headers["Location"], await response.text(), response.headers


async def reply(where: str, answer: str) -> int:
    async with aiohttp.ClientSession() as client, client.patch(where, data=answer, headers=SDP) as response:
        return response.status


@pytest.mark.parametrize("setup", ["active", "passive"])
async def test_a_player_without_an_offer_answers_ours_and_sees_the_picture(server: Server, setup: str) -> None:
    publisher = await publish(server.whip, "token")
    await server.until("flowing")
    where, offer, headers = await ask(server)
    assert headers["ETag"].startswith('"')
    viewer = Watching()
    viewer.connection = RTCPeerConnection()
    viewer.connection.on("track", viewer._take)
    await viewer.connection.setRemoteDescription(
        # An aiortc that is told "active" takes the passive part.
        RTCSessionDescription(
            offer.replace("a=setup:actpass", "a=setup:active") if setup == "passive" else offer, "offer"
        )
    )
    await viewer.connection.setLocalDescription(await viewer.connection.createAnswer())
    answer = viewer.connection.localDescription.sdp
    assert f"a=setup:{setup}" in answer
    assert await reply(where, "v=0") == 400
    assert await reply(where, answer) == 204
    await viewer.until("video", 10)
    await viewer.until("audio", 10)
    assert await reply(where, answer) == 422  # nothing is asked any more
    await viewer.close()
    await publisher.close()


async def test_offers_that_do_not_fit_get_a_counter_offer(server: Server) -> None:
    publisher = await publish(server.whip, "token")
    await server.until("flowing")
    no_picture_in_common = WATCH.replace("VP8", "AV1").replace("H264", "VP9")
    two_pictures = WATCH.replace("m=audio", "m=video")
    data_channel = WATCH.replace("m=audio 9 UDP/TLS/RTP/SAVPF 111 63", "m=application 9 UDP/DTLS/SCTP 5000")
    for offer in (no_picture_in_common, two_pictures, data_channel):
        _, ours, _ = await ask(server, offer)
        assert ours.count("a=sendonly") == 2
    await publisher.close()


async def test_a_counter_offer_that_nobody_answers_is_forgotten(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liveroom.media.plane.ANSWER_SECONDS", 0.1)
    publisher = await publish(server.whip, "token")
    await server.until("flowing")
    where, _, _ = await ask(server)
    async with aiohttp.ClientSession() as client:
        async with client.get(where) as response:
            assert response.status == 204
        await asyncio.sleep(1.5)
        async with client.get(where) as response:
            assert response.status == 404
    assert not len(server.plane._proposals)
    await publisher.close()


async def test_who_declines_a_counter_offer_leaves_nothing(server: Server) -> None:
    publisher = await publish(server.whip, "token")
    await server.until("flowing")
    where, _, _ = await ask(server)
    async with aiohttp.ClientSession() as client, client.delete(where) as response:
        assert response.status == 200
    assert await reply(where, WATCH) == 404
    await publisher.close()


async def test_one_viewer_too_many_is_told_when_to_come_back() -> None:
    async with Server.run(max_viewers=1) as server:
        publisher = await publish(server.whip, "token")
        await server.until("flowing")
        viewer = await Watching().open(server.whep)
        for offer in (WATCH, ""):
            async with aiohttp.ClientSession() as client, client.post(server.whep, data=offer, headers=SDP) as response:
                assert response.status == 503
                assert int(response.headers["Retry-After"]) > 0
        await viewer.close()
        await publisher.close()


async def test_who_asks_for_counter_offers_keeps_nobody_out(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liveroom.media.plane.PENDING_LIMIT", 3)
    monkeypatch.setattr("liveroom.media.proposals.LIMIT", 2)
    publisher = await publish(server.whip, "token")
    await server.until("flowing")
    asked = [await ask(server) for _ in range(4)]
    assert len(server.plane._proposals) == 2
    assert await reply(asked[0][0], "v=0") == 404  # the oldest gave way
    assert await reply(asked[3][0], "v=0") == 400
    viewer = await Watching().open(server.whep)
    await viewer.until("video", 5)
    async with aiohttp.ClientSession() as client, client.post(server.whip, data=OFFER, headers=SDP) as response:
        assert response.status == 201
    await viewer.close()
    await publisher.close()


async def test_ice_servers_are_named_where_an_offer_is_answered(server: Server) -> None:
    preflight = {"Access-Control-Request-Method": "POST"}
    async with aiohttp.ClientSession() as client:
        async with client.post(server.whip, data=OFFER, headers=SDP) as response:
            assert response.headers.getall("Link") == LINKS
            assert "Link" in response.headers["Access-Control-Expose-Headers"]
        async with client.options(server.whip) as response:
            assert response.headers.getall("Link") == LINKS
        async with client.options(server.whip, headers=preflight) as response:
            assert "Link" not in response.headers
        async with client.options(server.whip, headers={"Authorization": "Bearer wrong"}) as response:
            assert response.status == 204
            assert "Link" not in response.headers


async def test_a_tag_under_the_name_with_which_it_came_is_understood(server: Server) -> None:
    fragment = "a=ice-ufrag:newone\r\na=ice-pwd:0123456789012345678901\r\n"
    kind = {"Content-Type": "application/trickle-ice-sdpfrag"}
    async with aiohttp.ClientSession(server.base) as client:
        async with client.post("/rooms/a/whip", data=OFFER, headers=SDP) as response:
            where, tag = response.headers["Location"], response.headers["ETag"]
        async with client.patch(where, data=fragment, headers=kind | {"ETag": '"another"'}) as response:
            assert response.status == 412
        async with client.patch(where, data=fragment, headers=kind | {"ETag": tag}) as response:
            assert response.status == 200


async def test_a_publisher_whose_media_flow_needs_no_checks(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    publisher = await publish(server.whip, "token")
    await server.until("flowing")
    peer = next(iter(server.plane._peers))
    peer.ice.heard_at -= 1000.0
    await asyncio.sleep(2.5)
    assert server.plane.is_live("a")
    await publisher.close()


async def test_restarts_leave_no_names_behind(server: Server) -> None:
    publisher = await publish(server.whip, "token")
    await server.until("flowing")
    peer = next(iter(server.plane._peers))
    fragment = "a=ice-ufrag:newone\r\na=ice-pwd:0123456789012345678901\r\n"
    for name in ("new1", "new2", "new3"):  # each attempt forgets the one before the last
        await server.plane.patch(peer.door, peer.id, fragment.replace("newone", name), "*")
    assert set(server.plane._peers.by_ufrag) == peer.ice.ufrags()
    await publisher.close()
    await server.until("lost")
    assert not server.plane._peers.by_ufrag
