"""The vault: what it keeps can be read with its key alone, and every look is kept, too."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from liveroom.contacts import read_contact
from liveroom.errors import Unavailable
from liveroom.ports.people import Account
from liveroom.ports.vault import Access
from liveroom.rooms.roles import Role
from liveroom.storage import folder
from liveroom.storage.migrate import upgrade
from liveroom.storage.people import SqlPeople
from liveroom.storage.sqlite import SqliteDatabase
from liveroom.storage.vault import Seal, SqlVault

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MAIL = read_contact("wang@example.org")
ACCESS = Access("q", "法院来函", "a", "b")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    file = folder.prepare(tmp_path / "data")
    await asyncio.to_thread(upgrade, file)
    opened = SqliteDatabase(file)
    for name in ("a", "b"):
        await SqlPeople(opened).add_account(Account(name, name, name, frozenset({Role.OFFICE})))
    yield opened
    await opened.close()


async def verified(vault: SqlVault, device: str) -> None:
    await vault.challenge(device, "198.51.100.7", MAIL, "123456", NOW)
    tried = await vault.try_code(device, "123456")
    assert tried is not None
    challenge, right = tried
    assert right
    await vault.settle(challenge, device, NOW)


async def test_a_device_is_verified_by_its_own_code_once(database: SqliteDatabase) -> None:
    vault = SqlVault(database, Seal("k" * 32))
    assert await vault.try_code("d", "123456") is None
    await vault.challenge("d", "n", MAIL, "123456", NOW)
    assert await vault.try_code("other", "123456") is None
    tried = await vault.try_code("d", "654321")
    assert tried is not None
    assert (tried[0].tries, tried[1]) == (1, False)
    assert not await vault.is_verified("d")
    await verified(vault, "d")
    assert await vault.is_verified("d")
    await vault.forget("d")
    assert not await vault.is_verified("d")
    assert await vault.try_code("d", "123456") is None


async def test_a_code_that_was_never_sent_is_never_right(database: SqliteDatabase) -> None:
    vault = SqlVault(database, Seal("k" * 32))
    await vault.challenge("d", "n", MAIL, None, NOW)
    for code in ("", "None", "000000"):
        tried = await vault.try_code("d", code)
        assert tried is not None
        assert not tried[1]


async def test_the_tries_of_many_at_once_are_all_counted(database: SqliteDatabase) -> None:
    vault = SqlVault(database, Seal("k" * 32))
    await vault.challenge("d", "n", MAIL, "123456", NOW)
    tried = await asyncio.gather(*(vault.try_code("d", "000000") for _ in range(8)))
    assert sorted(found[0].tries for found in tried if found) == list(range(1, 9))


async def test_what_was_sent_is_counted_by_device_network_and_contact_and_forgotten_after_an_hour(
    database: SqliteDatabase,
) -> None:
    vault = SqlVault(database, Seal("k" * 32))
    await vault.challenge("d", "n", MAIL, "123456", NOW)
    await vault.challenge("e", "n", MAIL, "123456", NOW)
    await vault.challenge("e", "m", read_contact("13800000021"), "123456", NOW)
    sent = await vault.sent("e", "n", MAIL, NOW - timedelta(hours=1))
    assert (len(sent.from_device), len(sent.from_network), len(sent.to_contact)) == (2, 2, 2)
    await vault.challenge("f", "k", MAIL, "123456", NOW + timedelta(hours=1))
    sent = await vault.sent("e", "n", MAIL, NOW - timedelta(hours=1))
    assert (len(sent.from_device), len(sent.from_network), len(sent.to_contact)) == (0, 0, 1)


async def test_neither_contact_network_nor_code_can_be_read_without_the_key(database: SqliteDatabase) -> None:
    vault = SqlVault(database, Seal("k" * 32))
    await verified(vault, "d")
    with sqlite3.connect(database.path) as raw:
        dump = "\n".join(raw.iterdump())
    for secret in ("wang", "example.org", "198.51.100.7", "123456"):
        assert secret not in dump
        assert secret.encode().hex() not in dump.lower()
    assert await SqlVault(database, Seal("k" * 32)).reveal("d", ACCESS, NOW) is not None
    with pytest.raises(Unavailable, match="another key"):
        await SqlVault(database, Seal("x" * 32)).reveal("d", ACCESS, NOW)


async def test_two_devices_of_a_contact_are_one_person_and_every_look_is_kept(database: SqliteDatabase) -> None:
    vault = SqlVault(database, Seal("k" * 32))
    await verified(vault, "d")
    await verified(vault, "e")
    found = await vault.reveal("e", ACCESS, NOW)
    assert found is not None
    assert (found.contact, found.verified_at) == (MAIL, NOW)
    assert await vault.reveal("stranger", ACCESS, NOW) is None
    with sqlite3.connect(database.path) as raw:
        assert raw.execute("SELECT count(*) FROM identities").fetchone() == (1,)
        looks = raw.execute("SELECT question, reason, first, second FROM identity_accesses").fetchall()
    assert looks == [("q", "法院来函", "a", "b")] * 2
    await vault.forget("d")
    assert await vault.reveal("e", ACCESS, NOW) is not None
    await vault.forget("e")
    with sqlite3.connect(database.path) as raw:
        assert raw.execute("SELECT count(*) FROM identities").fetchone() == (0,)
