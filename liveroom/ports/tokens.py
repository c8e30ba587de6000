"""What the server needs to know programs that call its API, and calls that come twice. Knows no HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from liveroom.ports.people import Account
from liveroom.rooms.roles import Actor, Role


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A key for a program, which acts for an account in one of its roles until a day."""

    id: str
    account: str
    role: Role
    name: str
    created_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whoever shows a token: which one, and whom it acts for, in the token's role alone."""

    token: ApiToken
    account: Account

    @property
    def actor(self) -> Actor:
        return Actor(self.account.id, self.account.name, frozenset({self.token.role}), self.account.unit)


class Tokens(Protocol):
    """Keys of programs, kept. Secrets arrive as hashes."""

    async def add(self, secret: str, token: ApiToken) -> None: ...

    async def bearer(self, secret: str, now: datetime) -> Bearer | None:
        """None when the token is unknown, revoked or over, or the account has lost the token's role."""

    async def all(self) -> list[tuple[ApiToken, Account]]:
        """Every token that was not revoked, the newest first."""

    async def revoke(self, token: str) -> bool:
        """Whether there was one."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a call was answered, to be said again."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Repeats(Protocol):
    """Calls that may come twice under a key of the caller's (`Idempotency-Key`), kept for a day."""

    async def begin(self, who: str, key: str, digest: str, now: datetime) -> Said | None:
        """What was answered before; None when this is the first such call, which is now under way.

        Refuses `key_reused` when the key stands for another call, and `key_busy` while the first one is under way.
        """

    async def end(self, who: str, key: str, said: Said) -> None:
        """The call was answered."""

    async def forget(self, who: str, key: str) -> None:
        """The call has changed nothing: it may come again."""
