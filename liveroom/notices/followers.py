"""Who follows what, by which way, and whom a step is told. Pure: knows no contact in clear and no storage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

PLACE_LIMIT = 40
"""Characters of a station's name."""

UNCONFIRMED = timedelta(days=1)
"""How long somebody is waited for who was sent a code."""


class Way(StrEnum):
    """How somebody wants to be told."""

    MAIL = "mail"
    SMS = "sms"
    FEED = "feed"
    STATION = "station"
    WORKLIST = "worklist"  # of the staff: it stands on their work list, and nothing is sent

    @property
    def carried(self) -> bool:
        """Whether it goes to a contact, which must be proved before."""
        return self in {Way.MAIL, Way.SMS}


FOR_FOLLOWERS = (Way.MAIL, Way.SMS, Way.FEED, Way.STATION)


class NoticeState(StrEnum):
    """Where a notice is. `SENDING` after a crash: nobody can know whether it arrived; it is sent again."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Follower:
    """Somebody who follows a question or a suggestion, whichever is not empty.

    `id` is a secret that stands in the links of what they are sent. `receiver` is the same for everything that goes to
    one contact, and says nothing about it. `place` is the station that puts up a notice, `site` the address under which
    they came to this site.
    """

    id: str
    question: str
    matter: str
    way: Way
    language: str
    digest: bool
    device: str
    receiver: str
    place: str
    site: str
    asked_at: datetime
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def active(self) -> bool:
        return self.confirmed_at is not None and self.ended_at is None


def one_each(followers: Iterable[Follower], step_at: datetime) -> list[Follower]:
    """Whom a step is told: whoever followed when it happened, each contact once, however many questions it follows."""
    found: dict[str, Follower] = {}
    for follower in sorted(followers, key=lambda f: (f.asked_at, f.id)):
        if follower.active and follower.confirmed_at is not None and follower.confirmed_at <= step_at:
            found.setdefault(follower.receiver, follower)
    return list(found.values())
