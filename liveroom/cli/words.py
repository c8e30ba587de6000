"""The command that reads a word list before it is put in. Knows no table and no page."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from liveroom import clock
from liveroom.cli.run import stop
from liveroom.errors import Refused
from liveroom.screening.screen import Screen
from liveroom.screening.words import Action, WordList, read
from liveroom.storage.characters import folds

_PROBLEMS = {
    "no_action": "the action is missing",
    "unknown_action": "actions are flag, mask, hold and escalate",
    "unknown_option": "after the action there can only be sounds",
    "nothing_left": "there is nothing to look for",
    "word_too_long": "the word is too long",
    "twice": "this word is there already",
}


@click.group()
def words() -> None:
    """Word lists: check a file before it is put in at /office/words."""


@words.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--text", help="A sentence to try on the list and the detectors.")
def check(file: Path, text: str | None) -> None:
    """Read FILE (one word a line: word,action) and name every line that cannot be read."""
    try:
        entries, problems = read(file.read_text("utf-8"))
    except UnicodeDecodeError:
        stop(f"{file} is not UTF-8 text.")
    except Refused as refused:
        stop(f"{file} has more than {refused.detail['limit']} words.")
    for problem in problems:
        click.echo(f"line {problem.line}: {_PROBLEMS[problem.code]}: {problem.text}", err=True)
    counts = {action: sum(entry.action is action for entry in entries) for action in Action}
    click.echo(f"{len(entries)} words: " + ", ".join(f"{number} {action}" for action, number in counts.items()))
    if text is not None:
        word_list = WordList(file.name, 1, file.name, entries, clock.now(), "", "", "")
        _show(Screen([word_list], folds()), text)
    if problems:
        stop(f"{len(problems)} lines of {file} cannot be read.")


def _show(screen: Screen, text: str) -> None:
    screened = screen.look(text)
    table = Table("action", "found", "list", "by its sound")
    for finding in screened.findings:
        table.add_row(finding.action.value, str(finding.what), finding.source, "yes" if finding.by_sound else "")
    Console().print(table)
    click.echo(f"published as: {screened.text}")
