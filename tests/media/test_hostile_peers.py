"""Who forges, replays, floods or misbehaves: nobody else's media stop, and nothing grows without bound."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterable, Iterator

import aiohttp
import pytest
from aiohttp import web
from aiortc import RTCCertificate, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcdtlstransport import RTCDtlsFingerprint
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL, crypto

from liveroom.bus.alone import OwnDirectory
from liveroom.errors import Refused
from liveroom.media import plane as planes
from liveroom.media.egress import AGAIN_PER_SECOND
from liveroom.media.peer import Peer
from liveroom.media.plane import MediaPlane
from liveroom.media.port import Address
from liveroom.media.results import Accepted, StreamHappening
from liveroom.media.srtp import GCM, Keys, Sealer, material_size, opener, seal_packet, sealer, split_material
from liveroom.relay import rtcp, rtp
from liveroom.relay.reception import NACK_TRIES
from liveroom.server.planes import Wherever
from liveroom.server.whip import MediaAddresses
from liveroom.signaling.ice import ADDRESSES
from liveroom.signaling.stun import binding_request
from tests.fuzz.mutations import damaged, run, samples
from tests.support.aiortc_clients import Picture, Watching, publish
from tests.support.media_server import DOOR, OpenGate, Server
from tests.unit.signaling.test_sdp import OFFER

WATCH = OFFER.replace("sendonly", "recvonly")
Send = Callable[[bytes], None]
PICTURE = 108  # the payload type that is chosen of OFFER
IDR = b"\x65" + bytes(900)


class Recorded(MediaPlane):
    """A plane that remembers what it received, for replays."""

    def __init__(self, *given: object) -> None:
        super().__init__(*given)
        self.heard: list[tuple[bytes, Address]] = []

    def _receive(self, datagram: bytes, source: Address) -> None:
        self.heard.append((datagram, source))
        super()._receive(datagram, source)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A server in which no callback and no task may fail."""
    failed: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: failed.append(repr(context)))
    happened: list[StreamHappening] = []
    plane = await Recorded.open(host="127.0.0.1", port=0, announce=None, observer=happened.append)
    app = web.Application()
    app.add_routes(MediaAddresses(Wherever(plane, OwnDirectory(), None), OpenGate()).routes())
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield Server(plane, happened, f"http://127.0.0.1:{runner.addresses[0][1]}")
    await plane.close()
    await runner.cleanup()
    assert failed == []


def from_its_own_socket(connection: RTCPeerConnection, to: int) -> Send:
    """Sends what it likes from the address of a connected peer, as somebody does who forges source addresses."""
    ice = connection.getTransceivers()[0].receiver.transport.transport._connection
    transport = ice._nominated[1].protocol.transport
    return lambda datagram: transport.sendto(datagram, ("127.0.0.1", to))


def client_hello() -> bytes:
    context = SSL.Context(SSL.DTLS_METHOD)
    connection = SSL.Connection(context)
    connection.set_connect_state()
    with pytest.raises(SSL.WantReadError):
        connection.do_handshake()
    return connection.bio_read(1500)


def record(kind: int, epoch: int, body: bytes) -> bytes:
    """A DTLS record (RFC 6347, section 4.1) with a number far ahead."""
    return bytes([kind, 0xFE, 0xFD]) + epoch.to_bytes(2) + (1 << 40).to_bytes(6) + len(body).to_bytes(2) + body


