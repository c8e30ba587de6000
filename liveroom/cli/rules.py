"""The commands about rule sets: which there are, and whether a file is one. Knows no rule."""

from __future__ import annotations

import os
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from liveroom import settings
from liveroom.cli.run import data_option, stop
from liveroom.errors import SettingsError
from liveroom.storage.rule_sets import newest, own, read, shipped


@click.group()
def rules() -> None:
    """Rule sets: how suggestions, commitments and work orders are handled."""


@rules.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check_command(file: Path) -> None:
    """Say everything that is wrong with a rule set, with its place. Exit status 2 when anything is."""
    found = read(file)
    for problem in found.problems:
        click.echo(str(problem), err=True)
    if found.rules is None:
        stop(f"{file}: {len(found.problems)} problems.")
    kinds = ", ".join(f"{k.kind} ({len(k.states)} states, {len(k.rows)} steps)" for k in found.rules.kinds.values())
    click.echo(f"{found.rules.reference} is good: {kinds}.")


@rules.command("list")
@data_option
def list_command(data: Path | None) -> None:
    """List the rule sets that are shipped and the office's own, and the one for new matters."""
    chosen_settings = settings.read(os.environ, data=data)
    files = [(one, "shipped") for one in shipped()] + [(one, "own") for one in own(chosen_settings.data)]
    known = [one.rules for one, _ in files if one.rules is not None]
    try:
        chosen = newest(known, chosen_settings.rules)
    except SettingsError as error:
        chosen = ""
        click.echo(str(error), err=True)
    table = Table("rule set", "name", "kinds", "where", "for new matters")
    for one, where in files:
        if one.rules is None:
            table.add_row(one.file, f"{len(one.problems)} problems: liveroom rules check", "", where, "")
            continue
        mark = "yes" if one.rules.reference == chosen else ""
        table.add_row(one.rules.reference, f"{one.rules.zh} {one.rules.en}", ", ".join(one.rules.kinds), where, mark)
    Console().print(table)
