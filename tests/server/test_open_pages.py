"""What the asker and the public see: where it is, who has it, and who says that it is solved."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient

from liveroom import clock
from liveroom.matters.periods import quarter_of
from liveroom.qa import commands
from liveroom.qa.question import RefusalReason
from liveroom.server import keys
from liveroom.storage.quarter_log import frozen_quarters
from liveroom.storage.signing import is_signed
from tests.support.followed import PROMISED, Led
from tests.support.world import Wire, World, csrf


async def text(client: TestClient, page: str, status: int = 200, lang: str = "zh") -> str:
    answer = await client.get(page, headers={"Accept": "text/html", "Accept-Language": lang})
    assert answer.status == status, page
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", await answer.text())))


async def say(client: TestClient, page: str, solved: str, status: int = 303) -> None:
    token = await csrf(client, page)
    form = {"csrf": token, "solved": solved, "comment": "只给工委看的话"}
    answer = await client.post(f"{page}/check", data=form, allow_redirects=False)
    assert answer.status == status, await answer.text()


@pytest.fixture
async def led(world: World) -> Led:
    return await Led.from_question(world)


async def test_the_tracking_page_says_what_was_asked_and_answered_and_who_has_it(led: Led, world: World) -> None:
    visitor = await world.visitor()
    page = await text(visitor, f"/track/{led.code}")
    assert "码头的灯什么时候修？" in page
    assert re.search(r"代表已在直播 00:00:0\d 回答", page)
    assert "在谁手里 人大代表工委" in page
    await led.handled()
    page = await text(visitor, f"/track/{led.code}")
    assert "在谁手里 水务局" in page
    assert re.search(r"还有约? \d+ 个工作日", page)
    assert "已用 0 个工作日" in page
    merged = await text(visitor, f"/track/{led.merged_code}")
    assert "已并入" in merged
    assert "在谁手里 水务局" in merged, "whoever was merged follows the question that speaks for them"


async def test_everybody_who_asked_or_seconded_says_once_whether_it_is_solved(led: Led, world: World) -> None:
    await led.handled()
    await led.replied("A")
    number = (await led.evaluated()).number
    page = f"/suggestions/{number}"
    assert "问题解决了吗" not in await text(await world.visitor(), page), "nobody else is asked"
    assert "问题解决了吗" in await text(led.seconder, page)
    await say(led.seconder, page, "yes")
    assert "您说：已经解决" in await text(led.seconder, page)
    await say(led.merged, page, "yes")
    shown = await text(await world.visitor(), page)
    assert "2 人说已解决，0 人说还没有解决" in shown
    assert "共 3 人提问和附议" in shown
    assert "办理结果：满意" in shown, "the deputy's evaluation stands apart"
    assert "只给工委看的话" not in shown, "what is not reviewed is not shown"
    await say_again(led.seconder, page)


async def say_again(client: TestClient, page: str) -> None:
    token = await csrf(client, "/verify")
    answer = await client.post(f"{page}/check", data={"csrf": token, "solved": "no"}, allow_redirects=False)
    assert answer.status == 409
    assert "您已经确认过了" in await answer.text()


async def test_browser_and_code_are_one_voice(led: Led, world: World) -> None:
    await led.handled()
    await led.replied("A")
    number = (await led.evaluated()).number
    await say(await world.visitor(), f"/track/{led.code}", "yes")
    assert "您说：已经解决" in await text(led.asker, f"/suggestions/{number}")
    await say_again(led.asker, f"/suggestions/{number}")


async def test_a_no_reopens_once_by_right(led: Led, world: World) -> None:
    await led.handled()
    await led.replied("A")
    number = (await led.evaluated()).number
    await say(led.seconder, f"/suggestions/{number}", "no")
    page = await text(await world.visitor(), f"/suggestions/{number}")
    assert "重新办理中" in page
    assert "还没有解决" in page or "没有解决" in page
    await led.replied("A", "又换了一次。")
    await led.evaluated()
    asked = await text(led.seconder, f"/suggestions/{number}")
    assert "次数已经用完" in asked
    assert "办结时就不算已解决" in asked
    await say(led.seconder, f"/suggestions/{number}", "no")
    page = await text(await world.visitor(), f"/suggestions/{number}")
    assert "0 人说已解决，1 人说还没有解决" in page
    assert "待群众确认" in page, "it is recorded, and reopens nothing a second time"
    assert (await led.expire("asker_check")).end == "unsolved"
    page = await text(await world.visitor(), f"/suggestions/{number}")
    assert "办结，提问人认为没有解决" in page
    assert "有提问人说没有。这件事按期办结，不算已解决" in page
    assert "问题已解决，办结" not in page
    assert "badge solved" not in page
    assert "码头照明" in await text(await world.visitor(), "/suggestions?state=unsolved")
    counted = await world.app[keys.VERBS].following_up.figures()
    assert (counted["closed"], counted["solved"]) == (1, 0)


async def test_who_neither_asked_nor_seconded_has_no_say(led: Led, world: World) -> None:
    await led.handled()
    await led.replied("A")
    number = (await led.evaluated()).number
    stranger = await world.visitor()
    form = {"csrf": await csrf(stranger, "/verify"), "solved": "yes"}
    assert (await stranger.post(f"/suggestions/{number}/check", data=form)).status == 403
    assert (await stranger.post(f"/suggestions/{number}/check", data={"solved": "yes"})).status == 403


@pytest.mark.parametrize("letter", ["B", "C"])
async def test_a_closed_b_or_c_is_never_shown_as_solved(led: Led, world: World, letter: str) -> None:
    await led.handled()
    await led.replied(letter, "以后再说。")
    await led.evaluated()
    number = (await led.step("explain", "unit", text="没有预算。")).number
    visitor = await world.visitor()
    for page in ("/", "/suggestions", f"/suggestions/{number}", f"/track/{led.code}", f"/suggestions/{number}/card"):
        html = await (await visitor.get(page)).text()
        assert 'badge solved"' not in html.replace("已归档", ""), page
        assert "已解决，办结" not in html, page
    assert number not in await (await visitor.get("/suggestions?state=solved")).text()
    assert number in await (await visitor.get("/suggestions?state=unsolved")).text()
    assert "问题没有解决" in await text(visitor, f"/suggestions/{number}")


async def test_a_confidential_matter_is_nowhere(led: Led, world: World) -> None:
    number = (await led.handled()).number
    await led.step("make_confidential", "office", reason="涉及个人")
    visitor = await world.visitor()
    for page in (f"/suggestions/{number}", f"/suggestions/{number}/card", f"/suggestions/{number}/card.svg"):
        assert (await visitor.get(page)).status == 404, page
    for page in ("/suggestions", "/suggestions/feed", "/promises", "/figures"):
        assert "码头照明" not in await (await visitor.get(page)).text(), page


async def test_a_feed_from_which_something_went_is_another_one(led: Led, world: World) -> None:
    await led.handled()
    visitor = await world.visitor()
    first = await visitor.get("/suggestions/feed")
    assert "Last-Modified" not in first.headers, "what is left is older by date"
    await led.step("make_confidential", "office", reason="涉及个人")
    later = {"If-Modified-Since": "Fri, 31 Dec 2038 00:00:00 GMT"}
    for headers in ({"If-None-Match": first.headers["ETag"]}, later, {}):
        news = await visitor.get("/suggestions/feed", headers=headers)
        assert (news.status, "码头照明" in await news.text()) == (200, False)


async def test_lists_are_searched_and_narrowed_and_the_address_keeps_it(led: Led, world: World) -> None:
    number = (await led.handled()).number
    visitor = await world.visitor()
    for query, found in {
        "": True, "q=码头": True, "q=照明": True, "q=没有这个词": False, f"q={number}": True, "unit=water": True,
        "unit=roads": False, "kind=suggestion": True, "kind=commitment": False, "state=unit": True,
        "state=closed": False, "overdue=1": False, "letter=B": False, "year=2021": False, "year=x": True,
        "q=码头&state=open&kind=suggestion&unit=water": True,
    }.items():  # fmt: skip
        page = await text(visitor, f"/suggestions?{query}")
        assert (f"第 {number} 号建议" in page) is found, query
    html = await (await visitor.get("/suggestions?q=码头&state=open")).text()
    assert 'value="码头"' in html
    assert '<option value="open" selected>' in html
    assert (await visitor.get("/suggestions?after=nonsense")).status == 400
    assert "少选几个条件" in await text(visitor, "/suggestions?q=zzz")


async def test_a_feed_is_new_when_something_was_told_and_not_before(led: Led, world: World) -> None:
    number = (await led.handled()).number
    visitor = await world.visitor()
    first = await visitor.get("/suggestions/feed")
    assert first.content_type == "application/atom+xml"
    assert "Set-Cookie" not in first.headers
    body = await first.text()
    assert f"/suggestions/{number}" in body
    same = {"If-None-Match": first.headers["ETag"]}
    assert (await visitor.get("/suggestions/feed", headers=same)).status == 304
    await led.replied("A")
    news = await visitor.get("/suggestions/feed", headers=same)
    assert news.status == 200
    name = re.compile(r"urn:uuid:[0-9a-f-]+")
    assert name.findall(body) == name.findall(await news.text()), "what it is about keeps its name"
    assert "<entry>" not in await (await visitor.get("/suggestions/feed?unit=roads")).text()
    assert "<entry>" in await (await visitor.get("/suggestions/feed?q=码头&unit=water")).text()


async def test_the_card_alone_may_stand_on_other_sites_and_names_nobody(led: Led, world: World) -> None:
    number = (await led.handled()).number
    visitor = await world.visitor()
    card = await visitor.get(f"/suggestions/{number}/card")
    assert "frame-ancestors *" in card.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in card.headers
    html = await card.text()
    assert "<script" not in html
    assert "<form" not in html
    assert "码头照明" in html
    picture = await visitor.get(f"/suggestions/{number}/card.svg")
    assert picture.content_type == "image/svg+xml"
    assert "办理中" in await picture.text()
    for page in (f"/suggestions/{number}", "/suggestions", "/figures", f"/suggestions/{number}/card.svg"):
        policy = (await visitor.get(page)).headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy, page
    assert f"/suggestions/{number}/card" in await (await visitor.get(f"/suggestions/{number}")).text()


async def test_the_ledger_shows_what_was_promised_for_when(led: Led, world: World) -> None:
    await led.handled()
    await led.replied("B", "明年换灯。")
    await led.evaluated()
    visitor = await world.visitor()
    page = await text(visitor, "/promises")
    assert PROMISED in page
    assert "码头照明" in page
    assert "没到期" in page
    assert "码头照明" not in await text(visitor, "/promises?standing=due")
    await led.step("explain", "unit", text="没有预算。")
    assert "码头照明" not in await text(visitor, "/promises")
    assert "没有解决，已说明" in await text(visitor, "/promises?standing=explained")
    assert "码头照明" not in await text(visitor, "/promises?standing=kept")


async def test_a_day_that_was_extended_is_shown_with_the_one_that_was_said_first(led: Led, world: World) -> None:
    matter = await led.handled()
    assert matter.due is not None
    later = (matter.due + timedelta(days=20)).isoformat()
    await led.step("ask_extension", "unit", until=later, reason="等灯具到货")
    await led.step("grant_extension", "office")
    visitor = await world.visitor()
    page = await text(visitor, f"/suggestions/{matter.number}")
    assert f"原定 {matter.due}，已批准延期" in page
    assert f"答复期限由 {matter.due} 延期到 {later}。" in page
    assert "等灯具到货" in page, "the reason is public"
    await led.replied("B", "明年换灯。")
    await led.evaluated()
    moved = (date.fromisoformat(PROMISED) + timedelta(days=30)).isoformat()
    await led.step("ask_extension", "unit", until=moved, reason="招标流标")
    await led.step("grant_extension", "office")
    for page in ("/promises", f"/suggestions/{matter.number}"):
        assert moved in await text(visitor, page)
        assert f"原定 {PROMISED}，已批准延期" in await text(visitor, page), page
    shown = await text(visitor, f"/figures/{quarter_of(date.fromisoformat(later))}/replied_on_time?part=holds")
    assert f"答复期限原定 {matter.due}，延期到 {later}" in shown


async def test_every_figure_opens_its_list(led: Led, world: World) -> None:
    await led.handled()
    await led.replied("A")
    await led.evaluated()
    visitor = await world.visitor()
    page = await (await visitor.get("/figures?by=unit")).text()
    links = set(re.findall(r'href="(/figures/[^"]+part=[^"]+)"', page))
    assert len(links) >= 20
    time = {unescape(link) for link in links if "/time_to_reply?" in link}
    assert {link.partition("part=")[2] for link in time} == {"of", "median", "p90"}
    for link in time:
        shown = await text(visitor, link)
        assert "码头照明" in shown
        assert "从交办到答复 0 天" in shown
    assert "这里没有可以公开的建议" in await text(visitor, f"{min(time).partition('?')[0]}?part=rest")
    for link in links:
        assert (await visitor.get(unescape(link))).status == 200, link
    quarter = quarter_of(world.app[keys.VERBS].open_book.today())
    assert "码头照明" in await text(visitor, f"/figures/{quarter}/satisfied?part=holds&unit=water")
    assert "码头照明" not in await text(visitor, f"/figures/{quarter}/satisfied?part=rest")
    for bad in (f"/figures/{quarter}/unknown", "/figures/1999/solved", f"/figures/{quarter}/solved?part=x"):
        assert (await visitor.get(bad)).status == 404, bad


async def test_a_quarter_is_frozen_once_it_is_over_and_its_signature_is_checked(led: Led, world: World) -> None:
    await led.handled()
    open_book = world.app[keys.VERBS].open_book
    quarter = quarter_of(open_book.today())
    office, visitor = await world.sign_in("office"), await world.visitor()
    form = {"csrf": await csrf(office, "/office")}
    assert (await office.post(f"/figures/{quarter}/freeze", data=form)).status == 409
    real, open_book._clock = open_book._clock, lambda: clock.now() + timedelta(days=100)
    assert (await visitor.post(f"/figures/{quarter}/freeze", data={"csrf": await csrf(visitor, "/verify")})).status in {
        401, 403,
    }  # fmt: skip
    frozen = await office.post(f"/figures/{quarter}/freeze", data=form, allow_redirects=False)
    assert frozen.status == 303
    assert (await office.post(f"/figures/{quarter}/freeze", data=form)).status == 409, "what was published stays"
    shown = await text(visitor, f"/figures?period={quarter}")
    assert "签名有效" in shown
    assert "公布时：0 ÷ 1" in shown
    said = await (await visitor.get(f"/figures/{quarter}/statement")).json()
    assert is_signed(said["key"], said["statement"].encode(), said["signature"])
    assert not is_signed(said["key"], said["statement"].replace("1", "2").encode(), said["signature"])
    checked = await open_book.frozen(quarter)
    assert checked is not None
    assert checked.holds
    async with world.database.write() as connection:
        changed = sa.update(frozen_quarters).values(statement=checked.frozen.statement.replace('"of":1', '"of":2'))
        await connection.execute(changed)
    assert "签名与公布的数字不符" in await text(visitor, f"/figures?period={quarter}")
    open_book._clock = real


async def test_reports_are_pages_and_files(led: Led, world: World) -> None:
    await led.handled()
    visitor = await world.visitor()
    quarter = quarter_of(world.app[keys.VERBS].open_book.today())
    for page, words in {
        f"/figures/{quarter}/notice": "水务局",
        f"/rooms/r/sessions/{world.session}/report": "码头的灯什么时候修？",
    }.items():
        for lang in ("zh", "en"):
            shown = await text(visitor, page, lang=lang)
            assert words in shown
        answer = await visitor.get(f"{page}.pdf")
        assert answer.content_type == "application/pdf"
        assert (await answer.read()).startswith(b"%PDF-")
    for page in ("/figures/x/notice", "/figures/x/notice.pdf", "/rooms/r/sessions/none/report"):
        assert (await visitor.get(page)).status == 404


async def test_b_that_became_a_opens_both_lists(led: Led, world: World) -> None:
    await led.handled()
    await led.replied("B", "明年换灯。")
    await led.evaluated()
    visitor = await world.visitor()
    quarter = quarter_of(world.app[keys.VERBS].open_book.today())
    page = f"/figures/{quarter}/planned_then_solved"
    assert "码头照明" in await text(visitor, f"{page}?part=of")
    assert "码头照明" in await text(visitor, f"{page}?part=rest")
    assert "码头照明" not in await text(visitor, f"{page}?part=holds")
    await led.step("reply", "unit", class_="A", text="换好了。")
    assert "码头照明" in await text(visitor, f"{page}?part=holds")


async def test_the_moderation_of_a_session_opens_lists_that_name_nothing_that_is_not_public(world: World) -> None:
    led = Led(world)
    wire = await Wire.open(await world.visitor())
    asked = {
        name: (await wire.ask(name))["id"]
        for name in ("夜航几点", "晚上有船吗", "楼下太吵", "路灯坏了", "菜价高", "公交少")
    }
    for name in ("夜航几点", "公交少"):
        await led.do(commands.Publish(asked[name]))
    await led.do(commands.Merge(asked["晚上有船吗"], asked["夜航几点"]))
    for name in ("楼下太吵", "公交少"):
        await led.do(commands.Refuse(asked[name], RefusalReason.OFF_TOPIC, "到联络站"))
    assert (await wire.wish(type="withdraw", question=asked["路灯坏了"]))["type"] == "done"
    await wire.socket.close()
    visitor, moderator = await world.visitor(), await world.sign_in("moderator")
    html = await (await visitor.get("/rooms/r/figures")).text()
    links = [unescape(link) for link in re.findall(r'href="(/rooms/r/figures/[^"]+)"', html)]
    assert len(links) == 9, "every number, and one reason, has its list"
    hidden = {name for name in asked if name != "夜航几点"}
    for link in links:
        shown = await text(visitor, link)
        assert not {name for name in hidden if name in shown}, link
        assert "到联络站" not in shown
        assert "共" in shown
    received = next(link for link in links if "/received" in link)
    assert "共 6 个提问，其中 5 个不在这里" in await text(visitor, received)
    merged = await text(visitor, next(link for link in links if "/merged" in link))
    assert "夜航几点" in merged, "the one that speaks for it"
    assert "并入了 1 个提问" in merged
    refused = next(link for link in links if "reason=off_topic" in link)
    assert "共 2 个提问" in await text(visitor, refused)
    desk = await text(moderator, refused)
    assert {name for name in asked if name in desk} == {"楼下太吵", "公交少"}
    assert "到联络站" in desk
    assert {name for name in asked if name in await text(moderator, received)} == set(asked)
    assert "菜价高" not in await text(await world.sign_in("unit"), received), (
        "whoever does not see the desk reads what all do"
    )