def forgeries(plane: MediaPlane) -> Iterator[bytes]:
    """What somebody can say who saw all packets go by and knows no key."""
    yield b""
    for first in range(256):
        for size in (0, 1, 3, 11, 40, 1300):
            yield bytes([first]) + os.urandom(size)
    for epoch in (0, 1):
        for alert in (b"\x01\x00", b"\x02\x00", b"\x02\x28", b"\x01\x5a"):  # close_notify and others
            yield record(21, epoch, alert)
        yield record(20, epoch, b"\x01")  # change_cipher_spec
        yield record(23, epoch, os.urandom(60))  # application data
    yield client_hello()
    for ufrag in list(plane._peers.by_ufrag):
        for password in (b"", b"a wrong password of some size", ufrag.encode()):
            yield binding_request(os.urandom(12), f"{ufrag}:x", password, use_candidate=True)
    streams = [track.ssrc for stream in plane._streams.values() for track in stream.tracks.values()]
    heard = [r.ssrc for _, p in plane._publications.values() for r in p.receptions.values()]
    for ssrc in streams + heard:
        for sequence in (0, 1000, 30000, 65535):
            yield rtp.write_header(96, True, sequence, 0, ssrc) + os.urandom(200)
        yield rtcp.write_keyframe_request(1, ssrc) + os.urandom(20) + (1 << 31 | 5).to_bytes(4)
        yield bytes.fromhex("81cb0001") + ssrc.to_bytes(4)  # BYE in plain text
        yield rtcp.write_sender_report(ssrc, 1 << 60, 0, 0, 0, b"x") + os.urandom(14) + (1 << 31 | 9).to_bytes(4)


class Flow:
    """A publisher and a viewer whose frames arrive; says whether they still do and are where they were."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.plane = server.plane

    async def open(self) -> Flow:
        self.publisher = await publish(self.server.whip, "token")
        await self.server.until("flowing")
        self.viewer = await Watching().open(self.server.whep)
        await self.viewer.until("video", 10)
        self.addresses = self.now_at()
        return self

    def now_at(self) -> set[Address | None]:
        return {peer.address for peer in self.plane._peers if peer.connected}

    async def goes_on(self) -> None:
        await self.viewer.until("video", 30)
        await self.viewer.until("audio", 20)
        assert [happening.kind for happening in self.server.happened] == ["flowing"]
        assert self.now_at() == self.addresses
        assert {self.viewer.connection.connectionState, self.publisher.connectionState} == {"connected"}

    async def close(self) -> None:
        await self.viewer.close()
        await self.publisher.close()


async def pour(send: Send, datagrams: list[bytes]) -> None:
    """Slowly enough that the socket's buffer takes all of it."""
    for number, datagram in enumerate(datagrams):
        send(datagram)
        if number % 40 == 39:
            await asyncio.sleep(0.005)
    await asyncio.sleep(0.1)


@pytest.mark.alone
async def test_forgeries_and_replays_from_a_foreign_port_end_nothing_and_get_no_answer(server: Server) -> None:
    flow = await Flow(server).open()
    plane = server.plane
    assert isinstance(plane, Recorded)
    replays = [datagram for datagram, _ in plane.heard]
    kinds = {min(datagram[0] >> 4, 8) for datagram in replays}
    assert kinds >= {0, 1, 8}, "checks, DTLS and media were heard"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as foreign:
        foreign.setblocking(False)
        target = ("127.0.0.1", plane.port)
        before = plane.facts()["datagrams_refused"]
        sent = [*forgeries(plane), *replays, *reversed(replays)]
        await pour(lambda datagram: foreign.sendto(datagram, target), sent)
        with pytest.raises(BlockingIOError):
            foreign.recv(2000)
    print(f"{len(sent)} forged and replayed datagrams, {plane.facts()['datagrams_refused'] - before:.0f} refused")
    assert plane.facts()["datagrams_refused"] - before > 0.9 * (len(sent) - 1)
    await flow.goes_on()
    await flow.close()


@pytest.mark.alone
async def test_forgeries_and_replays_from_the_real_addresses_end_nothing(server: Server) -> None:
    flow = await Flow(server).open()
    plane = server.plane
    assert isinstance(plane, Recorded)
    replays = list(plane.heard)
    for connection in (flow.publisher, flow.viewer.connection):
        send = from_its_own_socket(connection, plane.port)
        own = [datagram for datagram, source in replays if plane._peers.by_address[source].address in flow.addresses]
        await pour(send, [*forgeries(plane), *own, *reversed(own)])
    await flow.goes_on()
    await flow.close()


