"""All streams and peers behind one UDP port. Knows names of streams, not what they are for."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

import structlog

from liveroom.background import keep_running
from liveroom.errors import Refused
from liveroom.later import Later
from liveroom.media.addresses import own_addresses
from liveroom.media.egress import Subscription
from liveroom.media.native.sender import choose_sender
from liveroom.media.peer import Peer, new_dtls
from liveroom.media.port import Address, UdpPort
from liveroom.media.proposals import ANSWER_SECONDS, Proposal, Proposals
from liveroom.media.register import Register
from liveroom.media.results import Accepted, Patched, Proposed, StreamHappening
from liveroom.media.sending import Sender
from liveroom.media.stream import LOST_AFTER, Publication, Stream, Tap
from liveroom.media.waiting import Waiting
from liveroom.relay.reception import REORDER_WINDOW
from liveroom.relay.rtcp import is_bare_report
from liveroom.relay.rtp import is_rtcp
from liveroom.signaling import sdp
from liveroom.signaling.ice import IceLite
from liveroom.signaling.resource import check_tag, is_restart
from liveroom.signaling.sdpfrag import parse_fragment, write_restart
from liveroom.signaling.stun import parse_binding_request

if TYPE_CHECKING:
    from liveroom.media.dtls import Certificate

log = structlog.get_logger()

TICK = 0.005
"""Seconds that the packets of an unfinished frame may wait for the rest of it, to share a system call."""

HOUSEKEEPING = 0.1
REPORT_EVERY = 1.0
REMEMBERED = 64
"""Publishers that were replaced and can still be told so."""

PENDING_LIMIT = 256
"""Viewers, and as many publishers, that have an answer and have not connected yet."""

LOAD_LIMIT = 0.75
"""Share of the time that may go into sending; above it nobody else is let in: those who are in come first."""


class MediaPlane:
    """WHIP and WHEP peers by identifier, streams by name.

    A `door` is the name of an endpoint: what was opened at one is out of reach under all others, whatever else the
    caller knows or may do.
    """

    def __init__(
        self,
        port: UdpPort,
        sender: Sender,
        announce: tuple[str, ...],
        observer: Callable[[StreamHappening], None],
        max_viewers: int,
        tap: Callable[[str], Tap] | None = None,
    ) -> None:
        self._port = port
        self._sender = sender
        self._announce = announce
        self._observer = observer
        self._max_viewers = max_viewers
        self._tap = tap
        self._prefix = ""
        self._certificate: Certificate  # since `ready`
        self._making_certificate = Later(_make_certificate)
        self._streams: dict[str, Stream] = {}
        self._peers = Register()
        self._publications: dict[str, tuple[Stream, Publication]] = {}
        self._subscriptions: dict[str, tuple[Stream, Subscription]] = {}
        self._proposals = Proposals()
        self._waiting = Waiting()
        self._asking: dict[Stream, asyncio.TimerHandle] = {}
        self._sending_for = 0.0
        self._load = 0.0
        self._flush_at: asyncio.TimerHandle | None = None
        self._flushes_now = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._refused_datagrams = 0
        self._taken_over: deque[str] = deque(maxlen=REMEMBERED)

    @classmethod
    async def open(
        cls,
        *,
        host: str,
        port: int,
        announce: Sequence[str] | None,
        observer: Callable[[StreamHappening], None],
        max_viewers: int = 1000,
        name: str = "",
        native: bool = True,
        tap: Callable[[str], Tap] | None = None,
    ) -> MediaPlane:
        """Bind the port. Raises OSError when it is taken. `tap` makes what is told of all that a stream forwards.

        With a `name`, peers' identifiers begin with it and a dot; `native`: seal in compiled code, where there is any.
        """
        udp = UdpPort.bind(host, port)
        plane = cls(udp, choose_sender(udp, native), tuple(announce or own_addresses(host)), observer, max_viewers, tap)
        plane._prefix = f"{name}." if name else ""
        udp.listen(plane._receive)
        plane._run(keep_running("media", plane._keep_house))
        return plane

    @property
    def port(self) -> int:
        return self._port.number

    async def ready(self) -> None:
        """Load what handshakes need; the first offer waits for it, so it may be asked for before anybody comes."""
        self._certificate = await self._making_certificate.get()

    async def publish(self, door: str, stream: str, offer: str) -> Accepted:
        """Accept a publisher. It takes the stream over when its media flow.

        Raises `Refused`: `bad_sdp`, `unsupported_sdp`, `wrong_direction`, `no_common_codec`, `full`.
        """
        await self.ready()
        parsed = sdp.parse_offer(offer)
        if any(section.direction not in {"sendonly", "sendrecv"} for section in parsed.sections):
            raise Refused("wrong_direction")
        chosen = [sdp.choose_published(section) for section in parsed.sections]
        if sum(not p.peer.connected for _, p in self._publications.values()) >= PENDING_LIMIT:
            raise Refused("full", retry_after=10.0)
        peer = self._new_peer(door, parsed, self._new_ice(parsed.ufrag))
        codecs = {section.kind: codec for section, codec in zip(parsed.sections, chosen, strict=True)}
        target = self._streams.get(stream)
        if target is None:
            target = self._streams[stream] = Stream(stream, self._sender, self._tap and self._tap(stream))
        self._publications[peer.id] = (target, Publication(peer, codecs))
        answer = sdp.write_publish_answer(parsed, chosen, self._local(peer.ice, peer.role))
        peer.connect(self._publisher_ready, self._publisher_ended)
        return Accepted(peer.id, answer, peer.tag)

    async def subscribe(self, door: str, stream: str, offer: str, network: str) -> Accepted | Proposed:
        """Accept a viewer, or propose what is there to one whose offer does not fit, or who asks without an offer.

        `network` is where the offer comes from: when too many are on their way in, the largest crowd gives way.

        Raises `Refused`: `bad_sdp`, `wrong_direction`, `not_live`, `full`.
        """
        await self.ready()
        try:
            parsed = sdp.parse_offer(offer) if offer.strip() else None
        except Refused as refused:
            if refused.code != "unsupported_sdp":
                raise
            parsed = None
        if parsed and any(section.direction not in {"recvonly", "sendrecv"} for section in parsed.sections):
            raise Refused("wrong_direction")
        source = self._streams.get(stream)
        if source is None or not source.tracks or not source.live:
            raise Refused("not_live", retry_after=2.0)
        self._make_room()
        if parsed is None:
            return self._propose(door, source, network)
        try:
            outgoing = _fit(source, parsed)
        except Refused:
            return self._propose(door, source, network)
        peer = self._new_peer(door, parsed, self._new_ice(parsed.ufrag))
        self._admit(peer, source, outgoing, network)
        answer = sdp.write_watch_answer(parsed, outgoing, self._local(peer.ice, peer.role))
        return Accepted(peer.id, answer, peer.tag)

    def _propose(self, door: str, source: Stream, network: str) -> Proposed:
        published = source.publication.codecs if source.publication else {}
        ice = self._new_ice("")
        until = time.monotonic() + ANSWER_SECONDS
        proposal = Proposal(self._identifier(), door, network, _tag(), ice, source, frozenset(published), until)
        self._proposals.add(proposal)
        outgoing = {kind: sdp.Outgoing(source.tracks[kind].ssrc, codec) for kind, codec in published.items()}
        return Proposed(proposal.id, sdp.write_watch_offer(outgoing, self._local(ice, "actpass")), proposal.tag)

    async def answer(self, door: str, peer_id: str, answer: str) -> None:
        """The answer to a counter-offer: its session begins. A refused one may be sent again.

        Raises `Refused`: `not_found`, `unsupported_patch` when nothing was asked, `bad_sdp`, `unsupported_sdp`,
        `wrong_direction`, `no_common_codec`, `not_live`, `full`.
        """
        proposal = self._proposals.get(door, peer_id)
        if proposal is None:
            await self.check(door, peer_id)
            raise Refused("unsupported_patch")
        parsed = sdp.parse_answer(answer)
        if any(section.kind not in proposal.kinds or section.mid != section.kind for section in parsed.sections):
            raise Refused("bad_sdp", problem="an m-section that was not offered")
        if any(section.direction not in {"recvonly", "inactive"} for section in parsed.sections):
            raise Refused("wrong_direction")
        source = proposal.stream
        if not source.live:
            raise Refused("not_live", retry_after=2.0)
        outgoing = _fit(source, parsed)
        self._make_room()
        self._proposals.withdraw(peer_id)
        proposal.ice.remote_ufrag, proposal.ice.heard_at = parsed.ufrag, time.monotonic()
        peer = self._new_peer(door, parsed, proposal.ice, proposal)
        self._admit(peer, source, outgoing, proposal.network)

    def _admit(self, peer: Peer, source: Stream, outgoing: Sequence[sdp.Outgoing | None], network: str) -> None:
        payload_types = tuple(
            (section.kind, sent.codec.payload_type)
            for section, sent in zip(peer.offer.sections, outgoing, strict=True)
            if sent is not None
        )
        self._subscriptions[peer.id] = (source, Subscription(peer, payload_types))
        self._waiting.add(peer, network)
        peer.connect(self._viewer_ready, self._viewer_ended)

    async def patch(self, door: str, peer_id: str, fragment: str, if_match: str | None) -> Patched:
        """Trickle or ICE restart. Raises `Refused`: `not_found`, `tag_missing`, `tag_differs`, `bad_sdpfrag`."""
        peer = self._peers.behind(door, peer_id)
        if peer is None:
            raise Refused("not_found")
        check_tag(if_match, peer.tag)
        asked = parse_fragment(fragment)
        if not is_restart(asked, peer.ice.remote_ufrag):
            return Patched()
        self._peers.restart(peer, _ufrag(), _password(), asked.ufrag)
        peer.tag = _tag()
        return Patched(write_restart(peer.offer, self._local(peer.ice, peer.role)), peer.tag)

    async def check(self, door: str, peer_id: str) -> None:
        """Raises `Refused`: `taken_over` when another device has taken this publisher's place, else `not_found`."""
        if self._peers.behind(door, peer_id) is None and self._proposals.get(door, peer_id) is None:
            raise Refused("taken_over" if peer_id in self._taken_over else "not_found")

    async def hang_up(self, door: str, peer_id: str) -> None:
        """End a peer; one that is gone already, or never was, is fine."""
        if self._proposals.get(door, peer_id) is not None:
            self._proposals.withdraw(peer_id)
        peer = self._peers.behind(door, peer_id)
        if peer is None:
            return
        published = self._publications.get(peer_id)
        if published is not None and published[0].publication is published[1]:
            published[0].publication = None
            self._observer(StreamHappening(published[0].name, "stopped", peer_id))
        await peer.close()

    async def cut(self, stream: str) -> None:
        """Let everybody of a stream go, at once."""
        found = self._streams.pop(stream, None)
        if found is None:
            return
        found.publication = None
        self._proposals.forget(time.monotonic(), gone=found)
        peers = [p.peer for s, p in self._publications.values() if s is found]
        peers += [v.peer for s, v in self._subscriptions.values() if s is found]
        for peer in peers:
            peer.end()
        await asyncio.gather(*(peer.close() for peer in peers))

    def viewers(self, stream: str) -> int:
        found = self._streams.get(stream)
        return len(found.egress) if found else 0

    def is_live(self, stream: str) -> bool:
        found = self._streams.get(stream)
        return found is not None and found.live

    def facts(self) -> dict[str, float]:
        """Counters and gauges for the metrics page."""
        counters = self._port.counters
        return {
            "publishers": len(self._publications),
            "viewers": len(self._subscriptions),
            "datagrams_received": counters.received,
            "datagrams_sent": counters.sent,
            "datagrams_dropped": counters.dropped,
            "datagrams_refused": self._refused_datagrams,
            "send_calls": counters.sends,
            "sending_load": self._load,
            "sending_native": self._sender.native,
        }

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*(peer.close() for peer in self._peers), return_exceptions=True)
        if self._flush_at is not None:
            self._flush_at.cancel()
        for asking in self._asking.values():
            asking.cancel()
        self._port.close()

    def _make_room(self) -> None:
        """A place for one more viewer; somebody who only claims one may have to go. `Refused("full")` without."""
        if self._load > LOAD_LIMIT:
            raise Refused("full", retry_after=30.0)
        if len(self._waiting) >= PENDING_LIMIT:
            dispensable = self._waiting.most_dispensable()
        elif len(self._subscriptions) >= self._max_viewers:
            dispensable = self._waiting.absent()
        else:
            return
        if dispensable is None:
            raise Refused("full", retry_after=30.0)
        dispensable.end()

    def _new_ice(self, remote_ufrag: str) -> IceLite:
        return IceLite(_ufrag(), _password(), remote_ufrag, time.monotonic())

    def _new_peer(self, door: str, offer: sdp.Offer, ice: IceLite, proposal: Proposal | None = None) -> Peer:
        """A peer that answers checks from now on; one that was proposed keeps the name it was told."""
        setup = sdp.answer_setup(offer)
        dtls = new_dtls(self._certificate, setup, self._port, ice)
        identifier, tag = (proposal.id, proposal.tag) if proposal else (self._identifier(), _tag())
        peer = Peer(identifier, door, offer, ice, self._port, dtls, tag, setup)
        self._peers.add(peer)
        return peer

    def _identifier(self) -> str:
        return self._prefix + secrets.token_urlsafe(18)

    def _local(self, ice: IceLite, setup: str) -> sdp.Local:
        return sdp.Local(ice.ufrag, ice.password, self._certificate.fingerprint, self._announce, self.port, setup)

    def _receive(self, datagram: bytes, source: Address) -> None:
        """Demultiplex by the first byte (RFC 7983) before anything is parsed.

        Everything but STUN is taken only from addresses that have proved to know a password of ours.
        """
        first = datagram[0]
        if first < 4:
            self._receive_stun(datagram, source)
            return
        peer = self._peers.by_address.get(source)
        if peer is None or peer.closed:
            self._refused_datagrams += 1
        elif 128 <= first <= 191:
            self._receive_media(peer, datagram)
        elif 20 <= first <= 63:
            peer.dtls.feed(datagram)

    def _receive_stun(self, datagram: bytes, source: Address) -> None:
        request = parse_binding_request(datagram)
        peer = self._peers.by_ufrag.get(request.local_ufrag) if request is not None else None
        now = time.monotonic()
        if request is None or peer is None or self._peers.is_held(source, peer, now):
            self._refused_datagrams += 1
            return
        known = tuple(peer.ice.validated)
        answer = peer.ice.answer(request, source, now)
        if answer is None:
            self._refused_datagrams += 1
            return
        self._peers.by_address[source] = peer
        for address in set(known).difference(peer.ice.validated):
            self._peers.let_go(address, peer)
        self._port.send(answer, source)
        peer.heard()

    def _receive_media(self, peer: Peer, datagram: bytes) -> None:
        now = time.monotonic()
        published = self._publications.get(peer.id)
        if is_rtcp(datagram):
            if is_bare_report(datagram):
                return
            compound = peer.opener.open_rtcp(datagram) if peer.opener is not None else None
            if compound is None:
                self._refused_datagrams += 1
            elif published is not None:
                published[0].receive_publisher_rtcp(published[1], compound, now)
            else:
                watched = self._subscriptions.get(peer.id)
                if watched is not None:
                    watched[0].receive_viewer_rtcp(watched[1], compound, now)
        elif published is not None:
            stream, publication = published
            packet = publication.open(datagram, now)
            if packet is None:
                self._refused_datagrams += 1
                return
            if not publication.flowing:
                self._flows(stream, publication)
            stream.receive(publication, packet, now)
            if stream.has_pending:
                self._flush_soon(whole=stream.is_whole)
            if stream.misses and stream not in self._asking:
                self._ask_soon(stream)

    def _ask_soon(self, stream: Stream) -> None:
        self._asking[stream] = asyncio.get_running_loop().call_later(REORDER_WINDOW, self._ask_again, stream)

    def _ask_again(self, stream: Stream) -> None:
        """Ask the publisher for what is missing, until it has come or was given up."""
        del self._asking[stream]
        stream.ask_again(time.monotonic())
        if stream.misses:
            self._ask_soon(stream)

    def _flush_soon(self, *, whole: bool) -> None:
        """A whole frame goes when all that is there has been read, an unfinished one when it had its time."""
        loop = asyncio.get_running_loop()
        if whole and not self._flushes_now:
            self._flushes_now = True
            loop.call_soon(self._flush)
        elif not whole and self._flush_at is None:
            self._flush_at = loop.call_later(TICK, self._flush)

    def _flush(self) -> None:
        self._flushes_now = False
        if self._flush_at is not None:
            self._flush_at.cancel()
            self._flush_at = None
        began = time.perf_counter()
        for stream in self._streams.values():
            if stream.has_pending:
                stream.flush()
        self._sending_for += time.perf_counter() - began

    def _flows(self, stream: Stream, publication: Publication) -> None:
        """First genuine media of a publication, or the first after a loss."""
        publication.flowing = True
        before = stream.publication
        if before is not publication:
            if stream.take_over(publication):
                # At once, and also those who are still connecting: their keys and answers are those of the old tracks.
                for source, viewer in list(self._subscriptions.values()):
                    if source is stream:
                        viewer.peer.end()
            if before is not None:
                self._taken_over.append(before.peer.id)
                self._observer(StreamHappening(stream.name, "taken_over", before.peer.id))
                before.peer.end()
        self._observer(StreamHappening(stream.name, "flowing", publication.peer.id))

    def _publisher_ready(self, peer: Peer) -> None:
        log.info("publisher_connected", stream=self._publications[peer.id][0].name)

    def _publisher_ended(self, peer: Peer) -> None:
        stream, publication = self._publications.pop(peer.id)
        self._forget(peer)
        if stream.publication is publication:
            # The tracks stay: whoever publishes next goes on where this one stopped.
            stream.publication = None
            self._observer(StreamHappening(stream.name, "lost", peer.id))
        awaited = any(source is stream for source, _ in self._publications.values())
        if not awaited and not len(stream.egress) and not stream.tracks:
            self._streams.pop(stream.name, None)

    def _viewer_ready(self, peer: Peer) -> None:
        self._waiting.discard(peer)
        stream, subscription = self._subscriptions[peer.id]
        stream.join(subscription)
        if subscription.waits_for_picture:
            stream.ask_for_keyframe(time.monotonic())

    def _viewer_ended(self, peer: Peer) -> None:
        self._waiting.discard(peer)
        stream, subscription = self._subscriptions.pop(peer.id)
        stream.leave(subscription)
        self._forget(peer)

    def _forget(self, peer: Peer) -> None:
        self._peers.forget(peer)
        self._run(peer.close())

    async def _keep_house(self) -> None:
        reported_at = time.monotonic()
        while True:
            await asyncio.sleep(HOUSEKEEPING)
            now = time.monotonic()
            due = now - reported_at >= REPORT_EVERY
            for stream in list(self._streams.values()):
                if stream.wants_keyframe:
                    stream.ask_for_keyframe(now)
                if due:
                    stream.report(now)
            if due:
                self._load, self._sending_for = self._sending_for / (now - reported_at), 0.0
                reported_at = now
                self._miss(now)

    def _miss(self, now: float) -> None:
        """Publishers that fell silent are lost; peers without consent are let go (RFC 7675).

        A publisher's genuine media count as a sign of life: encoders exist that send no checks of consent.
        """
        self._proposals.forget(now)
        for stream, publication in list(self._publications.values()):
            silent = now - publication.heard_at > LOST_AFTER
            if publication.flowing and silent:
                publication.flowing = False
                if stream.publication is publication:
                    self._observer(StreamHappening(stream.name, "lost", publication.peer.id))
            publication.peer.ice.heard_at = max(publication.peer.ice.heard_at, publication.heard_at)
        for peer in self._peers:
            if peer.connected and not peer.ice.has_consent(now):
                self._run(peer.close())

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _fit(source: Stream, parsed: sdp.Offer) -> list[sdp.Outgoing | None]:
    """What we send in each m-section of a viewer; None where it takes nothing, or nothing is published.

    `Refused("no_common_codec")` when it could not play a kind that it wants, or when nothing is left.
    """
    published = source.publication.codecs if source.publication else {}
    outgoing = [
        sdp.Outgoing(source.tracks[section.kind].ssrc, sdp.choose_watched(section, published[section.kind]))
        if section.kind in published and section.direction != "inactive"
        else None
        for section in parsed.sections
    ]
    if not any(outgoing):
        raise Refused("no_common_codec")
    return outgoing


def _ufrag() -> str:
    return secrets.token_hex(4)


def _password() -> str:
    return secrets.token_hex(16)


def _tag() -> str:
    return f'"{secrets.token_hex(8)}"'


def _make_certificate() -> Certificate:
    """Loading aiortc brings all of FFmpeg, of which forwarding needs nothing."""
    from liveroom.media.dtls import Certificate

    return Certificate()
