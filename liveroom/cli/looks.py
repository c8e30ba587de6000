"""The commands that only look: at the settings there are, and at the server that runs. Load nothing of it."""

from __future__ import annotations

import sys

import click
from rich.console import Console
from rich.table import Table

from liveroom import health, settings


@click.command("settings")
def settings_command() -> None:
    """List every setting with its default and meaning."""
    table = Table("setting", "default", "meaning")
    for row in settings.describe():
        table.add_row(*row)
    Console().print(table)


@click.command("health")
def health_command() -> None:
    """Ask the server of this machine whether it answers: exit status 0 or 1 (light: python -m liveroom.health)."""
    sys.exit(health.main())
