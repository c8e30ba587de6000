"""What the actions need to keep those who follow. Knows no key and no database."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from liveroom.contacts import Contact
from liveroom.notices.followers import Follower


class Followers(Protocol):
    """Those who follow, with their contacts sealed."""

    async def add(self, follower: Follower, contact: Contact | None) -> Follower:
        """Keep a new one, with its `receiver`; those who never answered their code are forgotten meanwhile."""

    async def find(self, follower: str) -> Follower | None: ...

    async def contact(self, follower: str) -> Contact | None:
        """The contact in clear, for whoever sends; None when there is none any more."""

    async def proved(self, device: str, contact: Contact) -> bool:
        """Whether this device has proved the contact before: then it need not do so again."""

    async def confirm(self, follower: str, now: datetime) -> Follower:
        """From now on it is told. Whoever followed the same by the same contact stays the same follower, with the new
        wishes; that one is returned. `Refused("not_found")`.
        """

    async def of(self, matter: str, questions: Collection[str]) -> list[Follower]:
        """All active followers of a suggestion or of one of these questions."""

    async def end(self, receiver: str, matter: str, questions: Collection[str], now: datetime) -> None:
        """Nobody is told of these by this contact any more; the contact is forgotten, what waits is dropped."""

    async def forget(self, question: str) -> None:
        """Whoever followed a question by its code, and what they were told: nothing of it stays."""

    async def end_all(self, receiver: str, now: datetime) -> None:
        """The same for everything that this contact follows."""
