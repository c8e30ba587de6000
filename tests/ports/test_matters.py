"""Matters, against real databases, and what people may do and see of them through the actions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from liveroom.actions.follow_up import FollowingUp
from liveroom.actions.matter_steps import MatterSteps
from liveroom.bus.memory import MemoryBus
from liveroom.errors import Refused, Stale
from liveroom.matters.drafting import draft
from liveroom.matters.matter import Matter, MatterStep, SourceQuestion
from liveroom.matters.replay import apply
from liveroom.ports.matters import Listed, MatterChange, Order, Unit, Wanted
from liveroom.ports.people import Account
from liveroom.rooms.roles import Actor, Role
from liveroom.storage import jobs as outbox
from liveroom.storage.audit import SqlAudit
from liveroom.storage.database import Database
from liveroom.storage.matters import SqlMatters
from liveroom.storage.people import SqlPeople
from liveroom.storage.records import SqlRecords
from liveroom.storage.rule_sets import SqlRuleBook
from liveroom.storage.schema import metadata
from liveroom.storage.workdays import ChineseWorkingDays
from tests.support.admission import ADMITTED

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
OFFICE = Actor("o", "工委", frozenset({Role.OFFICE}))
DEPUTY = Actor("d", "林代表", frozenset({Role.DEPUTY}))
UNIT = Actor("u", "水务局", frozenset({Role.UNIT_HEAD}), "water")
SOURCE = SourceQuestion("q", "s", "A7K2", ("原话",), 12, 1000, 2000)
Step = tuple[str, Mapping[str, str], Actor]

ADOPTED: list[Step] = [("offer", {"deputy": "d"}, OFFICE), ("adopt", {"signature": "林代表"}, DEPUTY)]
HANDLED: list[Step] = [
    *ADOPTED,
    ("register", ADMITTED, OFFICE),
    ("assign", {"unit": "water", "due": "2026-06-01"}, OFFICE),
    ("accept", {}, UNIT),
    ("contact", {"contact": "电话"}, UNIT),
]
SATISFIED = {"attitude": "satisfied", "result": "satisfied"}


class World:
    """One database with a unit and a deputy, and a clock that is set by hand."""

    def __init__(self, database: Database, records: SqlRecords, rules: SqlRuleBook) -> None:
        self.database = database
        self.now = NOW
        self.matters = SqlMatters(database)
        people, days = SqlPeople(database), ChineseWorkingDays()
        self.steps = MatterSteps(self.matters, people, rules, MemoryBus(), lambda: self.now, days)
        self.verb = FollowingUp(self.matters, records, self.steps, rules, lambda: self.now, days)

    async def drafted(self, name: str = "m", title: str = "标题", source: SourceQuestion = SOURCE) -> Matter:
        return await self.steps.begin(Matter(name), "draft", draft([source], title), OFFICE, [source])

    async def take(self, name: str, steps: list[Step]) -> Matter:
        for command, values, by in steps:
            await self.verb.step(name, command, values, by)
        return await self.matters.load(name)

    async def jobs(self) -> list[tuple[str, str]]:
        async with self.database.read() as connection:
            rows = await connection.execute(sa.select(outbox.jobs.c.key, outbox.jobs.c.due).order_by(outbox.jobs.c.key))
            return [(row[0], row[1].date().isoformat()) for row in rows]


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> World:
    records = await SqlRecords.open(database)
    made = World(database, records, await SqlRuleBook.open(database, tmp_path, "standard", NOW))
    await made.matters.add_unit(Unit("water", "水务局"))
    await made.matters.add_unit(Unit("money", "财政局"))
    await SqlPeople(database).add_account(Account("d", "lin", "林代表", frozenset({Role.DEPUTY})))
    return made


def ids(rows: list[Listed] | tuple[Listed, ...]) -> list[str]:
    return [row.id for row in rows]


async def test_the_whole_way_with_its_history(world: World) -> None:
    await world.drafted()
    steps = [*HANDLED, ("reply", {"class": "A", "text": "已解决"}, UNIT), ("evaluate", SATISFIED, DEPUTY)]
    waits = await world.take("m", steps)
    assert (waits.state, waits.due, waits.unit_name) == ("asker_check", date(2026, 3, 17), "水务局")
    assert await world.verb.by_number("2026-0001") == waits
    history = await world.verb.history(waits)
    assert [line.event.what for line in history] == ["draft", *(command for command, _, _ in steps)]
    public = "".join(str(line) for line in history)
    assert "电话" not in public, "what unit and deputy discussed is not public"
    assert all(line.by_name == "" for line in history)
    assert ids((await world.verb.public_list()).rows) == ["m"]
    assert (await world.verb.figures())["solved"] == 0, "those who asked have not been heard"
    lines = await world.matters.history("m")
    assert apply(Matter("m"), [line.event for line in lines]) == waits
    assert await SqlAudit(world.database).strayed("matter:m") == []


async def test_what_must_wait_is_kept_with_the_step_and_what_is_public_is_announced(world: World) -> None:
    await world.drafted()
    await world.take("m", [*HANDLED[:4]])
    clock = "matter:m:clock:reply"
    found = dict(await world.jobs())
    assert {key: due for key, due in found.items() if key.startswith(clock)} == {
        f"{clock}:reminder-15": "2026-05-17",
        f"{clock}:reminder-5": "2026-05-27",
        f"{clock}:due": "2026-06-01",
        f"{clock}:overdue": "2026-06-01",
        f"{clock}:overdue-listed": "2026-06-08",
    }
    assert f"{'matter:m:clock:acceptance'}:end" in found
    assert {key for key in found if ":announce:" in key} == {f"matter:m:announce:{seq}" for seq in range(1, 6)}
    await world.take("m", HANDLED[4:])
    found = dict(await world.jobs())
    assert not [key for key in found if "acceptance" in key], "a clock that stopped waits for nothing"
    assert f"{clock}:due" in found


async def test_numbers_are_given_without_gaps_and_once(world: World) -> None:
    for name in ("m1", "m2", "m3"):
        await world.drafted(name)
        await world.take(name, HANDLED[:3])
    assert [m.number for m in reversed((await world.verb.public_list()).rows)] == [
        "2026-0001",
        "2026-0002",
        "2026-0003",
    ]
    order = await world.verb.begin(Matter("w", kind="work_order"), "receive", {"title": "灯坏", "body": "三盏"}, OFFICE)
    assert order.number == "W2026-0001"
    assert await world.matters.next_number("W", 2026) == "W2026-0002"


async def test_a_step_on_an_old_state_is_stale(world: World) -> None:
    old = await world.drafted()
    await world.take("m", HANDLED[:1])
    before = await world.jobs()
    with pytest.raises(Stale):
        await world.matters.save([MatterChange(old, [MatterStep("offer", "awaiting_adoption")])], OFFICE, NOW)
    assert await world.jobs() == before


async def test_what_is_not_somebodys_work_does_not_exist_for_them(world: World) -> None:
    await world.drafted()
    with pytest.raises(Refused, match="not_found"):
        await world.verb.step("m", "accept", {}, UNIT)
    await world.take("m", HANDLED[:1])
    stranger, nobody = Actor("x", "X", frozenset({Role.DEPUTY})), Actor("y", "Y", frozenset({Role.AUDITOR}))
    with pytest.raises(Refused, match="not_found"):
        await world.verb.see("m", stranger)
    for turn in (True, False):
        assert ids((await world.verb.work_list(DEPUTY, turn=turn)).rows) == ["m"]
        for by in (UNIT, stranger, nobody):
            assert (await world.verb.work_list(by, turn=turn)).rows == []
    assert ids((await world.verb.work_list(OFFICE, turn=False)).rows) == ["m"]
    assert (await world.verb.work_list(OFFICE, turn=True)).rows == [], "the deputy's turn"


async def test_consolidated_matters_know_each_other(world: World) -> None:
    for name in ("m1", "m2"):
        await world.drafted(name)
        await world.take(name, HANDLED[:4])
    await world.take("m2", [("consolidate", {"into": "2026-0001"}, OFFICE)])
    first, second = await world.matters.load("m1"), await world.matters.load("m2")
    assert (first.consolidates, second.consolidated_into) == (("m2",), "m1")
    await world.take("m2", [("separate", {"reason": "各办各的"}, OFFICE)])
    assert (await world.matters.load("m1")).consolidates == ()
    for name in ("m1", "m2"):
        assert await SqlAudit(world.database).strayed(f"matter:{name}") == []


async def test_lists_show_what_is_wanted(world: World) -> None:
    for name, steps in (("a", []), ("b", HANDLED[:3]), ("c", HANDLED[:5]), ("d", HANDLED)):
        await world.drafted(name, f"标题{name}")
        await world.take(name, list(steps))
    asked = {"until": "2026-08-01", "reason": "汛期"}
    await world.take("c", [("ask_extension", asked, UNIT), ("grant_extension", {}, OFFICE)])
    steps: list[Step] = [
        ("reply", {"class": "B", "text": "明年解决", "promise_due": "2027-01-01"}, UNIT),
        ("evaluate", {**SATISFIED, "result": "dissatisfied"}, DEPUTY),
    ]
    await world.take("d", steps)
    for wanted, found in (
        (Wanted(), ["d", "c", "b", "a"]),
        (Wanted(public=True), ["d", "c", "b"]),
        (Wanted(public=False), ["a"]),
        (Wanted(states=("draft", "handling")), ["c", "a"]),
        (Wanted(unit="water"), ["d", "c"]),
        (Wanted(deputy="d"), ["d", "c", "b"]),
        (Wanted(parties=("unit:water",)), ["d", "c"]),
        (Wanted(parties=("turn:unit:water",)), ["d", "c"]),
        (Wanted(parties=("turn:office",)), ["b", "a"]),
        (Wanted(letters=("B",)), ["d"]),
        (Wanted(dissatisfied=True), ["d"]),
        (Wanted(dissatisfied=False), ["c", "b", "a"]),
        (Wanted(extended=True), ["c"]),
        (Wanted(returned=True), []),
        (Wanted(supervised=False, listed=False), ["d", "c", "b", "a"]),
        (Wanted(final=True), []),
        (Wanted(replied=True), ["d"]),
        (Wanted(due_before=date(2026, 3, 6)), ["a"]),
        (Wanted(due_before=date(2026, 6, 1)), ["d", "b", "a"]),
        (Wanted(due_from=date(2026, 6, 1)), ["c"]),
        (Wanted(year=2026), ["d", "c", "b", "a"]),
        (Wanted(year=2025), []),
        (Wanted(kinds=("commitment",)), []),
        (Wanted(ends=("solved",)), []),
    ):
        assert ids((await world.matters.find(wanted)).rows) == found, wanted
        assert await world.matters.count(wanted) == len(found)
    due = await world.matters.find(Wanted(), Order.DUE)
    assert ids(due.rows) == ["a", "b", "d", "c"]


@pytest.mark.parametrize("order", list(Order))
async def test_pages_follow_one_another_without_gaps(world: World, order: Order) -> None:
    for number in range(7):
        await world.drafted(f"m{number}")
    await world.take("m3", HANDLED[:2])
    everything = ids((await world.matters.find(Wanted(), order)).rows)
    assert len(everything) == 7
    found: list[str] = []
    after, pages = "", 0
    while pages < 10:
        page = await world.matters.find(Wanted(), order, after, limit=3)
        found += ids(page.rows)
        after, pages = page.after, pages + 1
        if not after:
            break
    assert (found, pages) == (everything, 3)
    for wrong in ("x", "2026-01-01", "_3", "--1", "9" * 40, "2026-13-01_3"):
        with pytest.raises(Refused, match="bad_page"):
            await world.matters.find(Wanted(), order, wrong)


async def test_matters_are_found_by_what_they_say(world: World) -> None:
    hidden = SourceQuestion("q", "s", "B3M9", ("我是西屿的老周",), 3, was_public=False)
    await world.drafted("tap", "关于东礁岛海水淡化站扩容的建议")
    await world.drafted("ship", "关于夜间航班的建议 Night Ferry ２０２６")
    await world.drafted("secret", "码头照明", hidden)
    await world.take("tap", [*HANDLED, ("reply", {"class": "A", "text": "二期设备已经安装"}, UNIT)])
    secret = await world.matters.load("secret")
    edited = {"title": secret.title, "body": "请修好码头的灯。"}
    await world.take("secret", [("edit", edited, OFFICE)])
    for text, found in (
        ("淡化站", ["tap"]),
        ("海水 扩容", ["tap"]),
        ("水淡", ["tap"]),
        ("站", ["tap"]),
        ("建议", ["ship", "tap"]),
        ("二期设备", ["tap"]),
        ("水务局", ["tap"]),
        ("2026-0001", ["tap"]),
        ("night", ["ship"]),
        ("NIGHT ferr", ["ship"]),
        ("2026 航班", ["ship"]),
        ("淡水", []),
        ("老周", []),
        ("A7K2", ["ship", "tap"]),
        ("！？", []),
        ('"; DROP TABLE matters', []),
        ("' & | ! : *", []),
    ):
        page = await world.matters.find(Wanted(text=text))
        assert sorted(ids(page.rows)) == sorted(found), text


async def test_confidential_matters_are_in_no_public_list(world: World) -> None:
    await world.drafted()
    await world.take("m", [*HANDLED, ("make_confidential", {"reason": "涉及隐私"}, OFFICE)])
    assert (await world.verb.public_list()).rows == []
    with pytest.raises(Refused, match="not_found"):
        await world.verb.by_number("2026-0001")
    assert (await world.verb.figures())["suggestions"] == 0


async def test_old_suggestions_come_under_the_rules_in_force(world: World) -> None:
    old = [
        MatterStep("draft", "draft", {"title": "T", "body": "B"}, (SOURCE,)),
        MatterStep("adopt", "submitted", {"deputy": "d", "deputy_name": "林代表"}),
        MatterStep("register", "registered", {"number": "2025-0001"}),
        MatterStep("assign", "assigned", {"unit": "water", "unit_name": "水务局", "due": "2026-04-01"}),
    ]
    await world.matters.begin(MatterChange(Matter("m"), old), OFFICE, NOW - timedelta(days=60))
    assert await world.steps.bring_under_rules() == 1
    assert await world.steps.bring_under_rules() == 0
    matter = await world.matters.load("m")
    assert (matter.rules, matter.due, matter.turn) == ("standard@2", date(2026, 4, 1), "unit")
    assert ids((await world.verb.work_list(UNIT, turn=True)).rows) == ["m"]
    assert "matter:m:clock:reply:due" in dict(await world.jobs())


async def test_migrations_and_tables_agree(database: Database) -> None:
    await database.upgrade()

    def ours(name: str | None, kind: str, _parents: object) -> bool:
        # The words of matters are kept as each database can: no table of SQLAlchemy's.
        return not (kind == "table" and (name or "").startswith("matter_words"))

    def differences(connection: sa.Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": False, "include_name": ours})
        return list(compare_metadata(context, metadata))

    async with database.read() as connection:
        assert await connection.run_sync(differences) == []
