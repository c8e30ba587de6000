"""Similar questions over the socket: what everybody is shown, what the desk is, and what is nobody's business."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from liveroom import clock
from liveroom.qa.question import Outcome
from liveroom.server import keys
from tests.support.admission import ADMITTED
from tests.support.world import Wire, World

NIGHT = "晚上七点以后没有回岛的船，能加一班夜航吗？"
TYPED = "夜里能不能加开回岛的船"


async def published(world: World, text: str) -> tuple[dict[str, Any], Wire]:
    """A question that everybody sees, and the desk that published it."""
    asked = await (await Wire.open(await world.visitor())).ask(text)
    desk = await Wire.open(await world.sign_in("moderator"), "desk")
    assert (await desk.wish(type="publish", question=asked["id"]))["type"] == "done"
    return asked, desk


async def test_what_somebody_types_finds_what_everybody_may_see_as_it_is_now(world: World) -> None:
    client = await world.visitor()
    wire = await Wire.open(client)
    pending = await wire.ask(NIGHT)
    assert (await wire.wish(type="similar", text=TYPED))["found"] == []
    desk = await Wire.open(await world.sign_in("moderator"), "desk")
    await desk.wish(type="publish", question=pending["id"])
    (found,) = (await wire.wish(type="similar", text=TYPED))["found"]
    assert (found["kind"], found["id"], found["label"], found["state"]) == (
        "question",
        pending["id"],
        pending["label"],
        "published",
    )
    page = await client.get(found["link"])
    assert NIGHT in await page.text()
    await desk.wish(type="edit", question=pending["id"], text="卫生院的药不够")
    assert (await wire.wish(type="similar", text=TYPED))["found"] == []
    await desk.wish(type="refuse", question=pending["id"], reason="off_topic")
    assert (await wire.wish(type="similar", text="卫生院的药不够"))["found"] == []


async def test_an_answer_of_an_earlier_session_comes_with_its_mark(world: World) -> None:
    asked, desk = await published(world, NIGHT)
    verbs, office = world.app[keys.VERBS], await world.app[keys.PEOPLE].account("office")
    assert office is not None
    await world.live()
    await desk.wish(type="put_on_air", question=asked["id"])
    await desk.wish(type="answered", question=asked["id"])
    await verbs.broadcasting.end(world.app[keys.MEDIA], world.session, office.actor)
    await verbs.concluding.give_outcome(world.session, [asked["id"]], Outcome.ANSWERED_LIVE, "", office.actor)
    await verbs.concluding.archive(world.session, office.actor)
    await verbs.broadcasting.plan("r", "下一场", clock.now() + timedelta(days=1), ("deputy",), office.actor)
    await verbs.recalling.look()
    wire = await Wire.open(await world.visitor())
    (found,) = (await wire.wish(type="similar", text=TYPED))["found"]
    assert (found["kind"], found["session"]) == ("answered", world.session)
    assert isinstance(found["mark_start"], int)
    assert found["link"] == f"/rooms/r/sessions/{world.session}#{asked['label']}"


async def test_a_question_in_a_registered_suggestion_is_shown_as_that(world: World) -> None:
    asked, _ = await published(world, NIGHT)
    verbs, people = world.app[keys.VERBS], world.app[keys.PEOPLE]
    office, deputy = await people.account("office"), await people.account("deputy")
    assert office is not None
    assert deputy is not None
    await world.live()
    await verbs.broadcasting.end(world.app[keys.MEDIA], world.session, office.actor)
    matter = await verbs.concluding.draft_suggestion(world.session, [asked["id"]], "关于夜航的建议", office.actor)
    await verbs.recalling.look()
    wire = await Wire.open(await world.visitor())
    assert (await wire.wish(type="similar", text=TYPED))["found"][0]["kind"] == "question", (
        "a draft is nobody's business"
    )
    await verbs.following_up.step(matter, "adopt", {"signature": "代表"}, deputy.actor)
    await verbs.following_up.step(matter, "register", ADMITTED, office.actor)
    await verbs.recalling.look()
    (found,) = (await wire.wish(type="similar", text=TYPED))["found"]
    assert (found["kind"], found["text"]) == ("suggestion", "关于夜航的建议")
    assert found["link"] == f"/suggestions/{found['number']}"


async def test_the_desk_finds_pending_ones_to_merge_and_nobody_else_may(world: World) -> None:
    asked, desk = await published(world, NIGHT)
    asker = await Wire.open(await world.visitor())
    other = await asker.ask(TYPED)
    found = (await desk.wish(type="similar", question=asked["id"]))["found"]
    assert [(one["id"], one["state"]) for one in found] == [(other["id"], "pending")]
    assert (await asker.wish(type="similar", question=asked["id"]))["code"] == "forbidden"
    assert (await desk.wish(type="similar", question="nothing"))["code"] == "not_found"


async def test_a_wording_that_was_merged_leads_to_the_question_that_speaks_for_it(world: World) -> None:
    asked, desk = await published(world, "卫生院什么时候有医生值班？")
    other = await (await Wire.open(await world.visitor())).ask(NIGHT)
    assert (await desk.wish(type="merge", question=other["id"], into=asked["id"]))["type"] == "done"
    typing = await Wire.open(await world.visitor())
    (found,) = (await typing.wish(type="similar", text=TYPED))["found"]
    assert (found["id"], found["text"], found["state"]) == (asked["id"], asked["text"], "published")
    assert (await typing.wish(type="second", question=found["id"]))["type"] == "done"
    assert (await world.app[keys.RECORDS].votes(world.session))[asked["id"]] == 1


async def test_clusters_are_told_to_desks_when_they_change_and_to_nobody_else(world: World) -> None:
    desk, asker = await Wire.open(await world.sign_in("moderator"), "desk"), await Wire.open(await world.visitor())
    assert (await desk.hear("clusters"))["clusters"] == []
    asked = [(await asker.ask(text))["id"] for text in ("停航能不能提前通知？", "停航通知请提前发", "学校热水够不够？")]
    (cluster,) = (await desk.hear("clusters", seconds=20))["clusters"]
    assert cluster["questions"] == asked[:2]
    assert cluster["title"]
    again = await Wire.open(await world.sign_in("office"), "desk")
    assert (await again.hear("clusters"))["clusters"] == [cluster]
    await desk.wish(type="publish", question=asked[0])
    assert (await desk.hear("clusters", seconds=20))["clusters"] == []
    await asker.wish(type="ping")
    assert "clusters" not in {message["type"] for message in asker.heard}


async def test_what_the_shield_or_a_list_has_held_is_in_clusters_and_a_cry_for_help_in_none(world: World) -> None:
    desk, asker = await Wire.open(await world.sign_in("moderator"), "desk"), await Wire.open(await world.visitor())
    await desk.hear("clusters")
    assert (await desk.wish(type="raise_shield"))["type"] == "done"
    world.app[keys.LIMITS].per_minute["ask_shield"] = 60
    texts = ("停航能不能提前通知？", "停航通知请提前发", "不想活了，停航通知请提前")
    asked = [await asker.ask(text) for text in texts]
    assert {question["state"] for question in asked} == {"held"}
    (cluster,) = (await desk.hear("clusters", seconds=20))["clusters"]
    assert cluster["questions"] == [question["id"] for question in asked[:2]]


async def test_whoever_looks_too_often_waits(world: World) -> None:
    wire = await Wire.open(await world.visitor())
    most = world.app[keys.LIMITS].per_minute["similar"]
    for _ in range(10 * most):
        # On a busy machine the minute goes by meanwhile.
        answer = await wire.wish(type="similar", text=TYPED)
        if answer["type"] == "refused":
            break
    assert answer["code"] == "slow_down"
    assert (await wire.ask(NIGHT))["state"] == "pending"


@pytest.mark.parametrize("text", ["", " ", "船", "\u0000\ud83d", "。。。", "😀" * 400, "é" * 2000])
async def test_any_text_is_answered(world: World, text: str) -> None:
    wire = await Wire.open(await world.visitor())
    answer = await wire.wish(type="similar", text=text.encode("utf-8", "replace").decode())
    assert answer["found"] == []


async def test_what_is_typed_is_in_no_log_and_no_file(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wire = await Wire.open(await world.visitor())
    secret = "我的邻居王二麻子"
    await wire.wish(type="similar", text=secret)
    await wire.wish(type="similar", text=secret, question=1)
    assert secret not in "".join(capsys.readouterr())
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert secret.encode() not in kept
    assert json.dumps(secret).encode() not in kept


async def test_the_answer_is_there_before_the_next_letter(world: World, figures: list[str]) -> None:
    await published(world, NIGHT)
    wire = await Wire.open(await world.visitor())
    await wire.wish(type="similar", text=TYPED)
    taken = []
    for _ in range(30):
        began = time.perf_counter()
        await wire.wish(type="similar", text=TYPED)
        taken.append((time.perf_counter() - began) * 1000)
    figures.append(f"similar questions: {sorted(taken)[15]:.1f} ms from the wish to its answer, the median of 30")
