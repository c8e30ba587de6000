"""Codes that prove a contact: how long they hold, how often they are tried and sent. Pure: knows no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from liveroom.errors import Refused, slow_down

DIGITS = 6
LIFE = timedelta(minutes=10)
TRIES = 5
WINDOW = timedelta(hours=1)
"""What was sent longer ago counts no more."""

PAUSE = timedelta(seconds=60)
"""Between two codes for one device: the first one may still be on its way."""

FROM_DEVICE, FROM_NETWORK, TO_CONTACT = 6, 60, 5
"""Codes within the window at most. A village may share one network; a contact belongs to one person."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """The code that a device is asked for: its digest, when it was sent, how often it was tried."""

    id: int
    digest: str
    sent_at: datetime
    tries: int


def check_pace(from_device: Sequence[datetime], from_network: Sequence[datetime], now: datetime) -> None:
    """Whether a device may have another code sent; times in any order.

    Raises `Refused("slow_down")` with the seconds to wait.
    """
    waits = [_rest(from_device, FROM_DEVICE, now), _rest(from_network, FROM_NETWORK, now)]
    if from_device:
        waits.append(max(from_device) + PAUSE - now)
    wait = max(waits)
    if wait > timedelta():
        raise slow_down(wait.total_seconds())


def may_reach(to_contact: Sequence[datetime], now: datetime) -> bool:
    """Whether a contact may be sent another code. Whoever asks is not told: others may have asked for it."""
    return _rest(to_contact, TO_CONTACT, now) <= timedelta()


def check_open(challenge: Challenge | None, now: datetime) -> Challenge:
    """The challenge, while it can be answered. Raises `Refused("code_over")`."""
    if challenge is None or challenge.tries >= TRIES or not timedelta() <= now - challenge.sent_at <= LIFE:
        raise Refused("code_over")
    return challenge


def wrong(challenge: Challenge) -> Refused:
    """What a wrong answer to a challenge is told, which has been counted already."""
    left = TRIES - challenge.tries
    return Refused("code_wrong", left=left) if left > 0 else Refused("code_over")


def read_code(written: str) -> str:
    """The digits of a code, as people type them: full width, with spaces. Raises `Refused("code_malformed")`."""
    digits = "".join(str(int(c)) for c in written if c.isdecimal())
    if len(digits) != DIGITS or any(not (c.isdecimal() or c.isspace() or c == "-") for c in written):
        raise Refused("code_malformed")
    return digits


def _rest(sent: Sequence[datetime], most: int, now: datetime) -> timedelta:
    """How long until fewer than `most` are within the window."""
    recent = sorted(at for at in sent if now - at < WINDOW)
    return recent[-most] + WINDOW - now if len(recent) >= most else timedelta()
