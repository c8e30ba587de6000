"""`liveroom conformance`: what is typed and what is shown."""

from __future__ import annotations

import asyncio
import sys

import click
from rich.console import Console

from liveroom.conformance import report
from liveroom.conformance.duties import DUTIES
from liveroom.conformance.run import Wishes, run
from liveroom.conformance.trial import Endpoint

NUMBERS = [duty.number for duty in DUTIES]


@click.command()
@click.option("--whip", metavar="URL", help="WHIP endpoint to publish at.")
@click.option("--token", default="", help="Bearer token of the WHIP endpoint.")
@click.option("--whep", metavar="URL", help="WHEP endpoint where the same stream is watched.")
@click.option("--whep-token", default="", help="Bearer token of the WHEP endpoint.")
@click.option("--only", default="", metavar="C1,C5,…", help="Look at these duties only.")
@click.option("--quick", is_flag=True, help="Leave out C18, which waits half a minute for a silent peer to be let go.")
@click.option("--flood", type=int, default=0, metavar="N", help="Also send up to N requests at once (C14).")
@click.option("--strict", is_flag=True, help="Count what is only a SHOULD as a failure, too.")
@click.option("--insecure", is_flag=True, help="Accept any certificate.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON, for scripts.")
def conformance(
    whip: str | None,
    token: str,
    whep: str | None,
    whep_token: str,
    only: str,
    quick: bool,
    flood: int,
    strict: bool,
    insecure: bool,
    as_json: bool,
) -> None:
    """Check any server's WHIP (RFC 9725) and WHEP endpoints, duty by duty.

    Nobody else should publish to the stream meanwhile. With --whep alone, somebody has to. Exit status: 0 when no duty
    failed, 1 when one did or the server cannot be reached.
    """
    chosen = [number.strip().upper() for number in only.split(",") if number.strip()]
    unknown = [number for number in chosen if number not in NUMBERS]
    if unknown:
        raise click.UsageError(f"there is no duty {unknown[0]}; they are {NUMBERS[0]} to {NUMBERS[-1]}.")
    for url in (whip, whep):
        if url and not url.startswith(("http://", "https://")):
            raise click.UsageError(f"{url} is no address of http or https.")
    if not whip and not whep:
        raise click.UsageError("give --whip, --whep or both.")
    wishes = Wishes(
        Endpoint("whip", whip, token) if whip else None,
        Endpoint("whep", whep, whep_token) if whep else None,
        chosen,
        silence=not quick,
        flood=flood,
        strict=strict,
        verify_tls=not insecure,
    )
    if not as_json:
        seconds = 20 if quick else 60
        Console(stderr=True).print(f"liveroom: checking, for about {seconds} s …")
    findings = asyncio.run(run(wishes))
    if as_json:
        click.echo(report.as_json(findings))
    else:
        report.show(findings, Console())
    sys.exit(0 if findings.good else 1)
