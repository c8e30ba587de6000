"""The commands that run a server until they are told to stop. Knows no handler and no table.

The application is loaded once the settings are known to be right: that takes seconds, and who mistyped one is told now.
"""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from liveroom import __version__, logs, settings
from liveroom.cli import workers
from liveroom.cli.garbage import Garbage
from liveroom.cli.run import run, stop
from liveroom.settings import Settings
from liveroom.storage import folder

if TYPE_CHECKING:
    from liveroom.server.halls import Halls


@click.command("demo")
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
    if chosen.database:
        stop("The demo keeps to a folder of its own, its passwords are public: unset LIVEROOM_DATABASE.")
    from rich.console import Console

    from liveroom import app
    from liveroom.demo import addresses, certificate, first, world
    from liveroom.server import keys
    from liveroom.server.listening import listen

    chosen = replace(chosen, data=data or chosen.data / "demo")
    folder.prepare(chosen.data)
    if tls:
        pair = await asyncio.to_thread(certificate.self_signed, chosen.data)
        chosen = replace(chosen, tls_cert=str(pair[0]), tls_key=str(pair[1]))
    logs.set_up(chosen.log)
    if not as_json:
        Console(stderr=True).print("liveroom: preparing the demo …")
    allow_descriptors()
    await first.prepare(chosen)
    application = await app.make_app(chosen, demo=True)
    furnished = await world.furnish(application)
    runner, bound = await listen(application, chosen)
    found = addresses.addresses(furnished, chosen, bound)
    if as_json:
        click.echo(addresses.as_json(found))
    else:
        addresses.show(found, chosen, Console())
    await until_told(application[keys.HALLS])
    await runner.cleanup()


@click.command()
@click.option("--host")
@click.option("--port", type=int)
@click.option("--udp-port", type=int)
@click.option("--data", type=click.Path(path_type=Path))
@click.option("--workers", type=int, help="Processes on this machine (default: LIVEROOM_WORKERS).")
@click.option("--worker", type=int, hidden=True, help="Which one of them this is: for the supervisor's use.")
def serve(worker: int | None, **options: Any) -> None:
    """Serve the site; settings come from LIVEROOM_* variables (`liveroom settings`)."""
    run(lambda: _serve(worker, **options))


async def _serve(worker: int | None, **options: Any) -> None:
    chosen = settings.read(os.environ, **options)
    if worker is None and chosen.workers > 1:
        await _supervise(chosen, options)
        return
    # Nothing of a start is garbage; `until_told` has it looked for from then on.
    gc.disable()
    from liveroom import app
    from liveroom.server import keys
    from liveroom.server.listening import listen

    allow_descriptors()
    logs.set_up(chosen.log, worker)
    if worker is not None:
        chosen = as_worker(chosen, worker)
    application = await app.make_app(chosen)
    runner, bound = await listen(application, chosen, shared=worker is not None)
    if worker is None:
        _say_where(chosen, bound)
    await until_told(application[keys.HALLS], left_alone=worker is not None)
    await runner.cleanup()


def allow_descriptors() -> None:
    """As many open pages as the system lets this process have; each holds a file descriptor."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def as_worker(chosen: Settings, number: int) -> Settings:
    """The settings of one of several: the first has the media port, internal ports count up."""
    host, port = chosen.internal_address
    internal = f"{host}:{port + number - 1 if port else 0}"
    return replace(chosen, media=chosen.media and number == 1, internal=internal)


async def _supervise(chosen: Settings, options: dict[str, Any]) -> None:
    logs.set_up(chosen.log, 0)
    with workers.hold_port(chosen.host, chosen.port) as held:
        port = held.getsockname()[1]
        given = {**options, "port": port, "workers": chosen.workers}
        named = [f"--{name.replace('_', '-')}={value}" for name, value in given.items() if value is not None]

        def command(number: int) -> list[str]:
            return ["-m", "liveroom", "serve", *named, f"--worker={number}"]

        _say_where(chosen, port)
        status = await workers.supervise(chosen.workers, command)
    if status:
        sys.exit(status)


def _say_where(chosen: Settings, port: int) -> None:
    scheme = "https" if chosen.tls_cert else "http"
    media = "media on UDP" if chosen.media else "media at another process"
    click.echo(f"liveroom {__version__} serves {scheme}://{chosen.host}:{port}, {media}", err=True)


async def until_told(halls: Halls, *, left_alone: bool = False) -> None:
    """Until SIGTERM or SIGINT; with `left_alone` also until the supervisor is gone."""
    garbage = Garbage(lambda: halls.open_channels, lambda: halls.departures)
    garbage.open()
    tidying = asyncio.create_task(garbage.run())
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if left_alone:
        workers.when_left_alone(stop.set)
    await stop.wait()
    tidying.cancel()
    garbage.close()
