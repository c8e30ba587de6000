"""The commands about the log: what was done, by whom, and that nothing of it was changed. Knows no table."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from liveroom.cli.records import with_database
from liveroom.cli.run import TAKES_IDS, data_option, stop
from liveroom.rooms.audit import Head, against, check, head
from liveroom.rooms.chain import Link
from liveroom.storage.audit import SqlAudit
from liveroom.storage.database import Database

_HEAD = re.compile(r"([0-9a-f]{64}) +(\d+) +(\w+:\S+)")
_PRIVATE = frozenset({"type", "question", "key", "code", "device", "label", "at", "salt", "erased"})
"""Parts of an event that `show` leaves out: said already, or keys to what an asker may see."""


@click.group()
def audit() -> None:
    """The log of everything that was done: check that nothing of it was changed, and read it.

    All of it may be done while the server runs.
    """


@audit.command("verify")
@click.option(
    "--against",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What `audit heads` printed earlier: finds logs that were written anew as a whole, or cut short.",
)
@data_option
def verify(file: Path | None, data: Path | None) -> None:
    """Check every log, and the signature of every frozen quarter; print the heads, and what is wrong in words.

    Exit status 1 when anything is.
    """
    then = _heads_in(file) if file else {}

    async def work(database: Database) -> None:
        reading, wrong, lines = SqlAudit(database), 0, 0
        chains = await reading.chains()
        for chain in dict.fromkeys([*chains, *then]):
            log = await reading.read(chain)
            said = against(then[chain], log.links if log else None) if chain in then else []
            if log is not None:
                broken = check(chain, log.links, log.length)
                said = [*broken, *said] if broken or said else await reading.strayed(chain)
                said += await reading.unsigned(chain)
                lines += len(log.links)
                click.echo(_line(head(chain, log.links)))
            for sentence in said:
                click.echo(f"{chain}: {sentence}.")
            wrong += len(said)
        total = f"{len(chains)} logs, {lines} lines"
        click.echo(f"{total}: {f'{wrong} found wrong' if wrong else 'nothing was changed'}.", err=True)
        if wrong:
            sys.exit(1)

    with_database(data, work)


@audit.command("heads")
@data_option
def heads(data: Path | None) -> None:
    """Print the head of every log, one a line: keep them where nobody who can change the records can change them."""

    async def work(database: Database) -> None:
        for found in await SqlAudit(database).heads():
            click.echo(_line(found))

    with_database(data, work)


@audit.command("show", context_settings=TAKES_IDS)
@click.argument("session")
@data_option
def show(session: str, data: Path | None) -> None:
    """Print the log of SESSION (as `audit heads` names it), one line each: when, who, what, why."""
    chain = session if ":" in session else f"session:{session}"

    async def work(database: Database) -> None:
        log = await SqlAudit(database).read(chain)
        if log is None:
            stop(f"There is no log {chain}; `liveroom audit heads` lists them all.")
        labels: dict[str, str] = {}
        for link in log.links:
            click.echo(_told(link, labels))

    with_database(data, work)


def _line(found: Head) -> str:
    return f"{found.hash} {found.seq:6} {found.chain}"


def _heads_in(file: Path) -> Mapping[str, Head]:
    """What was printed earlier, by `heads` or by `verify`."""
    found = [_HEAD.fullmatch(line.strip()) for line in file.read_text(errors="replace").splitlines()]
    heads = {match[3]: Head(match[3], int(match[2]), match[1]) for match in found if match}
    if not heads:
        stop(f"{file} holds no heads: make it with `liveroom audit heads > {file}`.")
    return heads


def _told(link: Link, labels: dict[str, str]) -> str:
    """One line of the log; `labels` remembers what questions are called."""
    event = json.loads(link.event)
    if link.question and "label" in event:
        labels[link.question] = event["label"]
    about = f" #{labels.get(link.question, link.question)}" if link.question else ""
    what = event.get("what") or event.get("type", "")
    why = _reasons({**event, **event["values"]} if isinstance(event.get("values"), dict) else event)
    when = link.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return _printable(f"{link.seq:5}  {when}  {link.by_name or link.by}  {what}{about}{'  ' if why else ''}{why}")


def _reasons(event: Mapping[str, object]) -> str:
    hidden = _PRIVATE | {"what", "values", "sources", "to"}
    return ", ".join(f"{name}: {_value(value)}" for name, value in event.items() if name not in hidden and value)


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _printable(text: str) -> str:
    """What was typed moves no cursor."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
