"""What the actions need to prove contacts and keep them apart from everything else. Knows no key and no service."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from liveroom.contacts import Contact
from liveroom.vault.codes import Challenge


@dataclass(frozen=True, slots=True)
class Sent:
    """When codes were sent of late: from a device, from its network, to a contact."""

    from_device: tuple[datetime, ...]
    from_network: tuple[datetime, ...]
    to_contact: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is behind a device, in clear: for those alone who may open the vault."""

    contact: Contact
    verified_at: datetime


@dataclass(frozen=True, slots=True)
class Access:
    """Why the vault is opened: the question, the reason, the two accounts that open it together.

    With the asker's consent one opens it alone, and `second` is empty.
    """

    question: str
    reason: str
    first: str
    second: str


class Vault(Protocol):
    """Contacts, sealed, and the codes that prove them. What leaves it is whether a device is verified."""

    async def sent(self, device: str, network: str, contact: Contact, since: datetime) -> Sent: ...

    async def challenge(self, device: str, network: str, contact: Contact, code: str | None, now: datetime) -> None:
        """Expect this code of the device, instead of an earlier one; None: none is right. Old ones are forgotten."""

    async def try_code(self, device: str, code: str) -> tuple[Challenge, bool] | None:
        """Count a try at the device's newest challenge, before it is known whether it is right; None without one."""

    async def open_challenge(self, device: str) -> tuple[Challenge, str] | None:
        """The device's newest challenge that was not used, and its contact's hint."""

    async def settle(self, challenge: Challenge, device: str, now: datetime) -> None:
        """The code was right: the device belongs to the contact, and the code to nobody any more."""

    async def spend(self, challenge: Challenge, device: str) -> Contact | None:
        """The code was right, and is nobody's any more: the contact that it proves. The device is not tied to it."""

    async def is_verified(self, device: str) -> bool: ...

    async def contact_of(self, device: str) -> Contact | None:
        """The contact that a device proved, so that a code can be sent there again: shown to nobody in whole."""

    async def forget(self, device: str) -> None:
        """The device is nobody's any more; a contact without a device is deleted."""

    async def reveal(self, device: str, access: Access, now: datetime) -> Identity | None:
        """Open the vault for one device. The access is kept in the same transaction, also when nobody is there."""

    async def consent(self, question: str, device: str, now: datetime) -> None:
        """The asker wishes that those who handle the question reach them."""

    async def end_consent(self, question: str) -> None: ...

    async def consented(self, questions: Collection[str]) -> frozenset[str]:
        """Those of the questions whose askers consented, and whose contact is there."""

    async def reach(self, access: Access, now: datetime) -> Identity | None:
        """Open the vault for a question whose asker consented; None, and nothing is kept, when nobody did."""

    async def reached(self, question: str) -> tuple[datetime, ...]:
        """When somebody looked with the asker's consent, oldest first."""


class CodeSender(Protocol):
    """Carries a code to a contact: one for each channel."""

    async def send(self, contact: Contact, code: str) -> None:
        """Raises `Unavailable` when it could not be handed over."""
