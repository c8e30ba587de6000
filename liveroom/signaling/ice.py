"""One peer's side of an ICE-lite agent (RFC 8445, section 2.5): answers checks, asks nothing. Knows no sockets."""

from __future__ import annotations

from dataclasses import dataclass, field

from liveroom.signaling.stun import BindingRequest, binding_success

Address = tuple[str, int]

CONSENT_SECONDS = 30.0
"""RFC 7675, section 5.1: a peer that was not heard for so long has withdrawn its consent."""

ACTIVE_SECONDS = 15.0
"""A peer heard within this time has its address for itself: it asks every 4 to 6 seconds (RFC 7675, section 5.1)."""

ADDRESSES = 4
"""Addresses of a peer that are remembered; the nominated one always is."""

_SEEN_BYTES = 4096
_SEEN_CHECKS = 4000
"""So many checks fill a filter for replays to two fifths: nearly three hours at one in 2.5 seconds."""


@dataclass(slots=True)
class _Seen:
    """The checks of the last hours, in two Bloom filters of four bits each, of which the older one is given up in turn.

    An error (one genuine check in 20 at most) means no more than that a peer at a new address has to ask again.
    """

    now: bytearray = field(default_factory=lambda: bytearray(_SEEN_BYTES))
    before: bytearray = field(default_factory=lambda: bytearray(_SEEN_BYTES))
    checks: int = 0

    def is_new(self, integrity: bytes) -> bool:
        """Whether a genuine check, known by its signature, is seen for the first time."""
        places = [int.from_bytes(integrity[at : at + 2]) % (8 * _SEEN_BYTES) for at in range(0, 8, 2)]
        if any(all(bits[place >> 3] >> (place & 7) & 1 for place in places) for bits in (self.now, self.before)):
            return False
        if self.checks == _SEEN_CHECKS:
            self.now, self.before, self.checks = bytearray(_SEEN_BYTES), self.now, 0
        for place in places:
            self.now[place >> 3] |= 1 << (place & 7)
        self.checks += 1
        return True


@dataclass(slots=True)
class IceLite:
    """Credentials of ours, the addresses that proved to know them, and the one that was nominated.

    Times are seconds of any steady clock. `former` are the credentials before an ICE restart, name and password:
    they hold until the peer has used the new ones, since the answer to its restart may be lost on the way.
    """

    ufrag: str
    password: str
    remote_ufrag: str
    heard_at: float
    nominated: Address | None = None
    former: tuple[str, str] = ("", "")
    former_holds: bool = False
    validated: list[Address] = field(default_factory=list)
    _seen: _Seen = field(default_factory=_Seen)

    def answer(self, request: BindingRequest, source: Address, now: float) -> bytes | None:
        """The answer to send to `source`; None when the check is forged, or a replay from another address.

        A check that was seen before changes nothing, wherever it comes from; at a known address it is answered once
        more, since the first answer may have been lost.
        """
        secret = self._password_of(request.local_ufrag).encode()
        if not secret or not request.is_signed_with(secret):
            return None
        if request.local_ufrag == self.ufrag:
            self.former_holds = False
        new = self._seen.is_new(request.integrity)
        if not new and source not in self.validated:
            return None
        if new:
            self.heard_at = now
            if request.use_candidate or self.nominated is None:
                self.nominated = source
            self._remember(source)
        return binding_success(request.transaction, source, secret)

    def _remember(self, source: Address) -> None:
        if source in self.validated:
            return
        self.validated.append(source)
        if len(self.validated) > ADDRESSES:
            self.validated.remove(next(address for address in self.validated if address != self.nominated))

    def restart(self, ufrag: str, password: str, remote_ufrag: str) -> None:
        """New credentials (RFC 8445, section 9); media go on over the old address until a new check arrives."""
        if not self.former_holds:  # names that nobody has used yet are no loss
            self.former, self.former_holds = (self.ufrag, self.password), True
        self.ufrag, self.password, self.remote_ufrag = ufrag, password, remote_ufrag

    def ufrags(self) -> set[str]:
        """Our names under which checks may come."""
        return {self.ufrag, self.former[0]} - {""}

    def _password_of(self, ufrag: str) -> str:
        if ufrag == self.ufrag:
            return self.password
        return self.former[1] if self.former_holds and ufrag == self.former[0] else ""

    def is_active(self, now: float) -> bool:
        """Whether the peer was heard so recently that it is certainly still where it was."""
        return now - self.heard_at < ACTIVE_SECONDS

    def has_consent(self, now: float) -> bool:
        return now - self.heard_at < CONSENT_SECONDS
