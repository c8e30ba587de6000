"""The commands that look after the data folder: newest schema, copy, restoration. Knows no table."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click

from liveroom import clock, ids, settings
from liveroom.cli.run import data_option, run, stop
from liveroom.storage import folder
from liveroom.storage.backup import back_up, restore
from liveroom.storage.migrate import upgrade


@click.command()
@click.option("--data", type=click.Path(path_type=Path))
def migrate(data: Path | None) -> None:
    """Bring the database up to the newest schema (serve does it too)."""
    run(lambda: _migrate(data))


async def _migrate(data: Path | None) -> None:
    chosen = settings.read(os.environ, data=data)
    file = folder.prepare(chosen.data)
    await asyncio.to_thread(upgrade, file)
    click.echo(f"{file} is up to date.")


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@data_option
def back_up_command(file: Path, data: Path | None) -> None:
    """Copy everything into FILE, consistent and checked; the server may go on meanwhile."""

    async def work() -> None:
        chosen = settings.read(os.environ, data=data)
        await asyncio.to_thread(back_up, chosen.data / folder.DATABASE, file)
        click.echo(f"{file} holds a copy of {chosen.data}.")

    run(work)


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Also where data are already; they stay beside under another name.")
@data_option
def restore_command(file: Path, force: bool, data: Path | None) -> None:
    """Put a copy that `backup` made in the place of the data; no server may be running with them."""

    async def work() -> None:
        chosen = settings.read(os.environ, data=data)
        database = folder.prepare(chosen.data)
        with folder.serving(chosen.data):
            if database.stat().st_size and not force:
                stop(f"{chosen.data} holds data already; --force puts them aside.")
            suffix = f".before-{clock.now():%Y%m%d-%H%M%S}"
            aside = await asyncio.to_thread(restore, file, database, ids.new_id(), suffix)
        click.echo(f"{chosen.data} is as it was in {file}.")
        if aside is not None:
            click.echo(f"What was there before is in {aside}.")

    run(work)
