"""Calls that may come twice, against real databases, also when they come at once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from liveroom.errors import Refused
from liveroom.ports.people import Account
from liveroom.ports.tokens import ApiToken, Said
from liveroom.rooms.roles import Role
from liveroom.storage.database import Database
from liveroom.storage.people import SqlPeople
from liveroom.storage.tokens import KEPT, UNDER_WAY, SqlRepeats, SqlTokens

NOW = datetime(2026, 11, 2, 2, tzinfo=UTC)
SAID = Said(200, '{"a":1}', {"ETag": '"x"'})


async def test_the_first_of_many_at_once_does_it(database: Database) -> None:
    repeats = SqlRepeats(database)
    begun = await asyncio.gather(*(repeats.begin("o", "k", "d", NOW) for _ in range(8)), return_exceptions=True)
    assert begun.count(None) == 1
    busy = [one for one in begun if isinstance(one, Refused)]
    assert {one.code for one in busy} == {"key_busy"}
    assert len(busy) == 7
    await repeats.end("o", "k", SAID)
    assert await repeats.begin("o", "k", "d", NOW) == SAID


async def test_keys_are_of_whoever_drew_them_and_for_one_call(database: Database) -> None:
    repeats = SqlRepeats(database)
    assert await repeats.begin("o", "k", "d", NOW) is None
    assert await repeats.begin("p", "k", "e", NOW) is None
    with pytest.raises(Refused, match="key_reused"):
        await repeats.begin("o", "k", "e", NOW)
    await repeats.forget("o", "k")
    assert await repeats.begin("o", "k", "e", NOW) is None


async def test_a_call_that_died_may_be_made_again_and_a_day_later_everything_is_forgotten(database: Database) -> None:
    repeats = SqlRepeats(database)
    await repeats.begin("o", "k", "d", NOW)
    later = NOW + UNDER_WAY + timedelta(seconds=1)
    assert await repeats.begin("o", "k", "d", later) is None
    with pytest.raises(Refused, match="key_busy"):
        await repeats.begin("o", "k", "d", later)
    await repeats.end("o", "k", SAID)
    assert await repeats.begin("o", "k", "d", later + KEPT - timedelta(minutes=1)) == SAID
    assert await repeats.begin("o", "k", "other", later + KEPT + timedelta(minutes=1)) is None


async def test_a_token_acts_in_its_role_alone(database: Database) -> None:
    people, tokens = SqlPeople(database), SqlTokens(database)
    await people.add_account(Account("a", "jt", "李", frozenset({Role.UNIT_HEAD, Role.UNIT_OFFICER}), "water"))
    kept = ApiToken("t", "a", Role.UNIT_OFFICER, "系统", NOW, NOW + timedelta(days=1))
    await tokens.add("hash", kept)
    found = await tokens.bearer("hash", NOW)
    assert found is not None
    assert found.token == kept
    assert (found.actor.roles, found.actor.unit, found.actor.id) == (frozenset({Role.UNIT_OFFICER}), "water", "a")
    assert await tokens.bearer("other", NOW) is None
    assert await tokens.bearer("hash", NOW + timedelta(days=1)) is None
    await people.set_roles("a", frozenset({Role.UNIT_HEAD}), "water")
    assert await tokens.bearer("hash", NOW) is None, "the role was taken away"
    assert [token.id for token, _ in await tokens.all()] == ["t"]
    await people.remove_account("a")
    assert await tokens.all() == []
    assert not await tokens.revoke("t")
