"""How one incoming stream arrives: gaps to ask for again, figures to report. Knows no sockets and no clock."""

from __future__ import annotations

from dataclasses import dataclass, field

from liveroom.relay.rtcp import ReportBlock, SenderReport
from liveroom.relay.rtp import extend

REORDER_WINDOW = 0.02
"""Seconds to wait before a gap counts as a loss."""

NACK_AGAIN = 0.1
NACK_TRIES = 4
GAP_LIMIT = 200
"""A larger jump is a new start, not a loss."""

MISSING_LIMIT = 1000
"""Packets missing at a time; more than these no asking brings back in time, and all of them are given up."""

ASK_AT_ONCE = 250
"""Packets to ask for at a time: as many fit into one datagram, however they lie."""


@dataclass(slots=True)
class _Missing:
    since: float
    asked_at: float = float("-inf")
    tries: int = 0


@dataclass(slots=True)
class Reception:
    """Counters of a stream with the SSRC that the publisher gave it. Times are seconds of a steady clock."""

    ssrc: int
    highest: int = -1
    first: int = -1
    received: int = 0
    _missing: dict[int, _Missing] = field(default_factory=dict)
    _reported: tuple[int, int] = (0, 0)
    _report: SenderReport | None = None
    _report_at: float = 0.0

    def note(self, sequence: int, now: float) -> int:
        """Count a packet; its extended sequence number."""
        if self.highest < 0:
            self.first = self.highest = sequence + 0x10000
            self.received = 1
            return self.highest
        index = extend(sequence, self.highest)
        self.received += 1
        if index > self.highest:
            if index - self.highest <= GAP_LIMIT:
                for lost in range(self.highest + 1, index):
                    self._missing[lost] = _Missing(now)
            if index - self.highest > GAP_LIMIT or len(self._missing) > MISSING_LIMIT:
                self._missing.clear()
            self.highest = index
        else:
            self._missing.pop(index, None)
        return index

    def to_ask_for(self, now: float) -> list[int]:
        """Extended sequence numbers to ask for again now; those asked too often are given up."""
        wanted: list[int] = []
        for index, missing in list(self._missing.items()):
            if len(wanted) == ASK_AT_ONCE:
                break
            if missing.tries >= NACK_TRIES:
                del self._missing[index]
            elif now - missing.since >= REORDER_WINDOW and now - missing.asked_at >= NACK_AGAIN:
                missing.asked_at, missing.tries = now, missing.tries + 1
                wanted.append(index)
        return wanted

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
        return ReportBlock(self.ssrc, fraction, expected - self.received, self.highest, 0, last, delay)
