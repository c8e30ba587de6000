"""The API: figures with their formulas and lists, the promise ledger, and matters that begin."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from liveroom import clock
from liveroom.matters.periods import quarter_of
from liveroom.matters.statistics import FORMULAS, MEASURES, PARTS
from liveroom.ports.people import Account
from liveroom.qa import commands
from liveroom.rooms.roles import Role
from liveroom.server import keys
from liveroom.storage.signing import is_signed
from tests.support.followed import PROMISED, Led
from tests.support.works import actor, token
from tests.support.world import Wire, World, csrf

API = "/api/v1"


async def read(client: TestClient, address: str, status: int = 200, **headers: str) -> Any:
    answer = await client.get(address, headers=headers)
    assert answer.status == status, await answer.text()
    return await answer.json()


@pytest.fixture
async def led(world: World) -> Led:
    return await Led.from_question(world)


async def answered(world: World, *texts: str) -> list[str]:
    """Questions that were answered in a session that is over."""
    wire, moderating = await Wire.open(await world.visitor()), world.app[keys.VERBS].moderating
    await world.live()
    lead, asked = await actor(world, "lead"), []
    for text in texts:
        asked.append((await wire.ask(text))["id"])
        for command in (commands.Publish, commands.PutOnAir, commands.MarkAnswered):
            await moderating.do(world.session, command(asked[-1]), lead)
    await world.app[keys.VERBS].broadcasting.end(world.app[keys.MEDIA], world.session, await actor(world, "office"))
    await wire.socket.close()
    return asked


async def test_every_figure_has_its_formula_in_words_and_lists_as_long_as_it_says(led: Led, world: World) -> None:
    number = (await led.handled()).number
    await led.replied("B", "明年换灯。")
    client, open_book = await world.visitor(), world.app[keys.VERBS].open_book
    quarter = quarter_of(open_book.today())
    said = await read(client, f"{API}/figures/{quarter}")
    assert [figure["name"] for figure in said["figures"]] == list(MEASURES)
    assert (said["period"], said["over"], said["frozen"], said["formulas"]) == (quarter, False, None, FORMULAS)
    assert (said["time_to_reply"]["replies"], said["time_to_reply"]["median"]) == (1, 0)
    english = await read(client, f"{API}/figures/{quarter}", **{"Accept-Language": "en"})
    for figure, other in zip(said["figures"], english["figures"], strict=True):
        assert "÷" in figure["formula"]
        assert figure["formula"] != other["formula"]
        assert figure["published"] is None
        assert figure["rest"] == figure["of"] - figure["holds"]
        if figure["name"] != "confirmed":  # which counts people
            for part, link in figure["links"].items():
                assert (await read(client, link))["total"] == figure[part], link
    for part, link in said["time_to_reply"]["links"].items():
        shown = await read(client, link)
        assert [item["number"] for item in shown["items"]] == ([number] if part != "rest" else [])
    closed = f"{API}/figures/{quarter}/closed"
    assert [item["number"] for item in (await read(client, f"{closed}?unit=water"))["items"]] == [number]
    assert (await read(client, f"{closed}?unit=roads"))["total"] == 0
    await led.step("make_confidential", "office", reason="涉及个人")
    assert await read(client, closed) == {"items": [], "total": 1, "hidden": 1, "next": ""}
    for address, status in {
        f"{API}/figures/2026-Q7": 404, f"{API}/figures/2026/nothing": 404, f"{closed}?part=p90": 404,
        f"{closed}?part=all": 400, f"{closed}?cursor=x": 400, f"{closed}?cursor=2": 400,
    }.items():  # fmt: skip
        await read(client, address, status)
    assert set(PARTS) == {figure["name"] for figure in said["figures"]} | {"time_to_reply"}


async def test_a_frozen_quarter_says_what_was_published_and_whether_its_signature_is_right(
    led: Led, world: World
) -> None:
    await led.handled()
    client, open_book = await world.visitor(), world.app[keys.VERBS].open_book
    quarter = quarter_of(open_book.today())
    real, open_book._clock = open_book._clock, lambda: clock.now() + timedelta(days=100)
    await open_book.freeze(quarter, await led.person("office"))
    open_book._clock = real
    await led.replied("A")
    said = await read(client, f"{API}/figures/{quarter}")
    assert said["frozen"]["holds"]
    kept = await read(client, said["frozen"]["statement"])
    assert (kept["key"], kept["signature"]) == (said["frozen"]["key"], said["frozen"]["signature"])
    assert is_signed(kept["key"], kept["statement"].encode(), kept["signature"])
    rehandled = next(figure for figure in said["figures"] if figure["name"] == "rehandled")
    assert (rehandled["of"], rehandled["published"]) == (1, {"holds": 0, "of": 0}), "as it is, and as it was published"


async def test_the_promise_ledger_is_read_by_standing(led: Led, world: World) -> None:
    number = (await led.handled()).number
    await led.replied("B", "明年换灯。")
    await led.evaluated()
    client = await world.visitor()
    said = await read(client, f"{API}/promises")
    (promise,) = said["items"]
    assert (promise["matter"]["number"], promise["promised"], promise["standing"]) == (number, PROMISED, "promised")
    assert (said["counts"]["promised"], said["counts"]["kept"], said["next"]) == (1, 0, "")
    assert (await read(client, f"{API}/promises?standing=due"))["items"] == []
    await read(client, f"{API}/promises?standing=lost", 400)
    await read(client, f"{API}/promises?cursor=x", 400)


async def test_a_matter_begins_once_however_often_it_is_sent(world: World) -> None:
    first, second, third = await answered(world, "码头的灯？", "夜航？", "水压？")
    client, headers = await world.visitor(), await token(world, "office", Role.OFFICE)
    for kind, question, values, state in (
        ("suggestion", first, {"title": "换灯"}, "draft"),
        ("commitment", second, {"unit": "water", "promise_due": PROMISED}, "said"),
        ("work_order", third, {"title": "水压"}, "received"),
    ):
        wish = {"kind": kind, "session": world.session, "questions": [question], "values": values}
        once = {**headers, "Idempotency-Key": f"key-{kind}"}
        answers = [await client.post(f"{API}/matters", json=wish, headers=once) for _ in range(2)]
        assert [answer.status for answer in answers] == [200, 200], await answers[0].text()
        begun, again = [await answer.json() for answer in answers]
        assert begun == again
        assert (begun["kind"], begun["state"], bool(begun["number"])) == (kind, state, kind != "suggestion")
        whole = await read(client, answers[0].headers["Location"], **headers)
        assert whole["work"]["matter"]["title"] == begun["title"]
        assert [source["text"] for source in whole["sources"]] != []
        taken = await client.post(f"{API}/matters", json=wish, headers=headers)
        assert (taken.status, (await taken.json())["code"]) == (409, "outcome_not_free"), "one question, one matter"


@pytest.mark.parametrize(
    ("login", "role", "wish", "status", "code"),
    [
        ("operator", Role.OPERATOR, {"kind": "work_order", "values": {"title": "水压", "body": "没水"}}, 200, ""),
        ("operator", Role.OPERATOR, {"kind": "suggestion", "questions": ["q"]}, 404, "not_found"),
        ("office", Role.OFFICE, {"kind": "suggestion", "values": {"title": "空"}}, 400, "nothing_chosen"),
        ("office", Role.OFFICE, {"kind": "commitment", "values": {"unit": "water"}}, 400, "nothing_chosen"),
        ("office", Role.OFFICE, {"kind": "work_order"}, 400, "empty"),
        ("office", Role.OFFICE, {"kind": "lead"}, 400, "bad_body"),
        ("deputy", Role.DEPUTY, {"kind": "work_order", "values": {"title": "水压", "body": "没水"}}, 403, "forbidden"),
        ("unit", Role.UNIT_HEAD, {"kind": "work_order"}, 403, "forbidden"),
    ],
)
async def test_who_may_begin_what(
    world: World, login: str, role: Role, wish: dict[str, Any], status: int, code: str
) -> None:
    if login == "operator":
        people = world.app[keys.PEOPLE]
        await people.add_account(Account("operator", "operator", "话务员", frozenset({Role.OPERATOR})))
    answer = await (await world.visitor()).post(f"{API}/matters", json=wish, headers=await token(world, login, role))
    said = await answer.json()
    assert (answer.status, said.get("code", "")) == (status, code), said


@pytest.mark.parametrize(("login", "role"), [("operator", Role.OPERATOR), ("deputy", Role.DEPUTY)])
async def test_whoever_gives_no_outcome_on_the_board_begins_nothing_here(world: World, login: str, role: Role) -> None:
    """A deputy may word a draft, but it is the desk and the office that say what comes of a question."""
    (question,) = await answered(world, "码头的灯？")
    if login == "operator":
        people = world.app[keys.PEOPLE]
        await people.add_account(Account("operator", "operator", "话务员", frozenset({Role.OPERATOR})))
    headers, page = await token(world, login, role), await world.sign_in(login)
    for kind, values in (("suggestion", {}), ("commitment", {"unit": "water"}), ("work_order", {})):
        wish = {"kind": kind, "session": world.session, "questions": [question], "values": values}
        answer = await (await world.visitor()).post(f"{API}/matters", json=wish, headers=headers)
        assert answer.status == 403, await answer.text()
        action = "draft" if kind == "suggestion" else kind
        form = {"csrf": await csrf(page, "/verify"), "session": world.session, "action": action, "question": question}
        assert (await page.post("/rooms/r/outcomes", data=form)).status == 403
    sitting = await world.app[keys.RECORDS].load(world.session)
    assert sitting.queue.questions[question].outcome is None
