"""A simulated year of clocks in seconds: what is due happens once, in order, whenever the server was away."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import pytest

from liveroom.actions.run_clocks import RunningClocks
from liveroom.clock import CHINA
from liveroom.errors import Refused, Stale, Unavailable
from liveroom.matters.engine import possible
from liveroom.matters.matter import Matter
from liveroom.matters.replay import apply
from liveroom.matters.timers import END, LISTED, OVERDUE, waiting
from liveroom.ports.matters import Wanted
from liveroom.storage.audit import SqlAudit
from liveroom.storage.matters import CLOCK
from tests.support.admission import ADMITTED
from tests.support.year import ASKER, BEGIN, OFFICE, PEOPLE, START, WATER, Year


async def test_a_year_in_which_nobody_does_anything(year: Year) -> None:
    assigned = await year.assigned()
    assert assigned.due == date(2026, 4, 5)
    await year.until(START + timedelta(days=365))
    history = await year.matters.history("m")
    assert [(line.event.what, line.at.astimezone(CHINA).date().isoformat()) for line in history][4:] == [
        ("remind", "2026-01-12"),  # of the acceptance, two days before its end
        ("remind", "2026-01-14"),
        ("accept", "2026-01-15"),  # by silence
        ("remind", "2026-03-21"),  # of the reply, 15 and 5 days before its end
        ("remind", "2026-03-31"),
        ("remind", "2026-04-05"),
        ("overdue", "2026-04-06"),
        ("list_overdue", "2026-04-14"),  # after five working days; the 6th is a holiday
    ]
    told = [key.split(":announce:")[1] for key, _ in year.told]
    assert told == ["1", "2", "3", "4", "7", "11", "12"], "what is public is announced, once"
    assert await year.open_jobs() == {}
    assert [row.id for row in (await year.matters.find(Wanted(listed=True))).rows] == ["m"]


async def test_silence_carries_a_reply_to_its_end(year: Year) -> None:
    await year.assigned()
    await year.take("m", "accept", WATER)
    await year.take("m", "contact", WATER, contact="电话")
    await year.take("m", "reply", WATER, **{"class": "A", "text": "好了"})
    await year.until(START + timedelta(days=120))
    closed = await year.matters.load("m")
    assert (closed.state, closed.result, closed.solved) == ("closed", "no_response", True)
    assert closed.closed_on is not None


async def test_what_was_due_while_the_server_was_away_is_made_good_once(year: Year) -> None:
    await year.assigned()
    year.now = START + timedelta(days=200)
    await year.work_off()
    await year.work_off()
    what = [line.event.what for line in await year.matters.history("m")][4:]
    assert sorted(what) == ["accept", "list_overdue", "overdue", *["remind"] * (len(what) - 3)]
    assert what.index("overdue") < what.index("list_overdue")


async def test_a_clock_that_was_moved_or_stopped_meanwhile_rings_for_nothing(year: Year) -> None:
    await year.assigned()
    year.now = START + timedelta(days=60)
    (late,) = await year.jobs.take(year.now, (CLOCK,), 1)
    await year.take("m", "accept", WATER)
    until = (year.day() + timedelta(days=60)).isoformat()
    await year.take("m", "ask_extension", WATER, until=until, reason="汛期")
    await year.take("m", "grant_extension", OFFICE)
    before = await year.matters.load("m")
    await RunningClocks(year.matters, year.steps).work(late)
    assert await year.matters.load("m") == before
    await year.until(START + timedelta(days=110))
    assert (await year.matters.load("m")).overdue == (), "not before the new day"
    await year.until(START + timedelta(days=125))
    assert [line.event.what for line in await year.matters.history("m")].count("overdue") == 1


@pytest.mark.parametrize("seed", range(3))
async def test_a_year_of_many_people_leaves_rows_that_replay_and_the_jobs_that_must_wait(year: Year, seed: int) -> None:
    drawn = random.Random(seed)
    names = [f"m{n}" for n in range(6)]
    for n, name in enumerate(names):
        await year.begin(name, list(BEGIN)[n % 3])
    for _ in range(60):
        await year.until(year.now + timedelta(days=drawn.randint(0, 9), hours=drawn.randint(0, 23)))
        matter = await year.matters.load(drawn.choice(names))
        rules = await year.rules.get(matter.rules)
        choices = [(by, row) for by in PEOPLE for row in possible(matter, rules, by, asks=by is ASKER)]
        if not choices:
            continue
        by, row = drawn.choice(choices)
        values: dict[str, str] = {}
        for field in row.fields:
            match field.kind:
                case "choice":
                    values[field.name] = drawn.choice(field.choices)
                case "letter":
                    values[field.name] = drawn.choice(sorted(rules.letters))
                case "unit" | "units":
                    values[field.name] = drawn.choice(("water", "money"))
                case "deputy" | "deputies":
                    values[field.name] = "d"
                case "date":
                    values[field.name] = (year.day() + timedelta(days=drawn.randint(1, 150))).isoformat()
                case "matter":
                    values[field.name] = "2026-0001"
                case "checklist":
                    values |= ADMITTED
                case _:
                    values[field.name] = "文字"
        try:
            await year.steps.take(matter, row.command, values, by, asks=by is ASKER)
        except Refused as refused:
            assert refused.code not in {"forbidden", "wrong_state", "not_found"}
        except (Stale, Unavailable) as error:
            pytest.fail(f"nobody else is there: {error}")
    await year.until(year.now + timedelta(days=200))
    wanted: dict[str, datetime] = {}
    for name in names:
        now = await year.matters.load(name)
        events = [line.event for line in await year.matters.history(name)]
        assert apply(Matter(name, kind=now.kind), events) == now
        assert await SqlAudit(year.database).strayed(f"matter:{name}") == []
        rules = await year.rules.get(now.rules)
        wanted |= {timer.key(name): timer.at for timer in waiting(now, rules, year.days) if timer.at > year.now}
        for what in (END, OVERDUE, LISTED):
            passed = [t for t in waiting(now, rules, year.days) if t.what == what and t.at <= year.now]
            assert what != END or not passed, "what ends has ended"
        missed = {
            f"{t.clock}/{t.ends}" for t in waiting(now, rules, year.days) if t.what == OVERDUE and t.at <= year.now
        }
        assert missed <= set(now.overdue)
        assert len(set(now.overdue)) == len(now.overdue)
    assert await year.open_jobs() == wanted
    keys = [key for key, _ in year.told]
    assert len(set(keys)) == len(keys), "nothing is announced twice"
