"""The identity vault in SQL: contacts sealed with AES-GCM under a key that is not in the database. Knows no page."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from liveroom import ids
from liveroom.contacts import Channel, Contact
from liveroom.errors import Unavailable
from liveroom.ports.vault import Access, Identity, Sent
from liveroom.storage import schema
from liveroom.storage.database import Database
from liveroom.vault.codes import WINDOW, Challenge

NONCE = 12
"""Bytes, drawn anew for each contact (NIST SP 800-38D, section 8.2.2)."""

_C, _I, _D = schema.identity_codes.c, schema.identities.c, schema.identity_devices.c
_A, _Y = schema.identity_accesses.c, schema.identity_consents.c


class Seal:
    """What the key does: seals contacts, and makes digests that say nothing without it."""

    def __init__(self, secret: str) -> None:
        self._cipher = AESGCM(hashlib.sha256(b"liveroom vault: seal" + secret.encode()).digest())
        self._digests = hashlib.sha256(b"liveroom vault: digest" + secret.encode()).digest()

    def digest(self, *parts: str) -> str:
        text = "\0".join(parts).encode()
        return hmac.new(self._digests, text, hashlib.sha256).hexdigest()

    def close(self, contact: Contact) -> bytes:
        return self.lock(contact.channel, contact.address.encode())

    def open(self, channel: str, sealed: bytes) -> Contact:
        """Raises `Unavailable` when it was sealed with another key, or changed."""
        return Contact(Channel(channel), self.unlock(channel, sealed).decode())

    def lock(self, purpose: str, content: bytes) -> bytes:
        """Anything else that is to be read by us alone, and for this purpose alone."""
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._cipher.encrypt(nonce, content, purpose.encode())

    def unlock(self, purpose: str, sealed: bytes) -> bytes:
        """Raises `Unavailable` when it was sealed with another key or for something else, or changed."""
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], purpose.encode())
        except InvalidTag:
            raise Unavailable("the vault was sealed with another key than LIVEROOM_VAULT_KEY says") from None


class SqlVault:
    """The vault in one database; satisfies `liveroom.ports.vault.Vault`."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    async def sent(self, device: str, network: str, contact: Contact, since: datetime) -> Sent:
        async with self._database.read() as connection:

            async def times(condition: sa.ColumnElement[bool]) -> tuple[datetime, ...]:
                query = sa.select(_C.sent_at).where(condition, _C.sent_at > since)
                return tuple(await connection.scalars(query))

            return Sent(
                await times(_C.device == device),
                await times(_C.network == self._network(network)),
                await times(_C.contact == self._contact(contact)),
            )

    async def challenge(self, device: str, network: str, contact: Contact, code: str | None, now: datetime) -> None:
        row = {
            "device": device,
            "network": self._network(network),
            "contact": self._contact(contact),
            "channel": contact.channel.value,
            "sealed": self._seal.close(contact),
            "digest": self._code(device, code or secrets.token_hex(16)),
            "sent_at": now,
        }
        async with self._database.write() as connection:
            await connection.execute(sa.delete(schema.identity_codes).where(_C.sent_at <= now - WINDOW))
            await connection.execute(sa.insert(schema.identity_codes).values(row))

    async def try_code(self, device: str, code: str) -> tuple[Challenge, bool] | None:
        async with self._database.write() as connection:
            row = (await connection.execute(self._newest(device))).mappings().first()
            if row is None:
                return None
            counted = sa.update(schema.identity_codes).where(_C.id == row["id"]).values(tries=_C.tries + 1)
            await connection.execute(counted)
        right = hmac.compare_digest(row["digest"], self._code(device, code))
        return Challenge(row["id"], row["digest"], row["sent_at"], row["tries"] + 1), right

    async def open_challenge(self, device: str) -> tuple[Challenge, str] | None:
        async with self._database.read() as connection:
            row = (await connection.execute(self._newest(device))).mappings().first()
        if row is None:
            return None
        challenge = Challenge(row["id"], row["digest"], row["sent_at"], row["tries"])
        return challenge, self._seal.open(row["channel"], row["sealed"]).hint

    async def settle(self, challenge: Challenge, device: str, now: datetime) -> None:
        async with self._database.write() as connection:
            row = (await connection.execute(self._newest(device))).mappings().first()
            if row is None or row["id"] != challenge.id:
                return
            await connection.execute(sa.update(schema.identity_codes).where(_C.id == row["id"]).values(used=True))
            identity = await connection.scalar(sa.select(_I.id).where(_I.contact == row["contact"]))
            if identity is None:
                identity = ids.new_id()
                fields = {name: row[name] for name in ("contact", "channel", "sealed")}
                await connection.execute(sa.insert(schema.identities).values(id=identity, verified_at=now, **fields))
            await connection.execute(sa.delete(schema.identity_devices).where(_D.device == device))
            await connection.execute(
                sa.insert(schema.identity_devices).values(device=device, identity=identity, verified_at=now)
            )

    async def spend(self, challenge: Challenge, device: str) -> Contact | None:
        async with self._database.write() as connection:
            row = (await connection.execute(self._newest(device))).mappings().first()
            if row is None or row["id"] != challenge.id:
                return None
            await connection.execute(sa.update(schema.identity_codes).where(_C.id == row["id"]).values(used=True))
        return self._seal.open(row["channel"], row["sealed"])

    async def is_verified(self, device: str) -> bool:
        async with self._database.read() as connection:
            return await connection.scalar(sa.select(_D.device).where(_D.device == device)) is not None

    async def contact_of(self, device: str) -> Contact | None:
        found = sa.select(_I.channel, _I.sealed).join(schema.identity_devices, _D.identity == _I.id)
        async with self._database.read() as connection:
            row = (await connection.execute(found.where(_D.device == device))).first()
        return self._seal.open(row[0], row[1]) if row else None

    async def forget(self, device: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(sa.delete(schema.identity_devices).where(_D.device == device))
            await connection.execute(sa.delete(schema.identity_codes).where(_C.device == device))
            await connection.execute(sa.delete(schema.identity_consents).where(_Y.device == device))
            lonely = ~sa.exists().where(_D.identity == _I.id)
            await connection.execute(sa.delete(schema.identities).where(lonely))
        await self._database.scrub()

    async def reveal(self, device: str, access: Access, now: datetime) -> Identity | None:
        async with self._database.write() as connection:
            await connection.execute(sa.insert(schema.identity_accesses).values(_line(access, now)))
            row = (await connection.execute(_behind(device))).mappings().first()
        return self._identity(row) if row else None

    async def consent(self, question: str, device: str, now: datetime) -> None:
        async with self._database.write() as connection:
            await connection.execute(sa.delete(schema.identity_consents).where(_Y.question == question))
            row = {"question": question, "device": device, "given_at": now}
            await connection.execute(sa.insert(schema.identity_consents).values(row))

    async def end_consent(self, question: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(sa.delete(schema.identity_consents).where(_Y.question == question))

    async def consented(self, questions: Collection[str]) -> frozenset[str]:
        known = sa.select(_Y.question).join(schema.identity_devices, _D.device == _Y.device)
        async with self._database.read() as connection:
            return frozenset(await connection.scalars(known.where(_Y.question.in_(questions))))

    async def reach(self, access: Access, now: datetime) -> Identity | None:
        async with self._database.write() as connection:
            device = await connection.scalar(sa.select(_Y.device).where(_Y.question == access.question))
            row = (await connection.execute(_behind(device))).mappings().first() if device else None
            if row is not None:
                await connection.execute(sa.insert(schema.identity_accesses).values(_line(access, now)))
        return self._identity(row) if row else None

    async def reached(self, question: str) -> tuple[datetime, ...]:
        looks = sa.select(_A.at).where(_A.question == question, _A.second.is_(None)).order_by(_A.id)
        async with self._database.read() as connection:
            return tuple(await connection.scalars(looks))

    def _identity(self, row: sa.RowMapping) -> Identity:
        return Identity(self._seal.open(row["channel"], row["sealed"]), row["verified_at"])

    def _newest(self, device: str) -> sa.Select[Any]:
        unused = sa.select(schema.identity_codes).where(_C.device == device, _C.used.is_(False))
        return unused.order_by(_C.id.desc()).limit(1)

    def _contact(self, contact: Contact) -> str:
        return self._seal.digest("contact", contact.channel, contact.address)

    def _network(self, network: str) -> str:
        return self._seal.digest("network", network)

    def _code(self, device: str, code: str) -> str:
        return self._seal.digest("code", device, code)


def _behind(device: str) -> sa.Select[Any]:
    """The sealed contact of a device."""
    query = sa.select(_I.channel, _I.sealed, _D.verified_at).join(schema.identity_devices, _D.identity == _I.id)
    return query.where(_D.device == device)


def _line(access: Access, now: datetime) -> dict[str, Any]:
    """An access as it is kept."""
    return {
        "at": now,
        "question": access.question,
        "reason": access.reason,
        "first": access.first,
        "second": access.second or None,
    }
