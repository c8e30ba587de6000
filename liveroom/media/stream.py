"""A stream: at most one publication and its subscriptions. Knows no HTTP and no session of the room."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from liveroom.media.egress import Egress, Subscription
from liveroom.media.peer import Peer
from liveroom.media.sending import Sender
from liveroom.relay import rtcp
from liveroom.relay.reception import Reception
from liveroom.relay.rtp import RtpPacket, parse
from liveroom.relay.track import Forwarded, Track
from liveroom.signaling.sdp import Codec

KEYFRAME_EVERY = 0.7
"""Seconds between two keyframe requests to the publisher, however many viewers ask."""

KEYFRAMES_AT_ONCE = 8
KEYFRAME_EVERY_LASTING = 2.0
"""After so many requests in a row only one in so many seconds is passed on: a keyframe is as large as some ten other
pictures, and somebody who asks for one all the time takes that from everybody's picture."""

UPLINK_LIMIT = 2_500_000
"""Bits a second that we ask a publisher to stay under."""

LOST_AFTER = 3.0
"""Seconds without a packet until the publisher counts as lost."""

PADDING_LIMIT = 8
"""Bytes by which a packet may be padded to be sent together with its neighbours."""

_CNAME = b"liveroom"


class Tap(Protocol):
    """Is told of all that a stream forwards, before it is sealed for anybody; costs it no more than a list entry."""

    @property
    def wants_keyframe(self) -> bool: ...

    def take(self, track: Track, packet: Forwarded, now: float) -> None: ...

    def report(self, kind: str, ntp: int, timestamp: int) -> None: ...


@dataclass(slots=True, eq=False)
class Publication:
    """A publisher's peer and how its streams arrive, by payload type."""

    peer: Peer
    codecs: dict[str, Codec]
    flowing: bool = False
    heard_at: float = 0.0
    receptions: dict[str, Reception] = field(default_factory=dict)
    keyframe_asked_at: float = -1e9
    keyframe_credit: float = 0.0
    _kind_of: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._kind_of = {codec.payload_type: kind for kind, codec in self.codecs.items()}

    def kind_of(self, payload_type: int) -> str | None:
        return self._kind_of.get(payload_type)

    def listens_to(self, kind: str, feedback: str) -> bool:
        """Whether the publisher said that it heeds this kind of feedback (RFC 4585, section 4.2)."""
        return feedback in self.codecs[kind].feedback

    def open(self, datagram: bytes, now: float) -> RtpPacket | None:
        """A packet of this publisher; None when it is forged, damaged or a replay."""
        opened = self.peer.opener.open_rtp(datagram) if self.peer.opener is not None else None
        packet = parse(*opened) if opened is not None else None
        if packet is not None:
            self.heard_at = now
        return packet


