"""The commands that look after the records: newest schema, copy, restoration. Knows no table."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import click

from liveroom import clock, ids, settings
from liveroom.cli.records import with_database
from liveroom.cli.run import data_option, run, stop
from liveroom.storage import folder
from liveroom.storage.backup import back_up, restore
from liveroom.storage.database import Database

SHOWN = 5
"""Missing files that are named; the rest is counted."""


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
    """Copy the records and their attachments into FILE, consistent and checked; the server may go on meanwhile.

    FILE is a tar archive. Records in PostgreSQL are copied with pg_dump, attachments beside (docs/operations.md).
    """

    async def work() -> None:
        chosen = _with_file(settings.read(os.environ, data=data), "pg_dump")
        files = chosen.data / folder.FILES
        lacking = await asyncio.to_thread(back_up, chosen.data / folder.DATABASE, files, file)
        click.echo(f"{file} holds a copy of the records in {chosen.data} with their attachments.")
        _tell_lacking(lacking, files)

    run(work)


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Also where data are already; they stay beside under another name.")
@data_option
def restore_command(file: Path, force: bool, data: Path | None) -> None:
    """Put a copy that `backup` made in the place of the data; no server may be running with them.

    Copies of the records alone, as older versions made them, are taken, too.
    Records in PostgreSQL are put back with pg_restore (docs/operations.md).
    """

    async def work() -> None:
        chosen = _with_file(settings.read(os.environ, data=data), "pg_restore")
        database = folder.prepare(chosen.data)
        with folder.serving(chosen.data):
            if database.stat().st_size and not force:
                stop(f"{chosen.data} holds data already; --force puts them aside.")
            suffix = f".before-{clock.now():%Y%m%d-%H%M%S}"
            files = chosen.data / folder.FILES
            restored = await asyncio.to_thread(restore, file, database, files, ids.new_id(), suffix)
        click.echo(f"{chosen.data} is as it was in {file}.")
        if restored.aside is not None:
            click.echo(f"What was there before is in {restored.aside}.")
        if restored.files is None:
            click.echo(f"It held no attachments: put those that you have into {files}.")
        _tell_lacking(restored.lacking, files)

    run(work)


def _tell_lacking(lacking: Sequence[str], files: Path) -> None:
    """Ends with status 2 when attachments are missing: whoever looks after the copies must hear of it."""
    if lacking:
        some = ", ".join(lacking[:SHOWN]) + (" …" if len(lacking) > SHOWN else "")
        stop(f"{len(lacking)} attachments are missing or damaged in {files}, everything else is there: {some}")


def _with_file(chosen: settings.Settings, instead: str) -> settings.Settings:
    """The settings of records that are a file; those of a database are copied by its own programs."""
    if chosen.database:
        stop(f"LIVEROOM_DATABASE names a PostgreSQL database: use {instead}, as docs/operations.md says.")
    return chosen
