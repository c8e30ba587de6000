"""Accounts on either database: whoever was removed keeps the name under which they acted."""

from __future__ import annotations

from liveroom.ports.people import Account
from liveroom.rooms.roles import Role
from liveroom.storage.database import Database
from liveroom.storage.people import SqlPeople


async def test_names_are_those_of_the_accounts_that_there_are_or_were(database: Database) -> None:
    people = SqlPeople(database)
    for login in ("lin", "zhou", "wu"):
        await people.add_account(Account(login, login, f"{login} 甲", frozenset({Role.DEPUTY})))
    await people.remove_account("zhou")
    assert await people.names(["lin", "zhou", "nobody"]) == {"lin": "lin 甲", "zhou": "zhou 甲"}
    assert await people.names([]) == {}
