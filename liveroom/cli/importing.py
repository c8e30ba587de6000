"""The command that imports lists: looks first, and imports when asked. Knows no row's meaning."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from liveroom import clock
from liveroom.actions.importing import Importing
from liveroom.cli.records import with_database
from liveroom.cli.run import data_option, stop
from liveroom.exchange.plans import Plan
from liveroom.exchange.sheets import SHEETS, template
from liveroom.exchange.tables import FILE_LIMIT, ROWS_LIMIT, Problem
from liveroom.rooms.roles import Actor, Role
from liveroom.storage.database import Database
from liveroom.storage.imports import SqlImports
from liveroom.storage.workdays import ChineseWorkingDays

PROBLEMS = {
    "too_large": f"the file is larger than {FILE_LIMIT // 1024} KiB: split it",
    "is_workbook": "this is an Excel workbook: save it as CSV",
    "not_text": "this is neither UTF-8 nor GB18030 text",
    "no_heading": "the file is empty: the first row names the columns",
    "too_many_rows": f"there are more than {ROWS_LIMIT} rows: split it",
    "column_missing": "this column is missing in the heading",
    "column_twice": "this column is there twice",
    "broken_quotes": "a quote has no partner; nothing from here on can be read",
    "too_many_cells": "there are more cells than columns: a comma in the text, perhaps",
    "cell_empty": "this must not be empty",
    "cell_long": "this is too long",
    "bad_login": "a login has no spaces and no colons",
    "bad_code": "a code has letters, digits, hyphens and underscores",
    "bad_date": "write dates like 2027-01-01",
    "bad_kind_of_day": "write rest (休) or work (班)",
    "unreadable_cell": "there is nothing to read in it",
    "too_many_parts": "at most 50 jurisdictions",
    "twice": "this is in a row above, too",
    "not_a_weekend": "a day worked instead is a Saturday or Sunday",
    "year_incomplete": "a year needs New Year, Labour Day, the National Day and at least 11 days off",
    "login_taken": "this login belongs to somebody who is no deputy",
    "name_taken": "two units would have this name",
    "year_known": "the program knows the holidays of this year",
}
COMMAND_LINE = Actor("cli", "liveroom import", frozenset({Role.ADMIN}))


@click.command("import")
@click.argument("kind", type=click.Choice(list(SHEETS)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--apply", "carry_out", is_flag=True, help="Import it; without this, only say what would change.")
@click.option("--columns", is_flag=True, help="Show the columns and an example instead.")
@data_option
def import_command(kind: str, file: Path | None, carry_out: bool, columns: bool, data: Path | None) -> None:
    """Say what importing FILE (CSV) would change, row by row, and with --apply do it, whole or not at all.

    May be used while the server runs. The same file imported again changes nothing.
    """
    if columns or file is None:
        for row in template(SHEETS[kind])[::-1]:
            click.echo(",".join(row))
        if not columns:
            stop("name the FILE to look at.")
        return
    if file.stat().st_size > FILE_LIMIT:
        stop(f"{file} cannot be imported: {PROBLEMS['too_large']}.")
    content = file.read_bytes()

    async def work(database: Database) -> None:
        importing = Importing(SqlImports(database), ChineseWorkingDays(), clock.now)
        act = importing.carry_out if carry_out else importing.look
        plan = await act(kind, content, COMMAND_LINE)
        _tell(plan, carry_out)
        if not plan.ready:
            stop(f"{len(plan.problems)} problems in {file}; nothing was imported.")

    with_database(data, work)


def _tell(plan: Plan, carried_out: bool) -> None:
    for problem in plan.problems:
        click.echo(_sentence(problem), err=True)
    if plan.ignored:
        click.echo(f"Columns that mean nothing here: {', '.join(plan.ignored)}.", err=True)
    if not plan.ready:
        return
    if plan.due:
        table = Table("row", "what", *(column.name for column in SHEETS[plan.kind].columns))
        for change in plan.due:
            table.add_row(str(change.row or "-"), change.what, *change.entry.cells())
        Console().print(table)
    counts = Counter(change.what for change in plan.changes)
    words = f"add {counts['add']}, change {counts['change']}, remove {counts['remove']}, same {counts['same']}"
    click.echo(f"Imported: {words}." if carried_out else f"It would {words}. Nothing was imported; --apply does it.")


def _sentence(problem: Problem) -> str:
    where = f"row {problem.row}" if problem.row else "file"
    column = f", column {problem.column}" if problem.column else ""
    text = f": {problem.text}" if problem.text else ""
    return f"{where}{column}: {PROBLEMS[problem.code]}{text}"
