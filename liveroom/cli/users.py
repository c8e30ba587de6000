"""The commands about people who sign in. Knows no table and no page."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from liveroom import clock, ids, settings
from liveroom.cli.records import with_database
from liveroom.cli.run import data_option, stop
from liveroom.contacts import read_contact
from liveroom.errors import Refused
from liveroom.ports.matters import Unit
from liveroom.ports.people import Account
from liveroom.rooms.roles import Permission, Role, may
from liveroom.rooms.room import NAME_LIMIT
from liveroom.server.identity import hash_secret
from liveroom.server.pages import local_target
from liveroom.server.sign_in import hash_password, home_of
from liveroom.storage import folder
from liveroom.storage.addresses import SqlAddresses
from liveroom.storage.database import Database
from liveroom.storage.matters import SqlMatters
from liveroom.storage.people import SqlPeople
from liveroom.storage.vault import Seal
from liveroom.text import require_text

ROLES = [role.value for role in Role if role not in {Role.SYSTEM, Role.VISITOR}]


class Name(click.ParamType[str]):
    """What others will read, cleaned as everything is that people type."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return require_text(value, "name", NAME_LIMIT)
        except Refused as refused:
            found = "there is nothing to read in it" if refused.code == "empty" else f"it is longer than {NAME_LIMIT}"
            self.fail(f"{found}.", param, ctx)


_roles_option = click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice(ROLES), help="May be given again."
)
_unit_option = click.option("--unit", type=Name(), help="Handling unit of a unit's people; it is made when it is new.")


@click.group()
def user() -> None:
    """People who sign in: add, list and remove them; passwords, roles, addresses, links, tokens.

    All of it may be done while the server runs.
    """


@user.command("add")
@click.argument("login", type=Name())
@click.option("--name", type=Name(), required=True, help="The name that others see.")
@_roles_option
@_unit_option
@data_option
@click.password_option()
def add(login: str, name: str, roles: tuple[str, ...], unit: str | None, data: Path | None, password: str) -> None:
    """Add somebody."""

    async def work(database: Database) -> None:
        unit_id = await _unit_named(database, unit) if unit else None
        account = Account(ids.new_id(), login, name, frozenset(map(Role, roles)), unit_id, hash_password(password))
        await SqlPeople(database).add_account(account)
        click.echo(f"{login} can sign in now.")

    with_database(data, work)


@user.command("list")
@data_option
def list_all(data: Path | None) -> None:
    """List everybody."""

    async def work(database: Database) -> None:
        table = Table("login", "name", "roles")
        for account in await SqlPeople(database).accounts():
            if not account.removed:
                table.add_row(account.login, account.name, ", ".join(sorted(account.roles)))
        Console().print(table)

    with_database(data, work)


@user.command("password")
@click.argument("login")
@data_option
@click.password_option()
def password_of(login: str, data: Path | None, password: str) -> None:
    """Set somebody's password; every sign-in of theirs ends."""

    async def work(database: Database) -> None:
        people = SqlPeople(database)
        await people.set_password((await named(people, login)).id, hash_password(password))
        click.echo(f"{login} has a new password.")

    with_database(data, work)


@user.command("roles")
@click.argument("login")
@_roles_option
@_unit_option
@data_option
def roles_of(login: str, roles: tuple[str, ...], unit: str | None, data: Path | None) -> None:
    """Give somebody exactly these roles instead of those they had."""

    async def work(database: Database) -> None:
        people = SqlPeople(database)
        account = await named(people, login)
        unit_id = await _unit_named(database, unit) if unit else account.unit
        await people.set_roles(account.id, frozenset(map(Role, roles)), unit_id)
        click.echo(f"{login} is now: {', '.join(sorted(roles))}.")

    with_database(data, work)


@user.command("address")
@click.argument("login")
@click.argument("contact", default="")
@data_option
def address_of(login: str, contact: str, data: Path | None) -> None:
    """Write down where somebody's reminders go: a mail address or a mobile number; without one, nowhere.

    Nothing is sent there before they sign in and prove it with a code.
    """

    async def work(database: Database) -> None:
        account = await named(SqlPeople(database), login)
        chosen = settings.read(os.environ, data=data)
        addresses = SqlAddresses(database, Seal(chosen.vault_key or folder.vault_key(chosen.data)))
        try:
            after = (await addresses.of(account.id)).at(read_contact(contact) if contact.strip() else None)
        except Refused:
            stop(f"{contact} is neither a mail address nor a mobile number of 11 digits.")
        await addresses.put(after)
        click.echo(
            f"{login} is reminded at {after.contact.hint}"
            + ("." if after.proved else ", once they have proved it at /account.")
            if after.contact
            else f"{login} is reminded on the work list alone."
        )

    with_database(data, work)


@user.command("remove")
@click.argument("login")
@data_option
@click.confirmation_option(prompt="Their password, sign-ins, links and tokens end. Go on?")
def remove(login: str, data: Path | None) -> None:
    """Remove somebody: nothing lets them in any more; their name stays with what they did."""

    async def work(database: Database) -> None:
        people = SqlPeople(database)
        await people.remove_account((await named(people, login)).id)
        click.echo(f"{login} is removed.")

    with_database(data, work)


@user.command("token")
@click.argument("login")
@click.option("--revoke", is_flag=True, help="Only end what was given before.")
@data_option
def token_of(login: str, revoke: bool, data: Path | None) -> None:
    """Print a new bearer token with which an encoder such as OBS publishes as this person.

    Tokens that they had before end. It is shown this once.
    """

    async def work(database: Database) -> None:
        people = SqlPeople(database)
        account = await named(people, login)
        if not revoke and not may(account.actor, Permission.BROADCAST):
            stop(f"{login} may not broadcast: that takes the role deputy, host or producer.")
        await people.drop_tokens(account.id)
        if revoke:
            click.echo(f"No encoder of {login} can publish now.")
            return
        token = ids.new_token()
        await people.add_token(hash_secret(token), account.id)
        click.echo(token)

    with_database(data, work)


@user.command("link")
@click.argument("login")
@click.option("--to", "target", default="", help="Page it leads to, such as /rooms/NAME/studio (default: their work).")
@click.option("--hours", type=click.IntRange(1, 24 * 31), default=24, show_default=True, help="How long it works.")
@data_option
def link_of(login: str, target: str, hours: int, data: Path | None) -> None:
    """Print a link that signs this person in, once."""
    if target and local_target(target) != target:
        stop("--to must be a path of the site, such as /worklist.")

    async def work(database: Database) -> None:
        people = SqlPeople(database)
        account = await named(people, login)
        token = ids.new_token()
        until = clock.now() + timedelta(hours=hours)
        await people.add_link(hash_secret(token), account.id, target or home_of(account.actor), until)
        site = settings.read(os.environ).public_url.rstrip("/")
        click.echo(f"{site}/sign-in/{token}")
        if not site:
            click.echo("The address of the site goes before it; with LIVEROOM_PUBLIC_URL it does by itself.", err=True)

    with_database(data, work)


async def named(people: SqlPeople, login: str) -> Account:
    account = await people.by_login(login)
    if account is None:
        stop(f"Nobody is called {login}.")
    return account


async def _unit_named(database: Database, name: str) -> str:
    """The identifier of a unit, which is made when it is new."""
    matters = SqlMatters(database)
    known = next((unit for unit in await matters.units() if name in {unit.id, unit.name}), None)
    if known is not None:
        return known.id
    unit = Unit(ids.new_id(), name)
    await matters.add_unit(unit)
    return unit.id
