"""Proving a contact by a code, and opening the vault for two who have a reason. Knows no page and no service."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

import structlog

from liveroom.clock import Clock
from liveroom.contacts import Channel, Contact, read_contact
from liveroom.errors import Refused
from liveroom.ports.people import Account
from liveroom.ports.rooms import Records
from liveroom.ports.vault import Access, CodeSender, Identity, Vault
from liveroom.rooms.roles import Role
from liveroom.vault import codes

log = structlog.get_logger()

OPENERS = frozenset({Role.OFFICE, Role.AUDITOR, Role.ADMIN, Role.LEAD_MODERATOR})
"""Roles that may open the vault, two people together."""

REASON_SHORTEST = 10


class Verifying:
    """From a contact to a verified device."""

    def __init__(self, vault: Vault, senders: Mapping[Channel, CodeSender], clock: Clock) -> None:
        self._vault = vault
        self._senders = senders
        self._clock = clock

    async def send_code(self, device: str, network: str, written: str) -> None:
        """Send a code to a contact. Whether the contact is known, or had too many codes, makes no difference here.

        Raises `bad_contact`, `slow_down`, and `Unavailable` when the service did not take it.
        """
        contact, now = read_contact(written), self._clock()
        sent = await self._vault.sent(device, network, contact, now - codes.WINDOW)
        codes.check_pace(sent.from_device, sent.from_network, now)
        reachable = codes.may_reach(sent.to_contact, now)
        code = f"{secrets.randbelow(10**codes.DIGITS):0{codes.DIGITS}}" if reachable else None
        # Kept before it is sent: an answer may come at once, and a service that fails must not be asked without end.
        await self._vault.challenge(device, network, contact, code, now)
        if code is not None:
            await self._senders[contact.channel].send(contact, code)
        log.info("code_sent", channel=contact.channel.value, reached=reachable)

    async def confirm(self, device: str, written: str) -> None:
        """The device belongs to the contact from now on. Raises `code_malformed`, `code_wrong`, `code_over`."""
        now = self._clock()
        await self._vault.settle(await self._answered(device, written, now), device, now)

    async def prove(self, device: str, written: str) -> Contact | None:
        """The contact that a code proves, which is all that it is used for; None when it was used meanwhile.

        Raises `code_malformed`, `code_wrong`, `code_over`.
        """
        return await self._vault.spend(await self._answered(device, written, self._clock()), device)

    async def waiting_for(self, device: str) -> str | None:
        """The hint of the contact whose code this device is asked for now."""
        found = await self._vault.open_challenge(device)
        if found is None:
            return None
        try:
            codes.check_open(found[0], self._clock())
        except Refused:
            return None
        return found[1]

    async def is_verified(self, device: str) -> bool:
        return await self._vault.is_verified(device)

    async def forget(self, device: str) -> None:
        await self._vault.forget(device)

    async def _answered(self, device: str, written: str, now: datetime) -> codes.Challenge:
        """The challenge to which this is the right answer."""
        tried = await self._vault.try_code(device, codes.read_code(written))
        challenge, right = tried or (None, False)
        before = codes.check_open(challenge and _before(challenge), now)
        if not right or challenge is None:
            raise codes.wrong(challenge or before)
        return challenge


class Opening:
    """Opening the vault: two accounts, a reason, one line in the vault's own book and one in the log."""

    def __init__(self, vault: Vault, records: Records, clock: Clock) -> None:
        self._vault = vault
        self._records = records
        self._clock = clock

    async def reveal(self, code: str, reason: str, first: Account, second: Account) -> Identity | None:
        """Who asked the question with this tracking code; None when it came without a verified contact.

        Raises `forbidden`, `reason_missing`, `not_found`.
        """
        if first.id == second.id or not first.roles & OPENERS or not second.roles & OPENERS:
            raise Refused("forbidden")
        if len(reason.strip()) < REASON_SHORTEST:
            raise Refused("reason_missing")
        found = await self._records.find_question(code)
        if found is None:
            raise Refused("not_found")
        question = (await self._records.load(found[0])).queue.questions[found[1]]
        access = Access(question.id, reason.strip(), first.id, second.id)
        identity = None
        if question.verified:
            identity = await self._vault.reveal(question.device, access, self._clock())
        log.warning(
            "vault_opened",
            question=question.label,
            reason=reason.strip(),
            first=first.login,
            second=second.login,
            found=identity is not None,
        )
        return identity


def _before(challenge: codes.Challenge) -> codes.Challenge:
    """The challenge as it was before this try was counted."""
    return codes.Challenge(challenge.id, challenge.digest, challenge.sent_at, challenge.tries - 1)
