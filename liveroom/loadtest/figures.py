"""What a load test counts and measures. Knows no socket."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Delays:
    """How many took so many milliseconds."""

    counts: Counter[int] = field(default_factory=Counter)

    def add(self, milliseconds: float) -> None:
        self.counts[max(0, round(milliseconds))] += 1

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def quantile(self, share: float) -> int | None:
        """Milliseconds in which this share was there; None when there was nothing."""
        left = share * self.total
        for milliseconds in sorted(self.counts):
            left -= self.counts[milliseconds]
            if left <= 0:
                return milliseconds
        return None


@dataclass
class Figures:
    """Of one process, or of all together."""

    wanted: int = 0
    connected: int = 0
    connecting_seconds: float = 0.0
    deliveries: int = 0
    bytes: int = 0
    asked: int = 0
    published: int = 0
    voted: int = 0
    unanswered: int = 0
    dropped: int = 0
    delivery: Delays = field(default_factory=Delays)
    asking: Delays = field(default_factory=Delays)
    voting: Delays = field(default_factory=Delays)
    joining: Delays = field(default_factory=Delays)
    refusals: Counter[str] = field(default_factory=Counter)
    closed: Counter[str] = field(default_factory=Counter)

    def add(self, other: Figures) -> None:
        for name, value in vars(other).items():
            ours = getattr(self, name)
            if isinstance(value, Delays):
                ours.counts.update(value.counts)
            elif isinstance(value, Counter):
                ours.update(value)
            elif name == "connecting_seconds":
                self.connecting_seconds = max(ours, value)
            else:
                setattr(self, name, ours + value)

    def plain(self) -> dict[str, Any]:
        """For a line of JSON."""
        return {
            name: {str(k): n for k, n in value.counts.items()} if isinstance(value, Delays) else value
            for name, value in vars(self).items()
        }

    @classmethod
    def read(cls, plain: dict[str, Any]) -> Figures:
        found = cls()
        for name, value in plain.items():
            ours = getattr(found, name)
            if isinstance(ours, Delays):
                ours.counts.update({int(k): n for k, n in value.items()})
            elif isinstance(ours, Counter):
                ours.update(value)
            else:
                setattr(found, name, value)
        return found

    def summary(self) -> dict[str, Any]:
        """For machines: quantiles instead of counts; milliseconds."""
        told: dict[str, Any] = {}
        for name, value in vars(self).items():
            if isinstance(value, Delays):
                told[name] = {"p50": value.quantile(0.5), "p99": value.quantile(0.99), "n": value.total}
            else:
                told[name] = dict(value) if isinstance(value, Counter) else value
        return told
