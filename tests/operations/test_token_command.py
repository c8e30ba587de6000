"""`liveroom token`, as an operator types it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from click.testing import CliRunner, Result

from liveroom.cli import main
from liveroom.clock import now
from liveroom.server.identity import hash_secret
from liveroom.storage.folder import prepare
from liveroom.storage.sqlite import SqliteDatabase
from liveroom.storage.tokens import SqlTokens


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--data", str(folder)], env={"COLUMNS": "200"})


def holder(folder: Path, secret: str) -> str | None:
    async def ask() -> str | None:
        database = SqliteDatabase(prepare(folder))
        try:
            found = await SqlTokens(database).bearer(hash_secret(secret), now())
        finally:
            await database.close()
        return f"{found.account.login} {', '.join(found.actor.roles)}" if found else None

    return asyncio.run(ask())


def test_a_token_is_made_listed_and_revoked(tmp_path: Path) -> None:
    person = ["user", "add", "jt", "--name", "李", "--role", "unit_head", "--role", "unit_officer", "--unit", "港航"]
    assert run(tmp_path, *person, "--password", "x").exit_code == 0
    made = run(tmp_path, "token", "add", "jt", "--role", "unit_officer", "--name", "办公系统")
    secret = made.output.strip()
    assert holder(tmp_path, secret) == "jt unit_officer"
    listed = run(tmp_path, "token", "list").output
    assert secret not in listed
    row = re.search(r"([\w-]{22}) +│ 办公系统 +│ jt +│ unit_officer", listed)
    assert row is not None, listed
    assert run(tmp_path, "token", "revoke", row[1]).exit_code == 0
    assert holder(tmp_path, secret) is None
    for name in (row[1], "-begins_like_an_option"):
        missing = run(tmp_path, "token", "revoke", name)
        assert (missing.exit_code, f"There is no token {name}." in missing.output) == (2, True)


def test_a_token_is_for_a_role_that_its_account_has(tmp_path: Path) -> None:
    run(tmp_path, "user", "add", "lin", "--name", "林", "--role", "deputy", "--password", "x")
    refused = run(tmp_path, "token", "add", "lin", "--role", "office", "--name", "x")
    assert (refused.exit_code, "lin is no office." in refused.output) == (2, True)
