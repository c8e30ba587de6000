"""The commands about keys of programs. Knows no call that they make."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from liveroom import clock, ids
from liveroom.cli.records import with_database
from liveroom.cli.run import TAKES_IDS, data_option, stop
from liveroom.cli.users import ROLES, Name, named
from liveroom.clock import CHINA
from liveroom.ports.tokens import ApiToken
from liveroom.rooms.roles import Role
from liveroom.server.identity import hash_secret
from liveroom.storage.database import Database
from liveroom.storage.people import SqlPeople
from liveroom.storage.tokens import SqlTokens


@click.group()
def token() -> None:
    """Keys with which programs call /api/v1; see docs/api.md. All of it may be done while the server runs."""


@token.command("add")
@click.argument("login")
@click.option("--role", type=click.Choice(ROLES), required=True, help="The one role of LOGIN in which it acts.")
@click.option("--name", type=Name(), required=True, help="What the program is, for the list.")
@click.option("--days", type=click.IntRange(1, 3660), default=365, show_default=True, help="How long it works.")
@data_option
def add(login: str, role: str, name: str, days: int, data: Path | None) -> None:
    """Print a new token that acts for LOGIN in one role. It is shown this once."""

    async def work(database: Database) -> None:
        account = await named(SqlPeople(database), login)
        if Role(role) not in account.roles:
            stop(f"{login} is no {role}.")
        secret, now = ids.new_token(), clock.now()
        made = ApiToken(ids.new_id(), account.id, Role(role), name, now, now + timedelta(days=days))
        await SqlTokens(database).add(hash_secret(secret), made)
        click.echo(secret)

    with_database(data, work)


@token.command("list")
@data_option
def list_all(data: Path | None) -> None:
    """List all tokens that were not revoked."""

    async def work(database: Database) -> None:
        table = Table("id", "name", "login", "role", "until")
        for kept, account in await SqlTokens(database).all():
            over = " (over)" if kept.until <= clock.now() else ""
            until = f"{kept.until.astimezone(CHINA):%Y-%m-%d}{over}"
            table.add_row(kept.id, kept.name, account.login, kept.role.value, until)
        Console().print(table)

    with_database(data, work)


@token.command("revoke", context_settings=TAKES_IDS)
@click.argument("token_id", metavar="ID")
@data_option
def revoke(token_id: str, data: Path | None) -> None:
    """End the token with this ID of the list: its next call is refused."""

    async def work(database: Database) -> None:
        if not await SqlTokens(database).revoke(token_id):
            stop(f"There is no token {token_id}.")
        click.echo(f"{token_id} is revoked.")

    with_database(data, work)
