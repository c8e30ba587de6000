"""The command that imports lists: looks first, and imports when asked. Knows no row's meaning."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from liveroom import clock, settings
from liveroom.actions.bringing import Bringing
from liveroom.actions.importing import Importing
from liveroom.cli.records import with_database
from liveroom.cli.run import data_option, stop
from liveroom.exchange.plans import Plan
from liveroom.exchange.sheets import SHEETS, template
from liveroom.exchange.tables import Problem
from liveroom.rooms.roles import Actor, Role
from liveroom.storage import folder
from liveroom.storage.database import Database
from liveroom.storage.imports import SqlImports
from liveroom.storage.matters import SqlMatters
from liveroom.storage.people import SqlPeople
from liveroom.storage.rule_sets import SqlRuleBook
from liveroom.storage.vault import Seal
from liveroom.storage.workdays import ChineseWorkingDays

PROBLEMS = {
    "too_large": "the file is too large: split it",
    "bad_workbook": "this Excel workbook cannot be read: save it as .xlsx again, or as CSV",
    "workbook_large": "this Excel workbook holds too much: leave the list alone in it",
    "not_text": "this is neither a workbook (.xlsx) nor UTF-8 or GB18030 text",
    "no_heading": "the file is empty: the first row names the columns",
    "too_many_rows": "there are too many rows: split it",
    "column_missing": "this column is missing in the heading",
    "column_twice": "this column is there twice",
    "broken_quotes": "a quote has no partner; nothing from here on can be read",
    "too_many_cells": "there are more cells than columns: a comma in the text, perhaps",
    "cell_empty": "this must not be empty",
    "cell_long": "this is too long",
    "bad_login": "a login has no spaces and no colons",
    "bad_contact": "this is neither a mail address nor a mobile number of 11 digits",
    "bad_code": "a code has letters, digits, hyphens and underscores",
    "bad_date": "write dates like 2027-01-01",
    "bad_kind_of_day": "write rest (休) or work (班)",
    "unreadable_cell": "there is nothing to read in it",
    "too_many_parts": "these are too many names",
    "twice": "this is in a row above, too",
    "not_a_weekend": "a day worked instead is a Saturday or Sunday",
    "year_incomplete": "a year needs New Year, Labour Day, the National Day and at least 11 days off",
    "login_taken": "this login belongs to somebody who is no deputy",
    "name_taken": "two units would have this name",
    "year_known": "the program knows the holidays of this year",
    "bad_number": "a number has digits, capital letters, Chinese characters and - _ · 〔〕 ( ), and no 第…号 around it",
    "dates_crossed": "this is earlier than what came before it",
    "bad_evaluation": "write satisfied, basically satisfied, dissatisfied or no response",
    "number_taken": "a matter of this program has this number: put letters of your own before it",
    "number_known": "this number was imported before, with other words; what is imported changes by steps alone",
    "number_ours": "numbers of this year are given by the program: put letters of your own before it",
    "state_unknown": "the rules in force have no state of this name",
    "state_elsewhere": "no suggestion can be taken over in this state; one of these is begun here anew",
    "state_open": "this says that it was replied to or closed, and its state that it is still open",
    "letter_unknown": "the rules in force have no class of this name",
    "letter_open": "this class does not end in this state: what is planned or cannot be done is never solved",
    "cell_needed": "in this state this must not be empty",
    "unit_unknown": "there is no unit of this name, and it has to act: import units first",
    "deputy_unknown": "there is no deputy of this name, or there are two, and they have to act: import deputies first",
    "day_ahead": "this day has not come yet",
    "date_out_of_range": "this is more than ten years ahead",
}
COMMAND_LINE = Actor("cli", "liveroom import", frozenset({Role.ADMIN}))


@click.command("import")
@click.argument("kind", type=click.Choice(list(SHEETS)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--apply", "carry_out", is_flag=True, help="Import it; without this, only say what would change.")
@click.option("--columns", is_flag=True, help="Show the columns and an example instead.")
@data_option
def import_command(kind: str, file: Path | None, carry_out: bool, columns: bool, data: Path | None) -> None:
    """Say what importing FILE (CSV or .xlsx) would change, row by row, and with --apply do it, whole or not at all.

    May be used while the server runs. The same file imported again changes nothing.
    """
    if columns or file is None:
        for row in template(SHEETS[kind])[::-1]:
            click.echo(",".join(row))
        if not columns:
            stop("name the FILE to look at.")
        return
    if file.stat().st_size > SHEETS[kind].size:
        stop(f"{file} cannot be imported: {PROBLEMS['too_large']}.")
    content = file.read_bytes()

    async def work(database: Database) -> None:
        chosen = settings.read(os.environ, data=data)
        rules = await SqlRuleBook.open(database, chosen.data, chosen.rules, clock.now())
        seal = Seal(chosen.vault_key or folder.vault_key(chosen.data))
        days, imports = ChineseWorkingDays(), SqlImports(database, seal)
        days.learn(await imports.holidays())
        bringing = Bringing(SqlMatters(database), SqlPeople(database), rules, days, clock.now)
        importing = Importing(imports, days, clock.now, bringing)
        if carry_out:
            plan = await importing.carry_out(kind, content, COMMAND_LINE, file.name)
        else:
            plan = await importing.look(kind, content, COMMAND_LINE)
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
