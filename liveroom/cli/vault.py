"""The command that opens the identity vault: two people, one question, one reason. Knows no table."""

from __future__ import annotations

import os
from pathlib import Path

import click

from liveroom import clock, ids, logs, settings
from liveroom.actions.verify import OPENERS, Opening
from liveroom.cli.records import with_database
from liveroom.cli.run import data_option, stop
from liveroom.ports.people import Account
from liveroom.server.sign_in import check_password
from liveroom.storage import folder
from liveroom.storage.database import Database
from liveroom.storage.people import SqlPeople
from liveroom.storage.records import SqlRecords
from liveroom.storage.vault import Seal, SqlVault


@click.group()
def vault() -> None:
    """The identity vault: contacts of people who verified themselves, kept apart from what they asked."""


@vault.command("reveal")
@click.argument("code")
@click.option("--reason", required=True, help="Why, in a sentence; it is kept with the look.")
@click.option("--by", "first", required=True, help="Login of the one who asks for it.")
@click.option("--with", "second", required=True, help="Login of the one who agrees.")
@data_option
def reveal(code: str, reason: str, first: str, second: str, data: Path | None) -> None:
    """Show the contact behind the question with this tracking CODE.

    Both people type their password; each must be office, auditor, admin or lead moderator. Every look is kept in the
    vault and told in the log.
    """
    tracking = ids.read_tracking_code(code)
    if tracking is None:
        stop(f"{code} is not a tracking code.")
    if first == second:
        stop("It takes two people: --by and --with must differ.")

    async def work(database: Database) -> None:
        people = SqlPeople(database)
        both = [await _present(people, login) for login in (first, second)]
        chosen = settings.read(os.environ, data=data)
        logs.set_up(chosen.log)
        seal = Seal(chosen.vault_key or folder.vault_key(chosen.data))
        opening = Opening(SqlVault(database, seal), await SqlRecords.open(database), clock.now)
        identity = await opening.reveal(tracking, reason, both[0], both[1])
        if identity is None:
            click.echo("This question came without a verified contact.")
            return
        click.echo(f"{identity.contact.channel.value}: {identity.contact.address}")
        click.echo(f"verified at {identity.verified_at.isoformat(timespec='seconds')}")

    with_database(data, work)


async def _present(people: SqlPeople, login: str) -> Account:
    """The account, after its person typed the password. A wrong name and a wrong password get the same words."""
    password = click.prompt(f"Password of {login}", hide_input=True)
    account = await people.by_login(login)
    if not check_password(account, password) or account is None:
        stop(f"The password of {login} is wrong.")
    if not account.roles & OPENERS:
        stop(f"{login} may not open the vault.")
    return account
