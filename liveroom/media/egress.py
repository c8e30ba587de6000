"""Which viewers get what has gathered, and which packets share a system call. Knows no publisher and no cipher.

What is the same for all viewers is worked out once; how it is sealed for each and sent is a sender's work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from liveroom.media.peer import Peer
from liveroom.media.port import BYTES_AT_ONCE, SEGMENTS_AT_ONCE
from liveroom.media.sending import Packet, Run, Sender
from liveroom.media.srtp import nonce_mask
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

_Origins = tuple[int | None, ...]
"""For each kind the index at which a viewer's rollover counter is zero: whoever joins counts from there.

None for what has not begun.
"""


@dataclass(slots=True, eq=False)
class Subscription:
    """A viewer's peer, what it takes, and what has begun.

    `begun` holds, by kind, the index at which the viewer's rollover counter is zero: whoever joins counts from there
    (RFC 3711, section 3.3.1).
    """

    peer: Peer
    payload_types: PayloadTypes
    form: Form = ((), 0)
    filed: _Origins = ()
    begun: dict[str, int] = field(default_factory=dict)
    remembered: object = None
    _again: float = AGAIN_PER_SECOND
    _again_at: float = 0.0

    def takes(self, kind: str) -> bool:
        return any(kind == own for own, _ in self.payload_types)

    @property
    def waits_for_picture(self) -> bool:
        return self.takes("video") and "video" not in self.begun

    @property
    def origins(self) -> _Origins:
        return tuple(self.begun.get(kind) for kind, _ in self.payload_types)

    def grant(self, wanted: int, now: float) -> int:
        """How many of the packets that it wants again this viewer gets now."""
        saved = self._again + (now - self._again_at) * AGAIN_PER_SECOND
        granted = min(wanted, int(min(saved, AGAIN_PER_SECOND)))
        self._again, self._again_at = min(saved, AGAIN_PER_SECOND) - granted, now
        return granted


class Egress:
    """The viewers of one stream. `greet` is called when a kind begins for a viewer, before its first packet."""

    def __init__(self, sender: Sender, greet: Callable[[Subscription, str], None]) -> None:
        self._sender = sender
        self._greet = greet
        self._groups: dict[tuple[Form, _Origins], dict[Subscription, None]] = {}
        """Who gets the same bytes but for the cipher. Walked in order; faster than sets."""

    def __len__(self) -> int:
        return sum(len(viewers) for viewers in self._groups.values())

    def __iter__(self) -> Iterator[Subscription]:
        for viewers in self._groups.values():
            yield from viewers

    @property
    def waits_for_picture(self) -> bool:
        """Whether a viewer is there who has not had a picture yet."""
        return any(
            kind == "video" and origin is None
            for (payload_types, _), origins in self._groups
            for (kind, _), origin in zip(payload_types, origins, strict=True)
        )

    def add(self, subscription: Subscription) -> None:
        """A viewer whose keys are there."""
        sealer = subscription.peer.sealer
        if sealer is not None:
            subscription.form = subscription.payload_types, sealer.overhead
            self._file(subscription)

    def discard(self, subscription: Subscription) -> None:
        place = subscription.form, subscription.filed
        viewers = self._groups.get(place, {})
        viewers.pop(subscription, None)
        if not viewers:
            self._groups.pop(place, None)

    def _file(self, subscription: Subscription) -> None:
        subscription.filed = subscription.origins
        self._groups.setdefault((subscription.form, subscription.filed), {})[subscription] = None

    def _file_anew(self, subscription: Subscription) -> None:
        if subscription.origins != subscription.filed:
            self.discard(subscription)
            self._file(subscription)

    def send_to_all(self, gathered: Gathered, *, in_order: bool) -> None:
        """`in_order` says that every packet is newer than all before, so that nobody joined between them."""
        served: list[Subscription] = []
        for (form, origins), viewers in self._groups.items():
            if in_order and not _begins(form, origins, gathered):
                self._sender.send(viewers, self._plan(form, origins, gathered))
            else:
                for subscription in viewers:
                    self._send_own(subscription, gathered)
                served += viewers
        # When all have been served: whoever is filed anew in between would be served twice.
        for subscription in served:
            self._file_anew(subscription)

    def send(self, subscription: Subscription, gathered: Gathered) -> None:
        """What one viewer may have of these packets: a picture begins with a keyframe, nothing is from before."""
        self._send_own(subscription, gathered)
        self._file_anew(subscription)

    def _send_own(self, subscription: Subscription, gathered: Gathered) -> None:
        begun = subscription.begun
        own = [
            (track, packet)
            for track, packet in gathered
            if (track.kind in begun or self._begin(subscription, track, packet)) and packet.index >= begun[track.kind]
        ]
        self._sender.send((subscription,), self._plan(subscription.form, subscription.origins, own))

    def _begin(self, subscription: Subscription, track: Track, packet: Forwarded) -> bool:
        """Whether this packet is the viewer's first of its kind."""
        if not subscription.takes(track.kind) or packet.index & 0xFFFF > _NEAR_WRAP:
            return False
        if track.kind == "video" and not packet.keyframe:
            return False
        subscription.begun[track.kind] = packet.index >> 16 << 16
        self._greet(subscription, track.kind)
        return True

    def _plan(self, form: Form, origins: _Origins, gathered: Gathered) -> list[Run]:
        """The packets as viewers of a form who began at the same place get them, in runs that share a system call.

        The kernel cuts a run into segments of one size, of which only the last may be shorter.
        """
        payload_types, overhead = form
        own = {
            kind: (number, origin)
            for (kind, number), origin in zip(payload_types, origins, strict=True)
            if origin is not None
        }
        runs: list[Run] = []
        run: list[Packet] = []
        segment = room = 0
        for track, packet in gathered:
            if track.kind not in own:
                continue
            payload_type, origin = own[track.kind]
            header = write_header(
                payload_type, packet.marker, packet.index, packet.timestamp, track.ssrc, packet.padded
            )
            size = len(header) + len(packet.payload) + overhead
            if run and (
                size > segment or size > room or len(run) == SEGMENTS_AT_ONCE or not self._sender.port.segments
            ):
                runs.append(Run(run, segment, overhead))
                run = []
            if not run:
                segment, room = size, BYTES_AT_ONCE
            run.append(Packet(nonce_mask(track.ssrc, packet.index - origin), header, packet.payload))
            room = room - size if size == segment else 0  # a shorter one is the last
        if run:
            runs.append(Run(run, segment, overhead))
        return runs


def _begins(form: Form, origins: _Origins, gathered: Gathered) -> bool:
    """Whether something may begin with these packets for viewers of a form for whom so much has begun."""
    missing = {kind for (kind, _), origin in zip(form[0], origins, strict=True) if origin is None}
    return bool(missing) and any(
        track.kind in missing and (packet.keyframe or track.kind != "video") for track, packet in gathered
    )
