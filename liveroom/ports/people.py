"""What the actions need to know people: accounts, sign-in sessions, links and tokens. Knows no cookies."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from liveroom.rooms.roles import Actor, Role


@dataclass(frozen=True, slots=True)
class Account:
    """A person of the staff. `password` is the hash, empty when only links let this person in."""

    id: str
    login: str
    name: str
    roles: frozenset[Role]
    unit: str | None = None
    password: str = ""

    @property
    def removed(self) -> bool:
        """Nobody any more: only the name is kept, for what they did."""
        return not self.roles

    @property
    def actor(self) -> Actor:
        return Actor(self.id, self.name, self.roles, self.unit)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in that has not ended: whose, until when, and until when it can be renewed at most."""

    account: Account
    until: datetime
    last: datetime


class People(Protocol):
    """Accounts and their keys, kept. Secrets arrive as hashes."""

    async def accounts(self) -> list[Account]: ...

    async def account(self, account: str) -> Account | None: ...

    async def names(self, accounts: Collection[str]) -> Mapping[str, str]:
        """Names by account, of those that there are."""

    async def by_login(self, login: str) -> Account | None: ...

    async def add_account(self, account: Account) -> None:
        """`Refused("login_taken")` when the login is in use."""

    async def set_password(self, account: str, password: str) -> None:
        """Keep a new hash, and end every sign-in of the account."""

    async def set_roles(self, account: str, roles: frozenset[Role], unit: str | None) -> None: ...

    async def remove_account(self, account: str) -> None:
        """End every key of the account and free its login; its name stays for the records."""

    async def open_sign_in(self, secret: str, account: str, until: datetime, last: datetime) -> None: ...

    async def sign_in(self, secret: str, now: datetime) -> SignIn | None:
        """The sign-in, unless it has ended or there is none."""

    async def renew_sign_in(self, secret: str, until: datetime) -> None:
        """Let a sign-in last longer; one that was closed meanwhile stays closed."""

    async def close_sign_in(self, secret: str) -> None: ...

    async def add_link(self, secret: str, account: str, target: str, until: datetime) -> None: ...

    async def use_link(self, secret: str, now: datetime) -> tuple[Account, str] | None:
        """Use a one-time link up: its account and where it leads. None when unknown, used or too old."""

    async def link_target(self, secret: str) -> tuple[str, str] | None:
        """Account and target of a link, used or not."""

    async def add_token(self, secret: str, account: str) -> None: ...

    async def drop_tokens(self, account: str) -> None:
        """What was given to the encoders of this account opens nothing any more."""

    async def token(self, secret: str) -> Account | None:
        """The account that may publish with this token."""
