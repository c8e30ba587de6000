"""How one incoming stream arrives: gaps to ask for again, figures to report. Knows no sockets and no clock."""

from __future__ import annotations

from dataclasses import dataclass, field

from liveroom.relay.rtcp import ReportBlock, SenderReport
from liveroom.relay.rtp import extend

REORDER_WINDOW = 0.02
"""Seconds to wait before a gap counts as a loss."""

NACK_AGAIN = 0.1
"""Seconds until a packet is asked for once more, as long as no round trip has been seen."""

NACK_AGAIN_RANGE = (0.03, 0.5)
NACK_TRIES = 4
GAP_LIMIT = 200
"""A larger jump is a new start, not a loss."""

MISSING_LIMIT = 1000
"""Packets missing at a time; more than these no asking brings back in time, and all of them are given up."""

ASK_AT_ONCE = 250
"""Packets to ask for at a time: as many fit into one datagram, however they lie."""


_CYCLE = 0x10000
_HALF = 1 << 31


@dataclass(slots=True)
class _Missing:
    since: float
    asked_at: float = float("-inf")
    tries: int = 0


@dataclass(slots=True)
class Reception:
    """Counters of a stream with the SSRC that the publisher gave it. Times are seconds of a steady clock."""

    ssrc: int
    clock_rate: int
    highest: int = -1
    first: int = -1
    received: int = 0
    _missing: dict[int, _Missing] = field(default_factory=dict)
    _in_vain: bool = False
    _again_after: float = NACK_AGAIN
    _transit: float = 0.0
    _jitter: float = 0.0
    _reported: tuple[int, int] = (0, 0)
    _report: SenderReport | None = None
    _report_at: float = 0.0

    @property
    def misses(self) -> bool:
        """Whether `to_ask_for` has something to say, now or later."""
        return bool(self._missing) or self._in_vain

    def note(self, sequence: int, timestamp: int, now: float) -> int:
        """Count a packet; its extended sequence number, which begins a cycle late so that what came before has one."""
        transit = now * self.clock_rate - timestamp
        if self.highest < 0:
            self.first = self.highest = sequence + _CYCLE
            self.received, self._transit = 1, transit
            return self.highest
        index = extend(sequence, self.highest)
        self.received += 1
        # RFC 3550, appendix A.8; timestamps wrap.
        apart = abs((transit - self._transit + _HALF) % (2 * _HALF) - _HALF)
        self._jitter += (apart - self._jitter) / 16
        self._transit = transit
        if index > self.highest:
            if index - self.highest <= GAP_LIMIT:
                for lost in range(self.highest + 1, index):
                    self._missing[lost] = _Missing(now)
            if index - self.highest > GAP_LIMIT or len(self._missing) > MISSING_LIMIT:
                self._missing.clear()
                self._in_vain = True
            self.highest = index
        else:
            came = self._missing.pop(index, None)
            if came is not None and came.tries == 1:
                # The time that it took is a round trip; after one and a half of them the question was lost.
                shortest, longest = NACK_AGAIN_RANGE
                self._again_after = min(max(1.5 * (now - came.asked_at), shortest), longest)
        return index

    def to_ask_for(self, now: float) -> tuple[list[int], bool]:
        """Extended sequence numbers to ask for again now, and whether some were given up since the last call."""
        wanted: list[int] = []
        for index, missing in list(self._missing.items()):
            if len(wanted) == ASK_AT_ONCE:
                break
            if missing.tries >= NACK_TRIES:
                if now - missing.asked_at >= self._again_after:
                    del self._missing[index]
                    self._in_vain = True
            elif now - missing.since >= REORDER_WINDOW and now - missing.asked_at >= self._again_after:
                missing.asked_at, missing.tries = now, missing.tries + 1
                wanted.append(index)
        in_vain, self._in_vain = self._in_vain, False
        return wanted, in_vain

    def note_report(self, report: SenderReport, now: float) -> None:
        self._report, self._report_at = report, now

    def block(self, now: float) -> ReportBlock:
        """What to report of the time since the last report (RFC 3550, appendix A.3)."""
        expected = self.highest - self.first + 1
        lost_now = (expected - self._reported[0]) - (self.received - self._reported[1])
        span = expected - self._reported[0]
        fraction = max(0, min(255, 256 * lost_now // span)) if span > 0 and lost_now > 0 else 0
        self._reported = (expected, self.received)
        last, delay = 0, 0
        if self._report is not None:
            last = self._report.ntp >> 16 & 0xFFFFFFFF
            # The field holds 18 hours; some encoders send a single sender report in all their life.
            delay = min(int((now - self._report_at) * 65536), 0xFFFFFFFF)
        lost, jitter = expected - self.received, min(int(self._jitter), 0xFFFFFFFF)
        return ReportBlock(self.ssrc, fraction, lost, self.highest - _CYCLE, jitter, last, delay)