async def test_a_forged_goodbye_during_the_handshake_does_not_end_it(server: Server) -> None:
    """In plain text nobody can say goodbye: alerts count once they are encrypted."""
    plane = server.plane
    original = planes.MediaPlane._receive
    disturbed = 0

    def disturbing(self: MediaPlane, datagram: bytes, source: Address) -> None:
        nonlocal disturbed
        original(self, datagram, source)
        if datagram[0] == 22 and disturbed < 20:
            disturbed += 1
            for alert in (b"\x01\x00", b"\x02\x28"):
                original(self, record(21, 0, alert), source)
                original(self, record(23, 0, b"") + record(21, 0, alert), source)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planes.MediaPlane, "_receive", disturbing)
        publisher = await publish(server.whip, "token")
        await server.until("flowing")
    assert disturbed
    assert plane.is_live("a")
    await publisher.close()


async def test_a_right_of_ones_own_takes_no_address_of_another(server: Server) -> None:
    flow = await Flow(server).open()
    plane = server.plane
    accepted = await plane.subscribe(DOOR, "a", WATCH, "192.0.2.1")
    attacker = plane._peers.by_id[accepted.peer_id]
    holders = dict(plane._peers.by_address)
    for connection in (flow.publisher, flow.viewer.connection):
        send = from_its_own_socket(connection, plane.port)
        name, password = f"{attacker.ice.ufrag}:abcd", attacker.ice.password.encode()
        await pour(send, [binding_request(os.urandom(12), name, password, use_candidate=True) for _ in range(50)])
    assert plane._peers.by_address == holders
    assert attacker.address is None
    await flow.goes_on()
    await flow.close()


