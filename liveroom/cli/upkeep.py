"""The commands that look after the records: newest schema, copy, restoration. Knows no table."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click

from liveroom import clock, ids, settings
from liveroom.cli.records import with_database
from liveroom.cli.run import data_option, run, stop
from liveroom.storage import folder
from liveroom.storage.backup import back_up, restore
from liveroom.storage.database import Database


@click.command()
@click.option("--data", type=click.Path(path_type=Path))
def migrate(data: Path | None) -> None:
    """Bring the database up to the newest schema (serve does it too)."""

    async def work(database: Database) -> None:
        click.echo(f"{database.place} is up to date.")

    with_database(data, work)


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@data_option
def back_up_command(file: Path, data: Path | None) -> None:
    """Copy the records into FILE, consistent and checked; the server may go on meanwhile.

    Attachments are files that never change: their folder is copied beside. Records in PostgreSQL are copied with
    pg_dump. Both: docs/operations.md.
    """

    async def work() -> None:
        chosen = _with_file(settings.read(os.environ, data=data), "pg_dump")
        await asyncio.to_thread(back_up, chosen.data / folder.DATABASE, file)
        click.echo(f"{file} holds a copy of the records in {chosen.data}.")
        files = chosen.data / folder.FILES
        if files.is_dir() and any(files.iterdir()):
            click.echo(f"Attachments are not in it: copy {files}, too.")

    run(work)


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Also where data are already; they stay beside under another name.")
@data_option
def restore_command(file: Path, force: bool, data: Path | None) -> None:
    """Put a copy that `backup` made in the place of the data; no server may be running with them.

    Records in PostgreSQL are put back with pg_restore (docs/operations.md).
    """

    async def work() -> None:
        chosen = _with_file(settings.read(os.environ, data=data), "pg_restore")
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


def _with_file(chosen: settings.Settings, instead: str) -> settings.Settings:
    """The settings of records that are a file; those of a database are copied by its own programs."""
    if chosen.database:
        stop(f"LIVEROOM_DATABASE names a PostgreSQL database: use {instead}, as docs/operations.md says.")
    return chosen
