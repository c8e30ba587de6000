"""The commands, as an operator types them. Knows no handler and no table."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from liveroom import __version__, app, clock, health, ids, logs, settings
from liveroom.cli import users
from liveroom.cli.run import data_option, run, stop
from liveroom.conformance.command import conformance
from liveroom.demo import addresses, certificate, first, world
from liveroom.storage import folder
from liveroom.storage.backup import back_up, restore
from liveroom.storage.migrate import upgrade


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="liveroom")
def main() -> None:
    """The deputies' live broadcast room."""


@main.command("demo")
@click.option("--host", help="Address to listen on (default: all of this machine's).")
@click.option("--port", type=int, help="TCP port for pages (default: 8080; 0 takes a free one).")
@click.option("--udp-port", type=int, help="UDP port for media (default: 8081; 0 takes a free one).")
@click.option(
    "--data", type=click.Path(path_type=Path), help="Folder of the demo's data (default: liveroom-data/demo)."
)
@click.option(
    "--tls", is_flag=True, help="Serve HTTPS with a certificate made for this demo: phones can broadcast then."
)
@click.option("--json", "as_json", is_flag=True, help="Print the addresses as one line of JSON, for scripts.")
def demo_command(**options: Any) -> None:
    """A small furnished world to try everything in; stop it with Ctrl+C, its data stay."""
    run(lambda: _demo(**options))


async def _demo(
    host: str | None, port: int | None, udp_port: int | None, data: Path | None, tls: bool, as_json: bool
) -> None:
    chosen = settings.read(os.environ, host=host, port=port, udp_port=udp_port)
    chosen = replace(chosen, data=data or chosen.data / "demo")
    folder.prepare(chosen.data)
    if tls:
        pair = await asyncio.to_thread(certificate.self_signed, chosen.data)
        chosen = replace(chosen, tls_cert=str(pair[0]), tls_key=str(pair[1]))
    logs.set_up(chosen.log)
    if not as_json:
        Console(stderr=True).print("liveroom: preparing the demo …")
    await first.prepare(chosen)
    application = await app.make_app(chosen, demo=True)
    furnished = await world.furnish(application)
    runner, bound = await app.listen(application, chosen)
    found = addresses.addresses(furnished, chosen, bound)
    if as_json:
        click.echo(addresses.as_json(found))
    else:
        addresses.show(found, chosen, Console())
    await _until_told()
    await runner.cleanup()


@main.command()
@click.option("--host")
@click.option("--port", type=int)
@click.option("--udp-port", type=int)
@click.option("--data", type=click.Path(path_type=Path))
def serve(**options: Any) -> None:
    """Serve the site; settings come from LIVEROOM_* variables (`liveroom settings`)."""
    run(lambda: _serve(**options))


async def _serve(**options: Any) -> None:
    chosen = settings.read(os.environ, **options)
    logs.set_up(chosen.log)
    application = await app.make_app(chosen)
    runner, bound = await app.listen(application, chosen)
    scheme = "https" if chosen.tls_cert else "http"
    Console(stderr=True).print(f"liveroom {__version__} serves {scheme}://{chosen.host}:{bound}, media on UDP")
    await _until_told()
    await runner.cleanup()


@main.command()
@click.option("--data", type=click.Path(path_type=Path))
def migrate(data: Path | None) -> None:
    """Bring the database up to the newest schema (serve does it too)."""
    run(lambda: _migrate(data))


async def _migrate(data: Path | None) -> None:
    chosen = settings.read(os.environ, data=data)
    file = folder.prepare(chosen.data)
    await asyncio.to_thread(upgrade, file)
    click.echo(f"{file} is up to date.")


@main.command("settings")
def settings_command() -> None:
    """List every setting with its default and meaning."""
    table = Table("setting", "default", "meaning")
    for row in settings.describe():
        table.add_row(*row)
    Console().print(table)


@main.command("health")
def health_command() -> None:
    """Ask the server of this machine whether it answers: exit status 0 or 1 (light: python -m liveroom.health)."""
    sys.exit(health.main())


@main.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@data_option
def back_up_command(file: Path, data: Path | None) -> None:
    """Copy everything into FILE, consistent and checked; the server may go on meanwhile."""

    async def work() -> None:
        chosen = settings.read(os.environ, data=data)
        await asyncio.to_thread(back_up, chosen.data / folder.DATABASE, file)
        click.echo(f"{file} holds a copy of {chosen.data}.")

    run(work)


@main.command("restore")
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


main.add_command(users.user)
main.add_command(conformance)


async def _until_told() -> None:
    # What is there by now stays: looking through it for garbage again and again stopped all media for 0.1 s each time.
    gc.collect()
    gc.freeze()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
