"""Counter-offers that wait for their answers (draft-ietf-wish-whep, "Server Sends Counter-offer"). Knows no HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field

from liveroom.media.stream import Stream
from liveroom.signaling.ice import IceLite

ANSWER_SECONDS = 30.0
"""How long a counter-offer is valid: what the draft says of one without `valid-until`."""

LIMIT = 256
"""Open counter-offers; the oldest gives way. They cost nothing to ask for, so they must not keep anybody out."""


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """A session to be: its entity tag, its ICE agent, the stream it would watch and the kinds that we offered.

    `door` is the endpoint at which it was asked for, `network` who asked.
    """

    id: str
    door: str
    network: str
    tag: str
    ice: IceLite
    stream: Stream
    kinds: frozenset[str]
    until: float


@dataclass(slots=True)
class Proposals:
    """Those that are open, by identifier; times are seconds of any steady clock."""

    _open: dict[str, Proposal] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._open)

    def add(self, proposal: Proposal) -> None:
        self._open[proposal.id] = proposal
        if len(self._open) > LIMIT:
            del self._open[next(iter(self._open))]

    def get(self, door: str, identifier: str) -> Proposal | None:
        proposal = self._open.get(identifier)
        return proposal if proposal is not None and proposal.door == door else None

    def withdraw(self, identifier: str) -> None:
        """Forget it; harmless when it is gone already."""
        self._open.pop(identifier, None)

    def forget(self, now: float, gone: Stream | None = None) -> None:
        """Those that nobody answered in time, and those of a stream that is no more."""
        for proposal in list(self._open.values()):
            if now >= proposal.until or proposal.stream is gone:
                del self._open[proposal.id]
