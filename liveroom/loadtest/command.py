"""`liveroom loadtest`: whom it may be pointed at, how far it goes, what it tells. Knows no websocket."""

from __future__ import annotations

import asyncio
import http.client
import ipaddress
import json
import os
import socket
import ssl
import sys
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from liveroom.loadtest.figures import Delays, Figures
from liveroom.loadtest.run import Plan, run

MOST_VIEWERS = 50_000
MOST_QUESTIONS = 100.0
MOST_VOTES = 5_000.0
LONGEST = 3_600.0


@click.command("loadtest")
@click.option("--url", required=True, help="Address of the room, such as http://127.0.0.1:8080/rooms/haitian.")
@click.option("--viewers", type=click.IntRange(1, MOST_VIEWERS), default=100, show_default=True)
@click.option("--questions-per-second", type=click.FloatRange(0, MOST_QUESTIONS), default=1.0, show_default=True)
@click.option("--votes-per-second", type=click.FloatRange(0, MOST_VOTES), default=10.0, show_default=True)
@click.option("--seconds", type=click.FloatRange(1, LONGEST), default=60.0, show_default=True)
@click.option("--joins-per-second", type=click.FloatRange(1, 2_000), default=400.0, show_default=True)
@click.option("--processes", type=click.IntRange(1, 16), default=1, show_default=True, help="Processes of the crowd.")
@click.option("--deaf", type=click.IntRange(0), default=0, help="Viewers, of those above, that read nothing.")
@click.option("--desk", default="", help="A sign-in link of a moderator (`liveroom user link`), who publishes all.")
@click.option("--insecure", is_flag=True, help="Take any certificate.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
@click.option("--yes-it-is-mine", is_flag=True, help="Also a server that is not in a private network.")
def loadtest(
    url: str, viewers: int, seconds: float, desk: str, as_json: bool, yes_it_is_mine: bool, **more: float
) -> None:
    """Play the audience of a session, the day before it: viewers who are told everything, ask and second.

    With LIVEROOM_LOADTEST_KEY, the same here and at the server, each viewer counts as a network of its own; without,
    this machine meets the limits that any network meets.
    """
    room, key = urlsplit(url), os.environ.get("LIVEROOM_LOADTEST_KEY", "")
    address, port = _whose(room, yes_it_is_mine)
    plan = Plan(
        host=room.hostname or "",
        address=address,
        port=port,
        authority=room.netloc,
        path=room.path.rstrip("/") + "/socket",
        tls=room.scheme == "https",
        viewers=viewers,
        seconds=seconds,
        key=key,
        cookie=sign_in(desk, room, insecure=bool(more["insecure"])) if desk else "",
        **more,  # type: ignore[arg-type]
    )
    figures = asyncio.run(_play(plan, quiet=as_json))
    if as_json:
        click.echo(json.dumps(figures.summary()))
    else:
        Console().print(table(figures))
    sys.exit(0 if figures.connected == viewers and not figures.dropped and not figures.refusals else 1)


def _whose(room: SplitResult, mine: bool) -> tuple[str, int]:
    """Address and port, when a load test may go there."""
    if room.scheme not in {"http", "https"} or not room.hostname or "/rooms/" not in room.path:
        raise click.BadParameter("must be the address of a room, such as http://127.0.0.1:8080/rooms/haitian")
    try:
        port = room.port or (443 if room.scheme == "https" else 80)
        found = socket.getaddrinfo(room.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        raise click.BadParameter(f"leads nowhere: {error}") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not mine and not all(ipaddress.ip_address(address.split("%")[0]).is_private for address in addresses):
        raise click.BadParameter(
            f"{room.hostname} is not in a private network. A load test is an attack on a server that is not yours; "
            "when it is, say --yes-it-is-mine"
        )
    return addresses[0], port


def sign_in(link: str, room: SplitResult, *, insecure: bool) -> str:
    """The cookie that a one-time link gives, which may be without the address of the site."""
    parts = urlsplit(urljoin(urlunsplit(room), link))
    if (parts.scheme, parts.netloc) != (room.scheme, room.netloc):
        raise click.BadParameter("--desk must be a link of the same site")
    context = ssl._create_unverified_context() if insecure else None  # noqa: S323 - the operator says so
    connection = (
        http.client.HTTPSConnection(parts.netloc, timeout=20, context=context)
        if parts.scheme == "https"
        else http.client.HTTPConnection(parts.netloc, timeout=20)
    )
    connection.request("GET", parts.path)
    response = connection.getresponse()
    given = response.headers.get_all("Set-Cookie") or []
    connection.close()
    cookies = [cookie.split(";", 1)[0] for cookie in given]
    if response.status != 303 or not cookies:
        raise click.BadParameter("the link of --desk does not sign in: it works once, and not for long")
    return "; ".join(cookies)


async def _play(plan: Plan, *, quiet: bool) -> Figures:
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[more]}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=quiet,
    )
    with bar:
        joining = bar.add_task("joining", total=plan.viewers, more="")
        watching = bar.add_task("session", total=plan.seconds, more="", start=False)

        def told(phase: str, counts: dict[str, int]) -> None:
            bar.update(joining, completed=counts["connected"], more=f"{counts['connected']} of {plan.viewers}")
            if phase == "measuring":
                if not bar.tasks[1].started:
                    bar.stop_task(joining)
                    bar.start_task(watching)
                more = f"{counts['deliveries']} deliveries, {counts['dropped']} dropped"
                bar.update(watching, completed=bar.tasks[1].elapsed or 0, more=more)

        return await run(plan, told)


def table(figures: Figures) -> Table:
    """The result, for people."""
    found = Table(title="load test", show_header=False)
    found.add_row("connected", f"{figures.connected} of {figures.wanted} in {figures.connecting_seconds:.1f} s")
    found.add_row("time to connect", _quantiles(figures.joining))
    found.add_row("deliveries", f"{figures.deliveries}, {figures.bytes / 1e6:.1f} MB")
    found.add_row(
        "delivery: from the commit of a change, or a tick of the counts, to arrival", _quantiles(figures.delivery)
    )
    found.add_row("questions", f"{figures.asked} asked, {figures.asking.total} received, {figures.published} published")
    found.add_row("acknowledgement of a question", _quantiles(figures.asking))
    found.add_row("votes", f"{figures.voted} given, {figures.voting.total} kept")
    found.add_row("acknowledgement of a vote", _quantiles(figures.voting))
    found.add_row("unanswered", str(figures.unanswered))
    found.add_row("dropped", _counted(figures.closed) or "0")
    found.add_row("refused", _counted(figures.refusals) or "0")
    return found


def _quantiles(delays: Delays) -> str:
    if not delays.total:
        return "—"
    return f"p50 {delays.quantile(0.5)} ms, p99 {delays.quantile(0.99)} ms"


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in sorted(counts.items()))
