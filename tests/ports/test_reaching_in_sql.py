"""Consent of askers in the vault: with it one person looks, and every look is kept."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from liveroom.contacts import read_contact
from liveroom.ports.people import Account
from liveroom.ports.vault import Access
from liveroom.rooms.roles import Role
from liveroom.storage import schema
from liveroom.storage.database import Database
from liveroom.storage.people import SqlPeople
from liveroom.storage.vault import Seal, SqlVault

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MAIL = read_contact("wang@example.org")
ACCESS = Access("q", "2026-0001: 核实情况", "officer", "")


@pytest.fixture
async def vault(database: Database) -> SqlVault:
    await SqlPeople(database).add_account(Account("officer", "officer", "经办", frozenset({Role.UNIT_OFFICER}), None))
    vault = SqlVault(database, Seal("k" * 32))
    await vault.challenge("d", "n", MAIL, "123456", NOW)
    tried = await vault.try_code("d", "123456")
    assert tried is not None
    await vault.settle(tried[0], "d", NOW)
    return vault


async def looks(database: Database) -> list[tuple[str, str, str | None]]:
    a = schema.identity_accesses.c
    async with database.read() as connection:
        rows = await connection.execute(sa.select(a.question, a.first, a.second).order_by(a.id))
        return [(row[0], row[1], row[2]) for row in rows]


async def test_nobody_looks_without_consent_and_everybody_who_looks_is_kept(
    vault: SqlVault, database: Database
) -> None:
    assert await vault.reach(ACCESS, NOW) is None
    assert await looks(database) == []
    for _ in range(2):
        await vault.consent("q", "d", NOW)
    await vault.consent("nobody", "unproved", NOW)
    assert await vault.consented(["q", "nobody", "other"]) == {"q"}
    found = await vault.reach(ACCESS, NOW)
    assert found is not None
    assert found.contact == MAIL
    assert await looks(database) == [("q", "officer", None)]
    assert await vault.reached("q") == (NOW,)
    assert await vault.reached("other") == ()
    await vault.end_consent("q")
    assert await vault.consented(["q"]) == frozenset()
    assert await vault.reach(ACCESS, NOW) is None
    assert len(await looks(database)) == 1


async def test_consent_goes_with_the_contact(vault: SqlVault, database: Database) -> None:
    await vault.consent("q", "d", NOW)
    await vault.forget("d")
    async with database.read() as connection:
        assert (await connection.execute(sa.select(schema.identity_consents))).all() == []
