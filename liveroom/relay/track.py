"""What viewers get of one published stream, whoever publishes it: one SSRC, one row of numbers, one clock.

Knows no viewers and no keys.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

from liveroom.relay.keyframes import begins_keyframe
from liveroom.relay.rtcp import SenderReport
from liveroom.relay.rtp import RtpPacket

HISTORY_PACKETS = 1024
"""Numbers that are remembered: more than a second of any stream we carry, and more than 500 packets."""

YOUNG_KEYFRAME = 40
"""A keyframe younger than this many packets is replayed to a viewer who joins; an older one would be a long burst."""

_FIRST_SEQUENCE = 1000
"""Far from 65535: a receiver that misses the first packets around a wrap never finds the rollover counter again."""


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A packet as every viewer gets it, but for payload type and encryption. `index` extends the sequence number."""

    index: int
    timestamp: int
    marker: bool
    payload: bytes
    keyframe: bool
    padded: bool = False

    def pad(self, size: int) -> Forwarded:
        """The packet with RTP padding up to `size` bytes of payload (RFC 3550, section 5.1); at most 255 more."""
        gap = size - len(self.payload)
        return replace(self, payload=self.payload + bytes(gap - 1) + bytes([gap]), padded=True) if gap else self


@dataclass(slots=True)
class Track:
    """Continues numbers and time over publishers, remembers packets for retransmission and the last keyframe."""

    kind: str
    codec: str
    clock_rate: int
    ssrc: int
    last_index: int = _FIRST_SEQUENCE - 1
    packets: int = 0
    octets: int = 0
    _last_timestamp: int = 0
    _last_at: float = 0.0
    _index_offset: int | None = None
    _first_index: int = _FIRST_SEQUENCE
    _timestamp_offset: int = 0
    _history: dict[int, Forwarded] = field(default_factory=dict)
    _order: deque[int] = field(default_factory=deque)
    _promised: set[int] = field(default_factory=set)
    _keyframe: int = -1
    last_kept: int = -1

    def begin(self) -> None:
        """Another publisher, or the same one again: its numbers will be joined to ours at its first packet."""
        self._index_offset = None
        self._keyframe = -1

    @property
    def begun(self) -> bool:
        """Whether the present publisher has sent a packet."""
        return self._index_offset is not None

    def forward(self, packet: RtpPacket, index: int, now: float) -> Forwarded | None:
        """The packet for viewers; `index` is its extended number at the publisher, `now` in seconds.

        None for a packet from before the publisher's first one, or so late that its number was given up. A number is
        given out once: what is forwarded is sent, and kept, in the end.
        """
        if self._index_offset is None:
            elapsed = int((now - self._last_at) * self.clock_rate) if self.packets else 0
            self._first_index = self.last_index + 1
            self._index_offset = self._first_index - index
            self._timestamp_offset = (self._last_timestamp + max(elapsed, 1) - packet.timestamp) & 0xFFFFFFFF
        out = index + self._index_offset
        if out < self._first_index or self._is_past(out) or out in self._history or out in self._promised:
            return None
        self._promised.add(out)
        timestamp = (packet.timestamp + self._timestamp_offset) & 0xFFFFFFFF
        keyframe = self.kind == "video" and begins_keyframe(self.codec, packet.payload)
        if out > self.last_index:
            self.last_index, self._last_timestamp, self._last_at = out, timestamp, now
        self.packets += 1
        self.octets += len(packet.payload)
        return Forwarded(out, timestamp, packet.marker, packet.payload, keyframe)

    def keep(self, packet: Forwarded) -> None:
        """Remember a packet in the form in which it is sent.

        It is never sent in another form: sealed twice under one number, two different texts would give the key away.
        """
        if packet.index in self._history:
            return
        self._promised.discard(packet.index)
        self._history[packet.index] = packet
        self._order.append(packet.index)
        self.last_kept = max(self.last_kept, packet.index)
        if packet.keyframe and self._starts_picture(packet):
            self._keyframe = packet.index
        while self._order and self._is_past(self._order[0]):
            del self._history[self._order.popleft()]

    def again(self, sequence: int) -> Forwarded | None:
        """A packet of the past by the low 16 bits of its number."""
        index = (self.last_index & ~0xFFFF) | sequence
        if index > self.last_index:
            index -= 0x10000
        return None if self._is_past(index) else self._history.get(index)

    def since_keyframe(self) -> list[Forwarded]:
        """The packets from the last keyframe on, when it is young and nothing of it is missing; else none."""
        if self._keyframe < 0 or self.last_kept - self._keyframe >= YOUNG_KEYFRAME:
            return []
        packets = [self._history.get(index) for index in range(self._keyframe, self.last_kept + 1)]
        return [] if None in packets else [packet for packet in packets if packet is not None]

    def map_report(self, report: SenderReport) -> tuple[int, int] | None:
        """NTP time and our RTP timestamp of a publisher's sender report; None before its first packet."""
        if self._index_offset is None:
            return None
        return report.ntp, (report.timestamp + self._timestamp_offset) & 0xFFFFFFFF

    def _is_past(self, index: int) -> bool:
        """Whether a number is too old to be given out, or to be remembered: later ones fill the history."""
        return index <= self.last_index - HISTORY_PACKETS

    def _starts_picture(self, packet: Forwarded) -> bool:
        """The first of several packets that look like a keyframe's beginning (SPS, then IDR) counts."""
        before = self._history.get(self._keyframe)
        return before is None or before.timestamp != packet.timestamp