async def test_an_address_goes_to_another_peer_when_its_holder_is_silent(server: Server) -> None:
    """Networks give the port of somebody who is gone to somebody else."""
    plane = server.plane
    first, second = [plane._peers.by_id[(await plane.publish(DOOR, "a", OFFER)).peer_id] for _ in range(2)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        address = phone.getsockname()

        def ask(peer: Peer) -> None:
            request = binding_request(os.urandom(12), f"{peer.ice.ufrag}:abcd", peer.ice.password.encode())
            plane._receive(request, address)

        ask(first)
        ask(second)
        assert (first.address, second.address) == (address, None)
        first.ice.heard_at -= 16
        ask(second)
        assert second.address == address
        assert plane._peers.by_address[address] is second
        first.end()
        assert plane._peers.by_address[address] is second


async def test_a_peer_that_comes_from_ever_new_ports_is_remembered_at_a_few(server: Server) -> None:
    plane = server.plane
    peer = plane._peers.by_id[(await plane.publish(DOOR, "a", OFFER)).peer_id]
    for port in range(2000, 4000):
        request = binding_request(os.urandom(12), f"{peer.ice.ufrag}:abcd", peer.ice.password.encode())
        plane._receive(request, ("127.0.0.2", port))
    assert len(plane._peers.by_address) == ADDRESSES
    assert ("127.0.0.2", 2000) in plane._peers.by_address, "the nominated one stays"
    await plane.hang_up(DOOR, peer.id)
    assert plane._peers.by_address == {}


def flipped(sdp: str, at: int) -> str:
    """The offer with another hexadecimal digit in each fingerprint."""
    lines = sdp.split("\r\n")
    for number, line in enumerate(lines):
        if line.startswith("a=fingerprint:"):
            head, _, value = line.partition(" ")
            place = at % len(value)
            digit = "0" if value[place] != "0" else "1"
            lines[number] = f"{head} {value[:place]}{digit}{value[place + 1 :]}"
    return "\r\n".join(lines)


async def connect(url: str, direction: str, change: Callable[[str], str], **made: object) -> RTCPeerConnection:
    """A connection whose offer is changed on the way to the server."""
    connection = RTCPeerConnection()
    if "certificate" in made:
        connection._RTCPeerConnection__certificates = [made["certificate"]]
    connection.addTransceiver(Picture() if direction == "sendonly" else "video", direction=direction)
    await connection.setLocalDescription(await connection.createOffer())
    headers = {"Content-Type": "application/sdp"}
    async with (
        aiohttp.ClientSession() as client,
        client.post(url, data=change(connection.localDescription.sdp), headers=headers) as response,
    ):
        assert response.status == 201
        await connection.setRemoteDescription(RTCSessionDescription(await response.text(), "answer"))
    return connection


@pytest.mark.parametrize("at", [0, 46, -1])
async def test_a_publisher_with_another_digit_in_its_fingerprint_gives_no_media(server: Server, at: int) -> None:
    publisher = await connect(server.whip, "sendonly", lambda sdp: flipped(sdp, at))
    async with asyncio.timeout(30):
        while server.plane._peers:
            await asyncio.sleep(0.02)
    assert server.happened == []
    await publisher.close()


async def test_a_viewer_with_another_digit_in_its_fingerprint_gets_no_media(server: Server) -> None:
    publisher = await connect(server.whip, "sendonly", str)
    await server.until("flowing")
    for change, gets in ((lambda sdp: flipped(sdp, 31), False), (str, True)):
        viewer = await connect(server.whep, "recvonly", change)
        joined = False
        async with asyncio.timeout(30):
            while not joined and server.plane._subscriptions:
                joined = server.plane.viewers("a") == 1
                await asyncio.sleep(0.01)
        assert joined is gets
        await viewer.close()
    await publisher.close()


class Damaged(RTCCertificate):
    """A certificate that OpenSSL takes and stricter readers refuse: its version does not exist."""

    @classmethod
    def make(cls) -> Damaged:
        return cls.generateCertificate()

    def _altered(self) -> crypto.X509:
        whole = self._cert.public_bytes(Encoding.DER)
        assert whole.count(b"\xa0\x03\x02\x01\x02") == 1
        return crypto.load_certificate(
            crypto.FILETYPE_ASN1, whole.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07")
        )

    def getFingerprints(self) -> list[RTCDtlsFingerprint]:
        return [RTCDtlsFingerprint("sha-256", self._altered().digest("sha256").decode())]

    def _create_ssl_context(self, srtp_profiles: list[object]) -> SSL.Context:
        context = super()._create_ssl_context(srtp_profiles)
        context.use_certificate(self._altered())
        context.use_privatekey(self._key)
        return context


@pytest.mark.filterwarnings("ignore:Passing pyOpenSSL X509")
async def test_a_certificate_that_cannot_be_read_is_a_failed_handshake(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    publisher = await connect(server.whip, "sendonly", str, certificate=Damaged.make())
    async with asyncio.timeout(30):
        while server.plane._peers:
            await asyncio.sleep(0.02)
    assert server.happened == []
    assert "Traceback" not in caplog.text
    await publisher.close()


class Known:
    """A peer whose keys the test holds: it says what it likes, properly sealed."""

    def __init__(self, plane: MediaPlane, peer: Peer, address: Address, ready: Callable[[Peer], None]) -> None:
        material = os.urandom(material_size(GCM))
        ours, theirs = (split_material(GCM, material, server=server) for server in (True, False))
        self.plane, self.peer, self.address = plane, peer, address
        self.sealer: Sealer = sealer(theirs)
        self.keys: Keys = ours
        self.indexes: dict[int, int] = {}
        peer.opener, peer.sealer = opener(ours), sealer(ours)
        request = binding_request(os.urandom(12), f"{peer.ice.ufrag}:abcd", peer.ice.password.encode())
        plane._receive(request, address)
        ready(peer)

    @classmethod
    async def publishing(cls, plane: MediaPlane, address: Address, offer: str = OFFER, stream: str = "a") -> Known:
        peer = plane._peers.by_id[(await plane.publish(DOOR, stream, offer)).peer_id]
        return cls(plane, peer, address, plane._publisher_ready)

    @classmethod
    async def watching(cls, plane: MediaPlane, address: Address, offer: str = WATCH) -> Known:
        peer = plane._peers.by_id[(await plane.subscribe(DOOR, "a", offer, "192.0.2.1")).peer_id]
        return cls(plane, peer, address, plane._viewer_ready)

    def say_rtp(self, header: bytes, payload: bytes) -> None:
        ssrc, sequence = int.from_bytes(header[8:12]), int.from_bytes(header[2:4])
        last = self.indexes.get(ssrc)
        index = self.indexes[ssrc] = sequence if last is None else max(last, rtp.extend(sequence, last))
        self.plane._receive(seal_packet(self.sealer, header, payload, index), self.address)

    def say_pictures(self, sequences: Iterable[int]) -> None:
        """Keyframes of one packet each."""
        for sequence in sequences:
            self.say_rtp(rtp.write_header(PICTURE, True, sequence, 0, 7), IDR)

    def say_rtcp(self, compound: bytes) -> None:
        self.plane._receive(self.sealer.seal_rtcp(compound), self.address)


@pytest.fixture
def addresses() -> Iterator[list[Address]]:
    """Addresses of sockets that nobody reads."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    yield [one.getsockname() for one in sockets]
    for one in sockets:
        one.close()


@pytest.fixture
async def publisher(server: Server, addresses: list[Address]) -> Known:
    """Somebody who publishes at the first address and has shown a picture: the stream is live."""
    known = await Known.publishing(server.plane, addresses[0])
    known.say_pictures([1])
    return known


async def test_a_publisher_that_seals_nonsense_breaks_nothing(
    server: Server, addresses: list[Address], capsys: pytest.CaptureFixture[str]
) -> None:
    plane = server.plane
    publisher = await Known.publishing(plane, addresses[0])
    publisher.say_pictures([1, 2])
    viewer = await Known.watching(plane, addresses[1])
    seeds = [bytes([seed[0], seed[1] & 0x80 | payload_type]) + seed[2:] for seed in samples("rtp").values()
             for payload_type in (PICTURE, 111)]  # fmt: skip
    reports = list(samples("rtcp").values())
    stream = plane._streams["a"]
    chance = random.Random(3)
    sequence = 3

    def say(datagram: bytes) -> str:
        nonlocal sequence
        if chance.randrange(4) == 0:
            publisher.say_rtcp((damaged(reports, chance) + bytes(8))[:1200])
            return "report"
        size = rtp.header_size(datagram)
        if size is None:
            plane._receive(datagram or b"\x80", publisher.address)
            return "unsealed"
        sequence = sequence + chance.choice((1, 1, 1, 3, 250)) & 0xFFFF
        header = (
            datagram[:2]
            + sequence.to_bytes(2)
            + datagram[4:8]
            + chance.choice((7, 7, 7, 8)).to_bytes(4)
            + datagram[12:size]
        )
        publisher.say_rtp(header, datagram[size:][:1200])
        if chance.randrange(10) == 0:
            plane._flush()
            stream.ask_again(chance.random() * 100)
            stream.report(chance.random() * 1e6)
        return "packet"

    tracemalloc.start()
    run("sealed by a publisher", lambda chance: damaged(seeds, chance), say)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"at most {peak / 1e6:.1f} MB more")
    assert peak < 20_000_000
    assert plane.facts()["datagrams_sent"] > 3000
    assert plane.is_live("a")
    assert viewer.peer.connected
    await asyncio.sleep(planes.REPORT_EVERY + 2 * planes.HOUSEKEEPING)
    assert "broke_off" not in capsys.readouterr().out, "the housekeeping goes on"


async def test_a_viewer_that_seals_nonsense_breaks_nothing(
    server: Server, addresses: list[Address], capsys: pytest.CaptureFixture[str]
) -> None:
    plane = server.plane
    publisher = await Known.publishing(plane, addresses[0])
    publisher.say_pictures(range(50))
    viewer = await Known.watching(plane, addresses[1])
    plane._flush()
    ssrc = plane._streams["a"].tracks["video"].ssrc.to_bytes(4)
    seeds = [seed.replace(bytes.fromhex("00000009"), ssrc) for seed in samples("rtcp").values()]

    def say(compound: bytes) -> str:
        viewer.say_rtcp((compound + bytes(8))[:1200])
        return "report"

    run("sealed by a viewer", lambda chance: damaged(seeds, chance), say)
    assert plane.is_live("a")
    assert viewer.peer.connected
    await asyncio.sleep(planes.REPORT_EVERY + 2 * planes.HOUSEKEEPING)
    assert "broke_off" not in capsys.readouterr().out, "the housekeeping goes on"


async def test_a_viewer_that_asks_for_everything_again_and_again_gets_a_fixed_share(
    server: Server, addresses: list[Address]
) -> None:
    plane = server.plane
    publisher = await Known.publishing(plane, addresses[0])
    publisher.say_pictures(range(300))
    viewer = await Known.watching(plane, addresses[1])
    plane._flush()
    publisher.say_pictures(range(300, 600))
    plane._flush()
    track = plane._streams["a"].tracks["video"]
    now = asyncio.get_running_loop().time()
    before = plane.facts()["datagrams_sent"]
    for _ in range(100):
        entries = b"".join((track.last_index - 17 * n & 0xFFFF).to_bytes(2) + b"\xff\xff" for n in range(280))
        viewer.say_rtcp(bytes.fromhex("81cd") + (2 + 280).to_bytes(2) + bytes(4) + track.ssrc.to_bytes(4) + entries)
    seconds = asyncio.get_running_loop().time() - now
    again = plane.facts()["datagrams_sent"] - before
    print(f"100 requests for 4760 packets each: {again:.0f} packets in {seconds:.2f} s")
    assert 100 <= again <= AGAIN_PER_SECOND * (1.1 + seconds)
    subscription = plane._subscriptions[viewer.peer.id][1]
    subscription._again, subscription._again_at = float(AGAIN_PER_SECOND), now
    before = plane.facts()["datagrams_sent"]
    one = (track.last_index & 0xFFFF).to_bytes(2) + bytes(2)
    viewer.say_rtcp(bytes.fromhex("81cd") + (2 + 280).to_bytes(2) + bytes(4) + track.ssrc.to_bytes(4) + one * 280)
    assert plane.facts()["datagrams_sent"] - before == 1, "named often, sent once"


class NothingToSeal:
    """The sealer of somebody who gets no more packets."""

    salt, overhead = 0, 16

    def seal_rtp(self, nonce: bytes, payload: bytes, header: bytes, into: memoryview) -> None:
        raise AssertionError("a packet was sealed")

    def seal_rtcp(self, packet: bytes) -> bytes:
        return packet


async def test_whoever_answered_to_other_codecs_is_let_go_when_they_change(
    server: Server, addresses: list[Address]
) -> None:
    """Not a packet of the new tracks is sealed with what belongs to the old ones."""
    plane = server.plane
    first = await Known.publishing(plane, addresses[0])
    first.say_pictures(range(3))
    watching = await Known.watching(plane, addresses[1])
    connecting = plane._peers.by_id[(await plane.subscribe(DOOR, "a", WATCH, "192.0.2.1")).peer_id]
    plane._flush()
    watching.peer.sealer = NothingToSeal()
    second = await Known.publishing(plane, addresses[2], OFFER.replace("96 102 106 108", "96"))
    for sequence in range(3):
        second.say_rtp(rtp.write_header(96, True, sequence, 0, 9), b"\x10\x00" + bytes(50))
    plane._flush()
    assert [happening.kind for happening in server.happened] == ["flowing", "taken_over", "flowing"]
    assert watching.peer.closed
    assert connecting.closed
    assert plane._subscriptions == {}


async def test_an_offer_that_nobody_follows_up_takes_no_stream_from_another(
    server: Server, addresses: list[Address]
) -> None:
    plane = server.plane
    forgotten = await plane.publish(DOOR, "a", OFFER)
    publisher = await Known.publishing(plane, addresses[0])
    await plane.hang_up(DOOR, forgotten.peer_id)
    publisher.say_pictures([1])
    assert plane.is_live("a")
    assert isinstance(await plane.subscribe(DOOR, "a", WATCH, "192.0.2.1"), Accepted)


class Crowd:
    """Offers of viewers from one network, each with a check of its own if it `checks`."""

    def __init__(self, plane: MediaPlane, network: str) -> None:
        self.plane, self.network = plane, network

    async def offer(self, checks: bool = False) -> Peer:
        peer = self.plane._peers.by_id[(await self.plane.subscribe(DOOR, "a", WATCH, self.network)).peer_id]
        if checks:
            source = ("127.0.0.1", 20_000 + len(self.plane._peers.by_address))
            request = binding_request(os.urandom(12), f"{peer.ice.ufrag}:abcd", peer.ice.password.encode())
            self.plane._receive(request, source)
        return peer


async def test_a_flood_that_sends_checks_gives_way_to_whoever_comes_from_elsewhere(
    server: Server, publisher: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planes, "PENDING_LIMIT", 20)
    plane = server.plane
    flood, islander = Crowd(plane, "192.0.2.66"), Crowd(plane, "192.0.2.7")
    first = [await flood.offer(checks=True) for _ in range(20)]
    at_home = await islander.offer(checks=True)
    for _ in range(60):
        await flood.offer(checks=True)
    assert first[0].closed, "the oldest of the largest crowd went"
    assert not at_home.closed
    assert len(plane._subscriptions) == 20


async def test_nobody_has_to_go_when_everybody_is_from_a_network_of_their_own(
    server: Server, publisher: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planes, "PENDING_LIMIT", 5)
    plane = server.plane
    there = [await Crowd(plane, f"192.0.2.{number}").offer(checks=True) for number in range(5)]
    with pytest.raises(Refused, match="full"):
        await Crowd(plane, "192.0.2.99").offer()
    assert not any(peer.closed for peer in there)


async def test_a_machine_that_only_just_keeps_up_lets_nobody_else_in(
    server: Server, publisher: Known, addresses: list[Address]
) -> None:
    plane = server.plane
    watching = await Known.watching(plane, addresses[1])
    plane._sending_for = 10.0
    async with asyncio.timeout(30):
        while plane.facts()["sending_load"] <= planes.LOAD_LIMIT:
            await asyncio.sleep(0.05)
    with pytest.raises(Refused, match="full"):
        await plane.subscribe(DOOR, "a", WATCH, "192.0.2.1")
    assert not watching.peer.closed
    async with asyncio.timeout(30):
        while plane.facts()["sending_load"] > planes.LOAD_LIMIT:
            await asyncio.sleep(0.05)
    assert isinstance(await plane.subscribe(DOOR, "a", WATCH, "192.0.2.1"), Accepted)


class Asked:
    """A publisher's sealer that counts the feedback that is sent to it."""

    overhead = 16

    def __init__(self) -> None:
        self.keyframes = self.lost = 0

    def seal_rtcp(self, packet: bytes) -> bytes:
        for part in rtcp.read(packet):
            if isinstance(part, rtcp.Feedback):
                self.keyframes += part.keyframe
                self.lost += len(part.lost)
        return packet


async def test_wishes_for_keyframes_become_few_requests_however_many_ask(server: Server, publisher: Known) -> None:
    plane = server.plane
    stream, asked = plane._streams["a"], Asked()
    publisher.peer.sealer = asked
    for hundredth in range(1000):
        for _ in range(3):
            stream.ask_for_keyframe(1e6 + hundredth / 100)
    assert 8 <= asked.keyframes <= 13, "no two within 0.7 s, in the long run one in two seconds"
    before = asked.keyframes
    for hundredth in range(6000):
        stream.ask_for_keyframe(1e6 + 10 + hundredth / 100)
    assert 28 <= asked.keyframes - before <= 32


async def test_who_offered_no_feedback_gets_none(server: Server, addresses: list[Address]) -> None:
    plane = server.plane
    mute = "".join(line for line in OFFER.splitlines(True) if "rtcp-fb" not in line)
    publisher = await Known.publishing(plane, addresses[0], mute)
    asked = Asked()
    publisher.peer.sealer = asked
    publisher.say_pictures((1, 3))
    stream = plane._streams["a"]
    stream.ask_for_keyframe(1e6)
    stream.ask_again(1e6)
    assert (asked.keyframes, asked.lost) == (0, 0)


async def test_a_loss_on_the_way_to_us_is_asked_for_at_once_and_a_keyframe_when_that_is_in_vain(
    server: Server, addresses: list[Address]
) -> None:
    publisher = await Known.publishing(server.plane, addresses[0])
    asked = Asked()
    publisher.peer.sealer = asked
    publisher.say_pictures((1, 2, 4))
    async with asyncio.timeout(30):
        while not asked.lost:
            await asyncio.sleep(0.001)
        assert not asked.keyframes
        while not asked.keyframes:
            await asyncio.sleep(0.05)
    assert asked.lost == NACK_TRIES
    assert server.plane._asking == {}


async def test_the_very_first_packet_of_a_publication_is_forwarded(server: Server, addresses: list[Address]) -> None:
    plane = server.plane
    for address, ssrc in ((addresses[0], 7), (addresses[1], 8)):
        publisher = await Known.publishing(plane, address)
        publisher.say_rtp(rtp.write_header(PICTURE, True, 1, 0, ssrc), IDR)
        plane._flush()
        assert [p.payload for p in plane._streams["a"].tracks["video"].since_keyframe()] == [IDR]


async def test_another_address_or_token_does_not_reach_a_session(server: Server) -> None:
    plane = server.plane
    accepted = await plane.publish(DOOR, "a", OFFER)
    fragment = "a=ice-ufrag:newone\r\na=ice-pwd:0123456789012345678901\r\n"
    headers = {"Content-Type": "application/trickle-ice-sdpfrag", "If-Match": "*", "Authorization": "Bearer wrong"}
    async with aiohttp.ClientSession(server.base) as client:
        for door, refused in (("/rooms/a/whip", 401), ("/rooms/a/whep", 404), ("/rooms/b/whep", 404)):
            where = f"{door}/{accepted.peer_id}"
            async with client.patch(where, data=fragment, headers=headers) as answer:
                assert answer.status == refused
            async with client.delete(where, headers=headers) as answer:
                assert answer.status == (401 if refused == 401 else 200)
        async with client.get(f"/rooms/a/whep/{accepted.peer_id}") as answer:
            assert answer.status == 404
    assert not plane._peers.by_id[accepted.peer_id].closed
    await plane.hang_up(DOOR, accepted.peer_id)
    assert accepted.peer_id not in plane._peers


async def test_offers_without_follow_up_give_way_to_those_who_come(
    server: Server, addresses: list[Address], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planes, "PENDING_LIMIT", 20)
    plane = server.plane
    publisher = await Known.publishing(plane, addresses[0])
    publisher.say_pictures(range(2))
    peer = await Crowd(plane, "192.0.2.1").offer(checks=True)
    for _ in range(100):
        await plane.subscribe(DOOR, "a", WATCH, "192.0.2.1")
    assert len(plane._subscriptions) == 20
    assert not peer.closed, "who has sent a check stays"
    assert (await plane.publish(DOOR, "a", OFFER)).answer, "publishers have places of their own"
    plane._max_viewers = 20
    assert not plane._peers.by_id[(await plane.subscribe(DOOR, "a", WATCH, "192.0.2.1")).peer_id].closed
    for _, viewer in list(plane._subscriptions.values()):
        viewer.peer.ice.nominated = addresses[2]
    monkeypatch.setattr(planes, "PENDING_LIMIT", 21)
    with pytest.raises(Refused, match="full"):
        await plane.subscribe(DOOR, "a", WATCH, "192.0.2.1")
