"""The work places without a browser: lists, filters, many at once, forms, and who sees what."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient

from liveroom import clock
from liveroom.matters.stages import Stage
from liveroom.ports.matters import Order, Wanted
from liveroom.qa.question import Outcome
from liveroom.rooms.roles import visitor
from liveroom.server import keys
from liveroom.storage.workdays import ChineseWorkingDays
from tests.support.admission import ADMITTED
from tests.support.journeys import TITLE, Journey
from tests.support.world import World, csrf


async def text_of(client: TestClient, path: str, status: int = 200) -> str:
    response = await client.get(path)
    assert response.status == status, path
    return await response.text()


async def send(client: TestClient, path: str, page: str = "/worklist", **fields: object) -> tuple[int, str]:
    data = {"csrf": await csrf(client, page), **fields}
    response = await client.post(path, data=data)
    return response.status, await response.text()


@pytest.mark.parametrize(
    ("view", "shown"),
    [("turn", True), ("assignment", True), ("open", True), ("review", False), ("overdue", False), ("closed", False)],
)
async def test_a_view_shows_what_it_says(world: World, view: str, shown: bool) -> None:
    await (await Journey.begin(world)).registered()
    office = await world.sign_in("office")
    assert (TITLE in await text_of(office, f"/worklist?view={view}")) == shown


async def test_filters_narrow_and_what_no_filter_knows_is_as_if_it_were_not_there(world: World) -> None:
    await (await Journey.begin(world)).handled()
    office = await world.sign_in("office")
    for query, shown in {
        "unit=water": True,
        "unit=harbour": False,
        "kind=commitment": False,
        "q=停航": True,
        "q=码头": False,
        "stage=in_time": True,
        "stage=overdue": False,
        "view=nonsense&kind=x": True,
    }.items():
        page = await text_of(office, f"/worklist?view=open&{query}" if "view" not in query else f"/worklist?{query}")
        if "nonsense" not in query:
            assert (TITLE in page) == shown, query


async def test_a_unit_and_another_deputy_see_only_what_is_theirs(world: World) -> None:
    journey = await (await Journey.begin(world)).handled()
    for login, shown in {"unit": True, "deputy": True, "harbour": False, "stranger": False}.items():
        client = await world.sign_in(login)
        assert (TITLE in await text_of(client, "/worklist?view=open")) == shown, login
        assert (await client.get(journey.page)).status == (200 if shown else 404), login
        assert (await client.get(f"{journey.page}/news")).status == (200 if shown else 404), login


async def test_a_page_of_a_list_goes_on_where_the_one_before_ended(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await (await Journey.begin(world)).registered()
    await (await Journey.again(first, "关于码头照明的建议")).registered()
    find = world.app[keys.MATTERS].find

    async def one_by_one(wanted: Wanted, order: Order, after: str = "", limit: int = 1) -> object:
        return await find(wanted, order, after, 1)

    monkeypatch.setattr(world.app[keys.MATTERS], "find", one_by_one)
    office = await world.sign_in("office")
    page = await text_of(office, "/worklist?view=open")
    following = re.search(r'href="(/worklist\?[^"]*after=[^"]*)"', page)
    assert following is not None
    other = await text_of(office, following[1].replace("&amp;", "&"))
    assert (TITLE in page, "码头照明" in page) != (TITLE in other, "码头照明" in other)
    assert (await office.get("/worklist?view=open&after=nonsense")).status == 400


async def test_a_filter_is_saved_under_a_name_used_and_dropped(world: World) -> None:
    office = await world.sign_in("office")
    await send(office, "/worklist/filters", action="keep", name="水务逾期", query="view=overdue&unit=water&x=1")
    page = await text_of(office, "/worklist")
    assert 'href="/worklist?view=overdue&amp;unit=water"' in page
    for name, status in (("", 400), ("长" * 21, 400)):
        assert (await send(office, "/worklist/filters", action="keep", name=name, query=""))[0] == status
    assert (await send(office, "/worklist/filters", action="else", name="a", query=""))[0] == 400
    await send(office, "/worklist/filters", action="drop", name="水务逾期", query="")
    assert "水务逾期" not in await text_of(office, "/worklist")


async def test_many_are_assigned_at_once_and_what_was_not_is_said(world: World) -> None:
    first = await (await Journey.begin(world)).registered()
    second = await (await Journey.again(first, "关于码头照明的建议")).assigned()
    office = await world.sign_in("office")
    due = (clock.now().date() + timedelta(days=60)).isoformat()
    chosen = {"query": "view=assignment", "unit": "water", "co_units": "harbour", "due": due}
    status, said = await send(office, "/worklist/assign", query="", unit="nobody", due=due, matter=first.matter)
    assert (status, "请从列出的选项中选择" in said) == (400, True)
    page = "/worklist?view=assignment"
    both = [("matter", first.matter), ("matter", second.matter)]
    token = await csrf(office, page)
    response = await office.post("/worklist/assign", data=[("csrf", token), *chosen.items(), *both])
    said = await response.text()
    assert "已交办 1 件。" in said
    assert "没有交办：关于码头照明的建议。" in said
    after = await first.now()
    assert (after.unit, after.clocks["reply"].isoformat(), after.co_units[0].id) == ("water", due, "harbour")

    assert (await send(office, "/worklist/assign", query="", unit="water", due=due))[0] == 400
    unit = await world.sign_in("unit")
    assert (await send(unit, "/worklist/assign", query="", unit="water", matter=first.matter))[0] == 403


async def test_the_board_counts_each_unit_and_its_numbers_lead_to_their_lists(world: World) -> None:
    first = await (await Journey.begin(world)).handled()
    second = await (await Journey.again(first, "关于码头照明的建议")).assigned("harbour")
    many, today = world.app[keys.VERBS].many_matters, first.verbs.following_up.today()
    rows = {row.unit: row.counts for row in await many.board(today)}
    assert (rows["water"][Stage.IN_TIME], rows["harbour"][Stage.NOT_TAKEN]) == (1, 1)
    late = today + timedelta(days=200)
    assert {row.unit: row.counts[Stage.OVERDUE] for row in await many.board(late)} == {"water": 1, "harbour": 1}
    office = await world.sign_in("office")
    page = await text_of(office, "/worklist/board")
    for link, title in {"unit=harbour&stage=not_taken": "码头照明", "unit=water&stage=in_time": TITLE}.items():
        assert f"/worklist?view=open&amp;{link.replace('&', '&amp;')}" in page
        assert title in await text_of(office, f"/worklist?view=open&{link}")
    assert (await (await world.sign_in("unit")).get("/worklist/board")).status == 403
    await second.step("accept", "harbour")


@pytest.mark.parametrize("at", list(Stage))
async def test_the_list_of_a_stage_has_as_many_as_the_board_says(world: World, at: Stage) -> None:
    first = await (await Journey.begin(world)).replied()
    await (await Journey.again(first)).handled()
    matters, many = world.app[keys.MATTERS], world.app[keys.VERBS].many_matters
    for days in (0, 80, 92, 400):
        today = first.verbs.following_up.today() + timedelta(days=days)
        counted = sum(row.counts[at] for row in await many.board(today))
        assert await matters.count(await many.at_stage(at, today)) == counted, days


async def test_a_deputy_never_reads_a_reply_that_is_not_signed(world: World) -> None:
    journey = await (await Journey.begin(world)).handled()
    await journey.step("prepare_reply", "officer", {"class": "A", "text": "草稿里的话"})
    for login, shown in {"unit": True, "officer": True, "office": True, "deputy": False}.items():
        assert ("草稿里的话" in await text_of(await world.sign_in(login), journey.page)) == shown, login


async def test_a_linked_matter_is_named_to_those_whose_work_it_is_or_once_it_is_public(world: World) -> None:
    first = await (await Journey.begin(world)).handled()
    second = await (await Journey.again(first, "关于码头照明的建议")).assigned("harbour")
    await second.step("consolidate", "office", {"into": (await first.now()).number})
    harbour, office = await world.sign_in("harbour"), await world.sign_in("office")
    number = (await first.now()).number
    assert f'href="/suggestions/{number}"' in await text_of(harbour, second.page)
    assert f'href="{first.page}"' in await text_of(office, second.page)
    await first.step("make_confidential", "office", {"reason": "涉及个人。"})
    page = await text_of(harbour, second.page)
    assert (number in page, TITLE in page) == (True, False)


async def test_an_officer_prepares_a_reply_and_only_the_head_can_sign_it(world: World) -> None:
    journey = await (await Journey.begin(world)).handled()
    await journey.step("contact", "officer", {"contact": "电话。"})
    officer, head = await world.sign_in("officer"), await world.sign_in("unit")
    assert 'id="step-reply"' not in await text_of(officer, journey.page)
    assert 'id="step-reply"' in await text_of(head, journey.page)
    status, _ = await send(officer, f"{journey.page}/reply", journey.page, **{"class": "A", "text": "答复"})
    assert status == 403


async def test_what_was_typed_is_kept_beside_what_was_refused(world: World) -> None:
    journey = await Journey.begin(world)
    await journey.step("offer", "office", {"deputy": "deputy"})
    await journey.step("adopt", "deputy", {"signature": "甲"})
    office = await world.sign_in("office")
    fields = {"checklist.competence": "no", "instead": "referral", "referred_to": "省交通厅", "reason": "不属于本级。"}
    status, page = await send(office, f"{journey.page}/not_admit", journey.page, **fields)
    assert status == 400
    assert "审查要点要逐条回答。" in page
    assert "不属于本级。" in page
    assert re.search(r'name="checklist.competence" value="no" required\s+checked', page)
    answered = {f"checklist.{point}": "no" for point in re.findall(r"(\w+)=yes", ADMITTED["checklist"])}
    status, _ = await send(office, f"{journey.page}/not_admit", journey.page, **{**fields, **answered})
    assert (status, (await journey.now()).state) == (200, "not_admitted")


async def test_a_step_that_is_gone_is_said_on_the_page(world: World) -> None:
    journey = await (await Journey.begin(world)).registered()
    office = await world.sign_in("office")
    status, page = await send(office, f"{journey.page}/take_up", journey.page)
    assert (status, "这条内容刚刚有了变化" in page) == (409, True)


async def test_the_page_says_when_there_is_more(world: World) -> None:
    journey = await (await Journey.begin(world)).handled()
    deputy = await world.sign_in("deputy")
    before = (await (await deputy.get(f"{journey.page}/news")).json())["seq"]
    await journey.step("contact", "unit", {"contact": "电话。"})
    assert (await (await deputy.get(f"{journey.page}/news")).json())["seq"] == before + 1


async def test_a_commitment_and_a_work_order_are_born_with_their_outcome(world: World) -> None:
    journey = Journey(world)
    await journey.furnish()
    asked = await journey.answer(*((visitor(f"device-{n}"), f"提问 {n}？") for n in range(4)))
    office = await world.sign_in("moderator")
    board, due = "/rooms/r/outcomes", (clock.now().date() + timedelta(days=30)).isoformat()
    commitment = {
        "action": "commitment",
        "session": world.session,
        "question": asked[2].id,
        "commitment.unit": "water",
        "commitment.promise_due": due,
    }
    status, page = await send(office, board, board, **commitment)
    assert (status, "请写明承诺的措施。" in page) == (400, True)
    await send(office, board, board, **commitment, **{"commitment.title": "年底前装好净水器"})
    await send(office, board, board, action="work_order", session=world.session, question=asked[3].id)
    sitting = await world.app[keys.VERBS].attending.sitting(world.session)
    given = {q.outcome: q.matter for q in sitting.queue.questions.values() if q.matter}
    said = await world.app[keys.MATTERS].load(given[Outcome.COMMITMENT])
    ordered = await world.app[keys.MATTERS].load(given[Outcome.WORK_ORDER])
    assert (said.kind, said.state, said.unit, said.title) == ("commitment", "said", "water", "年底前装好净水器")
    assert said.promise_due is not None
    assert said.promise_due.isoformat() == due
    assert (ordered.kind, ordered.state) == ("work_order", "received")
    unit = await world.sign_in("unit")
    assert "年底前装好净水器" in await text_of(unit, "/worklist")
    status, page = await send(unit, f"/worklist/{said.id}/confirm", f"/worklist/{said.id}")
    assert (status, "单位确认承诺。" in page) == (200, True)


async def test_an_accepted_work_order_is_due_by_its_own_clock_and_no_suggestions(world: World) -> None:
    (journey,) = await Journey.evening(world, "水管漏水")
    await journey.begun(Outcome.WORK_ORDER)
    page = await text_of(await world.sign_in("office"), journey.page)
    rules = await world.app[keys.RULES].current()
    following = world.app[keys.VERBS].following_up
    due = rules.clocks["quick_reply"].ends(following.today(), ChineseWorkingDays())
    assert f'value="{due}"' in page
    assert ">受理</button>" in page


async def test_every_list_marks_what_is_somebodys_turn(world: World) -> None:
    (journey,) = await Journey.evening(world, "渡轮票价")
    await journey.begun()
    await journey.step("adopt", "deputy", {"signature": "deputy 甲"})
    await journey.step("invite", "deputy", {"others": "stranger"})
    for login, marked in {"stranger": True, "deputy": False, "office": True}.items():
        page = await text_of(await world.sign_in(login), "/worklist?view=open")
        assert ("轮到您了" in page) == marked, login
    await journey.step("register", "office", ADMITTED)
    assert "轮到您了" not in await text_of(await world.sign_in("stranger"), "/worklist?view=open")


async def test_another_lead_keeps_the_co_units_unless_the_office_says_otherwise(world: World) -> None:
    (journey,) = await Journey.evening(world, "沙滩救生")
    await (await journey.begun()).assigned(co_units="harbour")
    await journey.step("request_return", "unit", {"reason": "不归我们。"})
    page = await text_of(await world.sign_in("office"), journey.page)
    assert re.search(r'name="co_units" value="harbour" checked', page)
