"""What happens instead of a suggestion that is not admitted, and what becomes of the questions."""

from __future__ import annotations

import pytest

from liveroom.errors import Refused
from liveroom.matters.matter import Matter
from liveroom.qa.question import Outcome, QuestionState
from liveroom.server import keys
from tests.support.followed import Led
from tests.support.world import World


async def adopted(world: World) -> Led:
    led = await Led.from_question(world)
    await led.step("offer", "office", deputy="deputy")
    await led.step("adopt", "deputy", signature="甲")
    return led


async def not_admitted(led: Led, instead: str, **more: str) -> Matter:
    checks = (await led.every_check()).replace("=yes", "=no", 1)
    return await led.step("not_admit", "office", checklist=checks, instead=instead, reason="属于日常维修。", **more)


async def told(led: Led, code: str = "") -> str:
    return await (await (await led.world.visitor()).get(f"/track/{code or led.code}")).text()


async def test_a_work_order_begins_and_whoever_asked_follows_it(world: World) -> None:
    led = await adopted(world)
    suggestion = await not_admitted(led, "work_order")
    order = await world.app[keys.MATTERS].load(suggestion.continued_in)
    assert (order.kind, order.state, order.continues) == ("work_order", "received", suggestion.id)
    assert (order.title, order.body, order.sources) == (suggestion.title, suggestion.body, suggestion.sources)
    question = await led.asked()
    assert (question.outcome, question.matter) == (Outcome.WORK_ORDER, order.id)
    office = await led.person("office")
    assert await led.verbs.concluding.fruitless(world.session) == frozenset()
    page = await told(led)
    assert "转 12345 工单" in page
    assert "由没有作为建议办理的事项转来：属于日常维修。" in page
    assert order.number in page
    merged = await told(led, led.merged_code)
    assert "由没有作为建议办理的事项转来" in merged, "also who asked the same"
    inside = await world.sign_in("office")
    there = await (await inside.get(f"/worklist/{suggestion.id}")).text()
    assert f"转为工单第 {order.number} 号。" in there
    assert f'href="/worklist/{order.id}"' in there
    back = await (await inside.get(f"/worklist/{order.id}")).text()
    assert f'href="/worklist/{suggestion.id}"' in back
    await led.verbs.concluding.archive(world.session, office)


async def test_steps_of_the_work_order_are_told_to_who_follows_the_question(world: World) -> None:
    led = await adopted(world)
    order = await world.app[keys.MATTERS].load((await not_admitted(led, "work_order")).continued_in)
    questions = await led.verbs.following.questions_of(order)
    assert led.question in questions
    assert len(questions) == 2, "with what was merged into it"
    office = await led.person("office")
    await led.verbs.following_up.step(order.id, "accept", {}, office)
    assert "受理" in await told(led)


@pytest.mark.parametrize(
    ("instead", "more", "outcome"),
    [
        ("referral", {"referred_to": "省交通厅"}, Outcome.REFERRED),
        ("text_answer", {"answer": "路灯已于昨天换新。"}, Outcome.ANSWERED_TEXT),
    ],
)
async def test_a_referral_or_an_answer_is_what_the_askers_read(
    world: World, instead: str, more: dict[str, str], outcome: Outcome
) -> None:
    led = await adopted(world)
    suggestion = await not_admitted(led, instead, **more)
    assert suggestion.continued_in == ""
    question = await led.asked()
    assert (question.outcome, question.outcome_note, question.matter) == (outcome, *more.values(), "")
    assert next(iter(more.values())) in await told(led)
    assert await led.verbs.concluding.fruitless(world.session) == frozenset(), "the board does not ask again"
    await led.verbs.concluding.archive(world.session, await led.person("office"))


async def test_what_is_missing_is_said_and_nothing_happens(world: World) -> None:
    led = await adopted(world)
    for instead in ("referral", "text_answer"):
        with pytest.raises(Refused, match="empty"):
            await not_admitted(led, instead)
    question = await led.asked()
    assert (question.outcome, question.matter) == (Outcome.SUGGESTION, led.matter)
    assert question.state is QuestionState.ANSWERED


async def test_in_an_archived_session_the_question_stays_and_its_code_leads_to_the_work_order(world: World) -> None:
    led = await adopted(world)
    await led.verbs.concluding.archive(world.session, await led.person("office"))
    suggestion = await not_admitted(led, "work_order")
    question = await led.asked()
    assert (question.outcome, question.matter) == (Outcome.SUGGESTION, suggestion.id), "what is archived stays"
    order = await world.app[keys.MATTERS].load(suggestion.continued_in)
    assert order.number in await told(led)


async def test_a_confidential_one_goes_on_as_a_confidential_work_order(world: World) -> None:
    led = await adopted(world)
    await led.step("make_confidential", "office", reason="涉及个人。")
    order = await world.app[keys.MATTERS].load((await not_admitted(led, "work_order")).continued_in)
    assert order.confidential
    assert order.number not in await told(led)
    assert order.title not in await told(led)


async def test_the_form_asks_for_what_a_choice_needs(world: World) -> None:
    led = await adopted(world)
    office = await world.sign_in("office")
    page = await (await office.get(f"/worklist/{led.matter}")).text()
    assert 'data-for="instead=referral"' in page
    assert 'data-for="instead=text_answer"' in page
