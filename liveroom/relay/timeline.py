"""When the frames of a publication were taken: one clock for sound and picture. Knows no packet and no wall clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from liveroom.relay.rtp import extend_timestamp

APART = 3.0
"""Seconds that sender reports may differ from what arrivals say: on a weak uplink a picture is that late; what differs
by more is no clock."""

ASTRAY = 5.0
"""Seconds by which a frame may seem early or late before its timestamps are taken to have begun anew."""

_NTP_SECOND = 1 << 32


@dataclass(slots=True)
class Timeline:
    """Maps timestamps (RTP units, `rates` a second for each kind; RFC 3550, section 5.1) to the clock of arrivals.

    The sound gives the time, by the quickest of its arrivals. Sender reports (RFC 3550, section 6.4.1) say how the
    picture belongs to it: on a weak uplink its packets queue, and come later than the sound of the same moment.
    """

    rates: Mapping[str, int]
    _latest: dict[str, int] = field(default_factory=dict)
    _delays: dict[str, float] = field(default_factory=dict)
    _reports: dict[str, float] = field(default_factory=dict)
    _settled: dict[str, float] = field(default_factory=dict)

    def note(self, kind: str, timestamp: int, now: float) -> bool:
        """A frame arrived; False when it belongs to no time near now, so that a timeline must begin anew."""
        delay = now - timestamp / self.rates[kind]
        quickest = self._delays.setdefault(kind, delay)
        if abs(delay - quickest) > ASTRAY:
            return False
        self._delays[kind] = min(quickest, delay)
        self._latest[kind] = timestamp
        return True

    def report(self, kind: str, ntp: int, timestamp: int) -> None:
        """Which timestamp (32 bits) was due when by the publisher's clock (64-bit NTP)."""
        if kind in self._latest:
            due = extend_timestamp(timestamp, self._latest[kind])
            self._reports[kind] = ntp / _NTP_SECOND - due / self.rates[kind]

    @property
    def is_sure(self) -> bool:
        """Whether sound and picture were both reported of."""
        return self._reports.keys() == self.rates.keys()

    def settle(self) -> None:
        """Take what is known now; it stays so, whatever is learned, until it is settled again."""
        self._settled = {kind: self._offset(kind) for kind in self._delays}

    def seconds(self, kind: str, timestamp: int) -> float:
        """When a frame was taken."""
        offset = self._settled.get(kind)
        if offset is None:
            offset = self._settled[kind] = self._offset(kind)
        return timestamp / self.rates[kind] + offset

    def _offset(self, kind: str) -> float:
        delay, sound = self._delays[kind], self._delays.get("audio")
        if sound is None or not {kind, "audio"} <= self._reports.keys():
            return delay
        reported = sound + self._reports[kind] - self._reports["audio"]
        return reported if abs(reported - delay) <= APART else delay