class Stream:
    """Forwards, remembers, and asks for keyframes. Outlives its publisher: viewers stay while nobody sends."""

    def __init__(self, name: str, sender: Sender, tap: Tap | None = None) -> None:
        self.name = name
        self._tap = tap
        self.publication: Publication | None = None
        self.egress = Egress(sender, self._greet)
        self.tracks: dict[str, Track] = {}
        self._pending: list[tuple[Track, Forwarded]] = []
        self._frame_open = False
        self._reports: dict[str, tuple[int, int]] = {}
        self._ssrc = secrets.randbits(32)

    @property
    def live(self) -> bool:
        return self.publication is not None and self.publication.flowing

    def take_over(self, publication: Publication) -> bool:
        """Let a publication feed this stream; True when viewers must join anew because the codecs differ."""
        self.publication = publication
        names = {kind: codec.name for kind, codec in publication.codecs.items()}
        changed = bool(self.tracks) and names != {kind: track.codec for kind, track in self.tracks.items()}
        if changed or not self.tracks:
            self.tracks = {
                kind: Track(kind, codec.name, codec.clock_rate, secrets.randbits(32))
                for kind, codec in publication.codecs.items()
            }
        else:
            for track in self.tracks.values():
                track.begin()
        self._reports.clear()
        return changed

    def receive(self, publication: Publication, packet: RtpPacket, now: float) -> None:
        """A genuine packet of a publication; of one that does not feed this stream nothing is used."""
        kind = publication.kind_of(packet.payload_type)
        if kind is None or publication is not self.publication:
            return
        track = self.tracks[kind]
        reception = publication.receptions.get(kind)
        if reception is None or reception.ssrc != packet.ssrc:
            reception = publication.receptions[kind] = Reception(packet.ssrc, track.clock_rate)
            track.begin()
        index = reception.note(packet.sequence, packet.timestamp, now)
        if not packet.payload:
            return
        forwarded = track.forward(packet, index, now)
        if forwarded is not None:
            if self._tap is not None:
                self._tap.take(track, forwarded, now)
            self._pending.append((track, forwarded))
            if kind == "video":
                self._frame_open = not packet.marker

    @property
    def misses(self) -> bool:
        """Whether packets of the publisher are missing that may be asked for."""
        return self.publication is not None and any(r.misses for r in self.publication.receptions.values())

    @property
    def has_pending(self) -> bool:
        return bool(self._pending)

    @property
    def is_whole(self) -> bool:
        """Whether what has gathered ends a frame, so that waiting longer would bring no more of it."""
        return not self._frame_open

    def flush(self) -> None:
        """Send what has gathered to every viewer."""
        gathered, self._pending = _even_out(self._pending), []
        self._frame_open = False
        in_order = all(packet.index > track.last_kept for track, packet in gathered)
        for track, packet in gathered:
            track.keep(packet)
        self.egress.send_to_all(gathered, in_order=in_order)

    def _greet(self, subscription: Subscription, kind: str) -> None:
        """How sound and picture belong together, before the first packet of each."""
        report = self._reports.get(kind)
        if report is not None:
            subscription.peer.send_rtcp(self._sender_report(kind, *report))

    def join(self, subscription: Subscription) -> None:
        """A viewer's keys are there: a young keyframe is replayed, otherwise the publisher is asked for one."""
        self.egress.add(subscription)
        track = self.tracks.get("video")
        if track is not None and subscription.takes("video"):
            self.egress.send(subscription, [(track, packet) for packet in track.since_keyframe()])

    def leave(self, subscription: Subscription) -> None:
        self.egress.discard(subscription)

    def receive_publisher_rtcp(self, publication: Publication, compound: bytes, now: float) -> None:
        """Sender reports: kept, mapped and passed on, so that lips and voice agree."""
        for part in rtcp.read(compound):
            if not isinstance(part, rtcp.SenderReport):
                continue
            for kind, reception in publication.receptions.items():
                if reception.ssrc == part.ssrc:
                    reception.note_report(part, now)
                    mapped = self.tracks[kind].map_report(part) if publication is self.publication else None
                    if mapped is not None:
                        self._reports[kind] = mapped
                        if self._tap is not None:
                            self._tap.report(kind, *mapped)
                        self._pass_report(kind)

    def _pass_report(self, kind: str) -> None:
        packet = self._sender_report(kind, *self._reports[kind])
        for subscription in self.egress:
            if kind in subscription.begun:
                subscription.peer.send_rtcp(packet)

    def _sender_report(self, kind: str, ntp: int, timestamp: int) -> bytes:
        track = self.tracks[kind]
        return rtcp.write_sender_report(track.ssrc, ntp, timestamp, track.packets, track.octets, _CNAME)

    def receive_viewer_rtcp(self, subscription: Subscription, compound: bytes, now: float) -> None:
        """Wishes of a viewer: packets again out of the shared history, a keyframe out of the publisher."""
        for part in rtcp.read(compound):
            if not isinstance(part, rtcp.Feedback):
                continue
            kind = next((k for k, track in self.tracks.items() if track.ssrc == part.ssrc), None)
            if kind is None or not subscription.takes(kind):
                continue
            if part.keyframe:
                self.ask_for_keyframe(now)
            if part.lost and kind in subscription.begun:
                self._send_again(subscription, kind, part.lost, now)

    def _send_again(self, subscription: Subscription, kind: str, lost: tuple[int, ...], now: float) -> None:
        track = self.tracks[kind]
        found = [packet for sequence in dict.fromkeys(lost) if (packet := track.again(sequence)) is not None]
        found = found[: subscription.grant(len(found), now)]
        self.egress.send(subscription, [(track, packet) for packet in found])

    @property
    def wants_keyframe(self) -> bool:
        """Whether a viewer waits for a picture, or a recording for one to begin with."""
        return self.egress.waits_for_picture or (self._tap is not None and self._tap.wants_keyframe)

    def ask_for_keyframe(self, now: float) -> None:
        """At most one request in a while (RFC 4585 feedback of many viewers becomes one)."""
        publication = self.publication
        video = publication.receptions.get("video") if publication is not None else None
        if publication is None or video is None or not publication.listens_to("video", "nack pli"):
            return
        waited = now - publication.keyframe_asked_at
        credit = min(publication.keyframe_credit + waited / KEYFRAME_EVERY_LASTING, KEYFRAMES_AT_ONCE)
        if waited >= KEYFRAME_EVERY and credit >= 1:
            publication.keyframe_asked_at, publication.keyframe_credit = now, credit - 1
            self._tell(publication, rtcp.write_keyframe_request(self._ssrc, video.ssrc))

    def ask_again(self, now: float) -> None:
        """Ask the publisher for packets that are missing, and for a keyframe once that is in vain."""
        publication = self.publication
        if publication is None:
            return
        for kind, reception in publication.receptions.items():
            wanted, in_vain = reception.to_ask_for(now)
            if wanted and publication.listens_to(kind, "nack"):
                self._tell(publication, rtcp.write_nack(self._ssrc, reception.ssrc, wanted))
            if in_vain and kind == "video":
                self.ask_for_keyframe(now)

    def report(self, now: float) -> None:
        """Tell the publisher how it arrives; its sending rate grows by that."""
        publication = self.publication
        if publication is None or not publication.receptions:
            return
        blocks = [reception.block(now) for reception in publication.receptions.values()]
        limit = rtcp.write_bitrate_limit(self._ssrc, UPLINK_LIMIT, [block.ssrc for block in blocks])
        self._tell(publication, limit, blocks)

    def _tell(self, publication: Publication, feedback: bytes, blocks: Sequence[rtcp.ReportBlock] = ()) -> None:
        """Feedback in a compound packet (RFC 3550, section 6.1): a report and our name go first."""
        report = rtcp.write_receiver_report(self._ssrc, blocks) + rtcp.write_description(self._ssrc, _CNAME)
        publication.peer.send_rtcp(report + feedback)


def _even_out(pending: list[tuple[Track, Forwarded]]) -> list[tuple[Track, Forwarded]]:
    """A tick in the order of sending, pictures padded to even sizes.

    Segments that share a system call must be of one size, only the last may be shorter: the packets of a frame differ
    by a few bytes, which padding evens out, and sound rides behind the picture.
    """
    ordered = sorted(pending, key=lambda entry: (entry[0].kind != "video", entry[1].index))
    evened: list[tuple[Track, Forwarded]] = []
    run: list[tuple[Track, Forwarded]] = []
    for track, packet in ordered:
        sizes = [len(other.payload) for _, other in run] + [len(packet.payload)]
        if max(sizes) - min(sizes) > PADDING_LIMIT or track.kind != "video":
            evened += _padded(run)
            run = []
        run.append((track, packet))
    return evened + _padded(run)


def _padded(run: list[tuple[Track, Forwarded]]) -> list[tuple[Track, Forwarded]]:
    size = max((len(packet.payload) for _, packet in run), default=0)
    return [(track, packet.pad(size)) for track, packet in run]
