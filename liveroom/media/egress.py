"""Seals what has gathered for each viewer and sends it, a frame in one system call. Knows no publisher and no HTTP.

This is the inner loop of the product: with 1,000 viewers it runs 170,000 times a second. What is the same for all
viewers (headers, sizes, which packets share a call) is worked out once, so that a viewer costs a nonce, a cipher and a
share of a system call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from liveroom.media.peer import Peer
from liveroom.media.port import BYTES_AT_ONCE, SEGMENTS_AT_ONCE, Ancillary, UdpPort, segmentation
from liveroom.relay.rtp import write_header
from liveroom.relay.track import Forwarded, Track

AGAIN_PER_SECOND = 200
"""Packets that a viewer may have again in a second, and at once: one small request names thousands."""

_NEAR_WRAP = 65_400

Gathered = Sequence[tuple[Track, Forwarded]]
PayloadTypes = tuple[tuple[str, int], ...]
"""The kinds that a viewer takes, and what it calls the codec of each."""

Form = tuple[PayloadTypes, int]
"""What viewers have in common who get the same bytes but for the cipher: payload types and the cipher's overhead."""

_Packet = tuple[str, bytes, bytes, int]
"""Kind, header and payload as all viewers of a form get them, index."""

_Run = tuple[list[_Packet], Ancillary]
"""Packets that share a system call, and what the kernel is told with it."""


@dataclass(slots=True, eq=False)
class Subscription:
    """A viewer's peer, what it takes, and what has begun.

    `begun` holds, by kind, the base of the nonces and the index at which the viewer's rollover counter is zero: whoever
    joins counts from there (RFC 3711, section 3.3.1).
    """

    peer: Peer
    payload_types: PayloadTypes
    form: Form = ((), 0)
    begun: dict[str, tuple[int, int]] = field(default_factory=dict)
    _again: float = AGAIN_PER_SECOND
    _again_at: float = 0.0

    def takes(self, kind: str) -> bool:
        return any(kind == own for own, _ in self.payload_types)

    @property
    def waits_for_picture(self) -> bool:
        return self.takes("video") and "video" not in self.begun

    def grant(self, wanted: int, now: float) -> int:
        """How many of the packets that it wants again this viewer gets now."""
        saved = self._again + (now - self._again_at) * AGAIN_PER_SECOND
        granted = min(wanted, int(min(saved, AGAIN_PER_SECOND)))
        self._again, self._again_at = min(saved, AGAIN_PER_SECOND) - granted, now
        return granted


@dataclass(slots=True)
class _Group:
    """Viewers of one form: those for whom everything has begun, and those who wait for something."""

    ready: set[Subscription] = field(default_factory=set)
    waiting: set[Subscription] = field(default_factory=set)


class Egress:
    """The viewers of one stream. `greet` is called when a kind begins for a viewer, before its first packet."""

    def __init__(self, port: UdpPort, greet: Callable[[Subscription, str], None]) -> None:
        self.forwarded = 0
        self._port = port
        self._greet = greet
        self._groups: dict[Form, _Group] = {}

    def __len__(self) -> int:
        return sum(len(group.ready) + len(group.waiting) for group in self._groups.values())

    def __iter__(self) -> Iterator[Subscription]:
        for group in self._groups.values():
            yield from group.ready
            yield from group.waiting

    @property
    def waits_for_picture(self) -> bool:
        """Whether a viewer is there who has not had a picture yet."""
        return any(viewer.waits_for_picture for group in self._groups.values() for viewer in group.waiting)

    def add(self, subscription: Subscription) -> None:
        """A viewer whose keys are there."""
        sealer = subscription.peer.sealer
        if sealer is not None:
            subscription.form = subscription.payload_types, sealer.overhead
            self._groups.setdefault(subscription.form, _Group()).waiting.add(subscription)

    def discard(self, subscription: Subscription) -> None:
        group = self._groups.get(subscription.form, _Group())
        group.ready.discard(subscription)
        group.waiting.discard(subscription)
        if not group.ready and not group.waiting:
            self._groups.pop(subscription.form, None)

    def send_to_all(self, gathered: Gathered, *, in_order: bool) -> None:
        """`in_order` says that every packet is newer than all before, so that nobody joined between them."""
        for form, group in self._groups.items():
            if in_order:
                plan = self._plan(form, gathered)
                for subscription in group.ready:
                    self._send(subscription, plan)
            else:
                for subscription in group.ready:
                    self.send(subscription, gathered)
            for subscription in list(group.waiting):
                self.send(subscription, gathered)
                if len(subscription.begun) == len(subscription.payload_types):
                    group.waiting.remove(subscription)
                    group.ready.add(subscription)

    def send(self, subscription: Subscription, gathered: Gathered) -> None:
        """What one viewer may have of these packets: a picture begins with a keyframe, nothing is from before."""
        begun = subscription.begun
        own = [
            (track, packet)
            for track, packet in gathered
            if (track.kind in begun or self._begin(subscription, track, packet))
            and packet.index >= begun[track.kind][1]
        ]
        self._send(subscription, self._plan(subscription.form, own))

    def _begin(self, subscription: Subscription, track: Track, packet: Forwarded) -> bool:
        """Whether this packet is the viewer's first of its kind."""
        sealer = subscription.peer.sealer
        if sealer is None or not subscription.takes(track.kind) or packet.index & 0xFFFF > _NEAR_WRAP:
            return False
        if track.kind == "video" and not packet.keyframe:
            return False
        subscription.begun[track.kind] = (sealer.stream_base(track.ssrc), packet.index >> 16 << 16)
        self._greet(subscription, track.kind)
        return True

    def _plan(self, form: Form, gathered: Gathered) -> list[_Run]:
        """The packets as viewers of a form get them, in runs that share a system call.

        The kernel cuts a run into segments of one size, of which only the last may be shorter.
        """
        payload_types, overhead = dict(form[0]), form[1]
        runs: list[_Run] = []
        run: list[_Packet] = []
        segment = room = 0
        for track, packet in gathered:
            payload_type = payload_types.get(track.kind)
            if payload_type is None:
                continue
            header = write_header(
                payload_type, packet.marker, packet.index, packet.timestamp, track.ssrc, packet.padded
            )
            size = len(header) + len(packet.payload) + overhead
            if run and (size > segment or size > room or len(run) == SEGMENTS_AT_ONCE or not self._port.segments):
                runs.append((run, segmentation(segment, len(run))))
                run = []
            if not run:
                segment, room = size, BYTES_AT_ONCE
            run.append((track.kind, header, packet.payload, packet.index))
            room = room - size if size == segment else 0  # a shorter one is the last
        if run:
            runs.append((run, segmentation(segment, len(run))))
        return runs

    def _send(self, subscription: Subscription, plan: list[_Run]) -> None:
        peer = subscription.peer
        address, begun = peer.ice.nominated, subscription.begun
        if address is None or peer.sealer is None:
            return
        seal, send_run = peer.sealer.seal_rtp, self._port.send_run
        for packets, ancillary in plan:
            pieces: list[bytes] = []
            for kind, header, payload, index in packets:
                base, origin = begun[kind]
                pieces.append(header)
                pieces.append(seal((base ^ (index - origin)).to_bytes(12), payload, header))
            send_run(pieces, ancillary, len(packets), address)
            self.forwarded += len(packets)
