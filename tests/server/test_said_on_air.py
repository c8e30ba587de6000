"""What was recorded as a commitment on air: nothing of it is lost, and with its unit it begins."""

from __future__ import annotations

from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient

from liveroom import clock
from liveroom.errors import Refused
from liveroom.qa import commands
from liveroom.qa.question import Outcome, Question
from liveroom.rooms.roles import visitor
from liveroom.server import keys
from tests.support.works import actor
from tests.support.world import World, csrf

BOARD = "/rooms/r/outcomes"


async def over(world: World, *, said: int = 2) -> list[Question]:
    """A session that is over; the first questions were recorded as commitments."""
    verbs, lead = world.app[keys.VERBS], await actor(world, "lead")
    asked = []
    await world.live()
    for n in range(said + 1):
        _, question = await verbs.asking.ask(
            world.session, visitor(f"device-{n}"), f"key-{n}-12345", f"第 {n} 个问题？"
        )
        asked.append(question)
        for command in (
            commands.Publish(question.id),
            commands.PutOnAir(question.id),
            commands.MarkAnswered(question.id, commitment=n < said),
        ):
            await verbs.moderating.do(world.session, command, lead)
    await verbs.broadcasting.end(world.app[keys.MEDIA], world.session, await actor(world, "office"))
    return asked


async def question(world: World, asked: Question) -> Question:
    return (await world.app[keys.VERBS].attending.sitting(world.session)).queue.questions[asked.id]


async def send(client: TestClient, **fields: str) -> tuple[int, str]:
    answer = await client.post(BOARD, data={"csrf": await csrf(client, BOARD), **fields})
    return answer.status, await answer.text()


def of(asked: Question, **values: str) -> dict[str, str]:
    return {f"said.{asked.id}.{name}": value for name, value in values.items()}


async def test_the_board_has_them_first_with_a_form_that_lacks_the_unit_alone(world: World) -> None:
    first, second, _ = await over(world)
    office, due = await world.sign_in("office"), (clock.now().date() + timedelta(days=30)).isoformat()
    page = await (await office.get(BOARD)).text()
    assert page.index("直播中说过“记为承诺”") < page.index(first.text) < page.index("第 2 个问题？")
    assert f'name="said.{first.id}.title"' in page
    assert f'value="{first.text}"' in page, "the measure starts from what was asked"
    typed = of(first, unit="water", promise_due=due, title="年底前装好")
    status, page = await send(office, session=world.session, action=f"said:{second.id}", **typed, **of(second, unit=""))
    assert status == 400
    assert "年底前装好" in page, "what was typed for another one stays"
    status, page = await send(office, session=world.session, action=f"said:{first.id}", **typed)
    assert status == 200
    kept = await question(world, first)
    matter = await world.app[keys.MATTERS].load(kept.matter)
    assert (kept.outcome, matter.kind, matter.unit, matter.title) == (
        Outcome.COMMITMENT,
        "commitment",
        "water",
        "年底前装好",
    )
    assert (matter.promise_due and matter.promise_due.isoformat(), matter.clock) == (due, "confirmation")
    assert (await question(world, second)).outcome is None


async def test_the_office_is_told_how_many_wait_for_a_unit(world: World) -> None:
    first, second, _ = await over(world)
    office = await world.sign_in("office")
    assert "直播中说过的 2 件承诺还在等单位" in await (await office.get("/office")).text()
    for asked in (first, second):
        typed = of(asked, unit="water", title="做好")
        await send(office, session=world.session, action=f"said:{asked.id}", **typed)
    assert "还在等单位" not in await (await office.get("/office")).text()


async def test_none_is_passed_over_by_a_tick(world: World) -> None:
    first, _, other = await over(world)
    concluding, by = world.app[keys.VERBS].concluding, await actor(world, "office")
    for outcome in (Outcome.ANSWERED_LIVE, Outcome.COMMITMENT, Outcome.REFERRED):
        with pytest.raises(Refused, match="commitment_said") as refused:
            await concluding.give_outcome(world.session, [other.id, first.id], outcome, "", by)
        assert refused.value.detail["label"] == first.label
    assert (await question(world, other)).outcome is None, "all of them or none"
    with pytest.raises(Refused, match="outcomes_missing"):
        await concluding.archive(world.session, by)
    await concluding.give_outcome(world.session, [first.id], Outcome.ANSWERED_LIVE, "代表当场更正", by)
    assert (await question(world, first)).outcome_note == "代表当场更正"
