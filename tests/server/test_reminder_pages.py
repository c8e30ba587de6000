"""Reminders in the product: the list, the number in the navigation, one's own address, the office's view, letters."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient

from liveroom.actions.work_off import WorkingOff
from liveroom.matters.matter import Matter
from liveroom.matters.reminding import Why
from liveroom.ports.matters import Unit
from liveroom.ports.reminders import OwnAddress
from liveroom.rooms.roles import Actor
from liveroom.server import keys
from liveroom.server.pages import ENVIRONMENTS
from liveroom.server.staff_letters import StaffLetters
from liveroom.storage import folder
from liveroom.storage.matters import REMIND
from liveroom.storage.notices import DELIVER
from tests.server.test_following import actor, asked, letters, registered
from tests.server.test_verify_pages import codes
from tests.support.world import World, csrf

HTML = {"Accept": "text/html"}
SECRET = "晚上有船吗"


@pytest.fixture
async def day(tmp_path: Path) -> AsyncIterator[World]:
    # What is urgent comes at once whenever this runs: the morning's message was at midnight.
    made = await World.make(tmp_path, quiet_hours="none", remind_at="00:00", public_url="https://live.example.org")
    await made.app[keys.WORKING_OFF].stop()
    yield made
    await made.close()


async def work(world: World) -> None:
    """Every reminder and letter that is due."""
    verbs = world.app[keys.VERBS]
    works = {REMIND: verbs.reminding.work, DELIVER: verbs.telling.deliver}
    worker = WorkingOff(world.app[keys.JOBS], works, world.app[keys.CLOCK])
    while await worker.work_off():
        pass


async def step(world: World, matter: str, command: str, by: Actor, **values: str) -> Matter:
    after = await world.app[keys.VERBS].following_up.step(matter, command, values, by)
    await work(world)
    return after


async def assigned(world: World) -> Matter:
    """A suggestion that came of a question, assigned to the unit."""
    number = await registered(world, await asked(world))
    matter = await world.app[keys.MATTERS].by_number(number)
    assert matter is not None
    return await step(world, matter.id, "assign", await actor(world, "office"), unit="water", due="2027-06-01")


async def read(client: TestClient, page: str) -> str:
    return await (await client.get(page, headers=HTML)).text()


async def post(client: TestClient, page: str, path: str, **form: str) -> tuple[int, str]:
    response = await client.post(path, data={"csrf": await csrf(client, page), **form}, headers=HTML)
    return response.status, await response.text()


async def reached(world: World, login: str, contact: str) -> None:
    client = await world.sign_in(login)
    await post(client, "/account", "/account", action="contact", contact=contact)
    status, text = await post(client, "/account", "/account", action="code", code=codes(world)[-1]["code"])
    assert (status, 'data-step="proved"' in text) == (200, True)


async def test_a_unit_is_told_at_once_by_mail_and_on_its_work_list_until_it_opens_the_matter(day: World) -> None:
    await reached(day, "unit", "unit@example.org")
    matter = await assigned(day)
    (letter,) = letters(day)
    assert letter["to"] == "unit@example.org"
    assert letter["subject"] == f"第 {matter.number} 号建议：新交办，由您单位办理。"
    for words in ("unit 甲，您有 1 条提醒。", matter.title, f"https://live.example.org/worklist/{matter.id}"):
        assert words in letter["text"]
    assert letter["stop"] == "", "it belongs to somebody's work: no button of a mail program ends it"
    unit = await day.sign_in("unit")
    listed = await read(unit, "/worklist")
    assert "1 条提醒没有看" in listed
    assert re.search(r'count">1<span class="unseen">\s*条提醒没有看', listed)
    assert "新交办，由您单位办理。" in listed
    opened = await read(unit, f"/worklist/{matter.id}")
    assert 'count">' not in opened, "the number goes with the opening itself"
    assert "1 条提醒没有看" not in await read(unit, "/worklist")
    assert "新交办，由您单位办理。" in await read(unit, "/reminders")


async def test_a_letter_is_in_the_language_that_was_chosen(day: World) -> None:
    await reached(day, "unit", "unit@example.org")
    await post(await day.sign_in("unit"), "/account", "/account", action="language", language="en")
    matter = await assigned(day)
    (letter,) = letters(day)
    assert letter["subject"] == f"Suggestion {matter.number}: Newly assigned to your unit."
    chinese = set(re.findall(r"[\u4e00-\u9fff]+", letter["subject"] + letter["text"]))
    assert chinese <= {SECRET, "甲"}


async def test_a_letter_names_no_title_that_nobody_has_published(day: World) -> None:
    office = await actor(day, "office")
    order = await day.app[keys.VERBS].following_up.begin(
        Matter("w", kind="work_order"), "receive", {"title": "王某某的电话", "body": "内容"}, office
    )
    await step(day, order.id, "accept", office)
    await reached(day, "unit", "unit@example.org")
    await step(day, order.id, "forward", office, unit="water")
    (letter,) = letters(day)
    assert "第 W" in letter["text"]
    assert "王某某" not in letter["text"] + letter["subject"]


async def test_what_is_offered_to_a_deputy_has_a_title_on_the_page_and_none_in_a_letter(day: World) -> None:
    await registered(day, await asked(day))
    await work(day)
    deputy = await actor(day, "deputy")
    (told,) = await day.app[keys.VERBS].reminding.of(deputy)
    assert SECRET in told.title
    wording, to = StaffLetters(day.app[ENVIRONMENTS], ""), OwnAddress("deputy", site="https://x")
    before = replace(told, number="", public=False)
    for letter in (
        wording.staff_mail(to, "林", [before], "k", told.at),
        wording.staff_sms(to, "林", [before], "k", told.at),
    ):
        assert "建议 未编号" in letter.text
        assert SECRET not in letter.text + letter.subject
    two = wording.staff_sms(to, "林", [told, replace(told, why=Why.OVERDUE)], "k", told.at)
    assert two.text == "代表直播间：您有 2 条提醒，其中逾期 1 条。https://x/reminders\n"


async def test_of_what_is_confidential_a_letter_says_the_number_and_nothing_else(day: World) -> None:
    matter = await assigned(day)
    office = await actor(day, "office")
    await step(day, matter.id, "make_confidential", office, reason="涉及未成年人")
    await reached(day, "unit", "unit@example.org")
    await step(day, matter.id, "request_return", await actor(day, "unit"), reason="不归我们")
    await step(day, matter.id, "deny_return", office, reason="归你们管")
    (letter,) = letters(day)
    said = letter["subject"] + letter["text"]
    assert matter.number in said
    assert "请登录后查看。" in said
    for word in (matter.title, SECRET, "未成年人", "退办", "归你们管", "water", "水务局"):
        assert word not in said


async def test_who_lost_a_matter_sees_that_it_is_gone_and_neither_title_nor_link(day: World) -> None:
    matter = await assigned(day)
    unit, office = await day.sign_in("unit"), await actor(day, "office")
    await day.app[keys.MATTERS].add_unit(Unit("money", "财政局"))
    await step(day, matter.id, "request_return", await actor(day, "unit"), reason="不归我们")
    await step(day, matter.id, "approve_return", office, unit="money")
    listed = await read(unit, "/reminders")
    assert "不再由您单位办理。" in listed
    assert matter.title not in listed
    assert f"/worklist/{matter.id}" not in listed
    status, text = await post(unit, "/reminders", "/reminders")
    assert (status, "没有看" in text) == (200, False)


async def test_ones_own_address_is_proved_changed_and_taken_away_on_a_page(day: World) -> None:
    deputy = await day.sign_in("deputy")
    status, text = await post(deputy, "/account", "/account", action="contact", contact="wang")
    assert (status, "请写 11 位手机号" in text, 'value="wang"' in text) == (400, True, True)
    status, text = await post(deputy, "/account", "/account", action="contact", contact="wang@example.org")
    assert (status, 'data-step="code"' in text, "w…@example.org" in text) == (200, True, True)
    status, text = await post(deputy, "/account", "/account", action="code", code="12")
    assert (status, "6 位数字" in text) == (400, True)
    status, _ = await post(deputy, "/account", "/account", action="again")
    assert status == 429
    status, text = await post(deputy, "/account", "/account", action="code", code=codes(day)[-1]["code"])
    assert 'data-step="proved"' in text
    assert "wang@" not in text
    status, text = await post(deputy, "/account", "/account", action="language", language="fr")
    assert status == 400
    status, text = await post(deputy, "/account", "/account", action="forget")
    assert (status, 'data-step="none"' in text) == (200, True)
    assert (await post(deputy, "/account", "/account", action="x"))[0] == 400


async def test_the_office_writes_an_address_down_that_its_person_proves(day: World) -> None:
    office, unit = await day.sign_in("office"), await day.sign_in("unit")
    before = await read(office, "/office/people")
    assert "没有联系方式" in before
    path = "/office/people/unit"
    status, text = await post(office, "/office/people", path, contact="unit")
    assert (status, "请写 11 位手机号" in text) == (400, True)
    status, text = await post(office, "/office/people", path, contact="unit@example.org")
    assert (status, "等本人验证" in text, "u…@example.org" in text) == (200, True, True)
    assert codes(day) == [], "nobody is sent a code that nobody waits for"
    assert "u…@example.org 还没有验证" in await read(unit, "/account")
    await post(unit, "/account", "/account", action="again")
    await post(unit, "/account", "/account", action="code", code=codes(day)[-1]["code"])
    assert "电子邮件" in await read(office, "/office/people")
    assert (await post(office, "/office/people", "/office/people/nobody", contact=""))[0] == 404
    assert (await post(unit, "/account", path, contact="x@example.org"))[0] == 403


async def test_a_reminder_that_failed_is_shown_to_the_office_with_its_person(day: World) -> None:
    await reached(day, "unit", "unit@example.org")
    data = day.app[keys.SETTINGS].data
    (data / folder.LETTERS).write_text("")
    await assigned(day)
    office = await day.sign_in("office")
    waiting = await read(office, "/office/deliveries?state=waiting")
    assert "unit 甲" in waiting
    assert "unit@example.org" not in waiting
