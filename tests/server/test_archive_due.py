"""By when a session must be archived: said on the office page and the board, in working days, until it is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from liveroom import clock
from liveroom.matters.calendar import add_working_days
from liveroom.rooms.session import Session, SessionState
from liveroom.server import keys
from liveroom.storage.workdays import ChineseWorkingDays
from tests.support.works import actor
from tests.support.world import World

PAGES = ("/office", "/rooms/r/outcomes")


@pytest.mark.parametrize(
    ("ended", "due", "known"),
    [
        ("2026-03-02T04:00", date(2026, 3, 5), True),  # Monday noon in China
        ("2026-03-02T17:00", date(2026, 3, 6), True),  # Tuesday there
        ("2026-03-05T04:00", date(2026, 3, 10), True),  # over a weekend
        ("2026-09-30T04:00", date(2026, 10, 10), True),  # over the holidays; Saturday the 10th is worked
        ("2040-10-01T04:00", date(2040, 10, 4), False),  # nobody has said yet which days are holidays
    ],
)
async def test_the_last_day_is_counted_in_working_days_of_china(
    world: World, ended: str, due: date, known: bool
) -> None:
    following = world.app[keys.VERBS].following_up
    at = datetime.fromisoformat(ended).replace(tzinfo=UTC)
    over = Session("s", "r", "主题", at, ("d",), SessionState.ENDED, ended_at=at)
    assert await following.archive_due(over) == due
    assert following.is_known(due) == known
    assert await following.archive_due(replace(over, ended_at=None)) is None
    assert await following.archive_due(replace(over, archived_at=at)) is None


async def test_office_and_board_say_until_when_and_that_it_is_overdue(world: World) -> None:
    verbs, by = world.app[keys.VERBS], await actor(world, "office")
    office = await world.sign_in("office")

    async def shown() -> list[str]:
        return [await (await office.get(page)).text() for page in PAGES]

    assert all("给完去向并归档" not in page for page in await shown()), "it has not ended"
    await world.live()
    await verbs.broadcasting.end(world.app[keys.MEDIA], world.session, by)
    due = add_working_days(clock.day(clock.now()), 3, ChineseWorkingDays())
    for page in await shown():
        assert f"{due} 给完去向并归档" in page
        assert "还有 3 个工作日" in page or "还有约 3 个工作日" in page
    following = verbs.following_up
    real, following._clock = following._clock, lambda: clock.now() + timedelta(days=40)
    assert all("已逾期" in page for page in await shown())
    following._clock = real
    await verbs.concluding.archive(world.session, by)
    assert all("给完去向并归档" not in page for page in await shown()), "it is done"


async def test_an_office_says_in_its_rules_how_long_it_takes(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    text = Path("liveroom/matters/rulesets/compact.toml").read_text()
    county = text.replace('id = "compact"', 'id = "county"').replace("archive_days = 3", "archive_days = 5")
    (folder / "county.toml").write_text(county)
    world = await World.make(tmp_path, rules="county")
    at = datetime(2026, 3, 2, 4, tzinfo=UTC)
    over = Session("s", "r", "主题", at, ("d",), SessionState.ENDED, ended_at=at)
    assert await world.app[keys.VERBS].following_up.archive_due(over) == date(2026, 3, 9)
    await world.close()
