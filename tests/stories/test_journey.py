"""The whole journey in real Chromium: a question typed on an island ends as a closed suggestion."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.async_api import Browser, expect

from tests.support.browser import Person
from tests.support.demo import Demo
from tests.support.forms import take
from tests.support.steps import ASKED, ask, key

pytestmark = pytest.mark.browser
WORDS = "冬天风大停航，能不能提前一晚通知到村里？"


async def test_from_the_question_to_the_closed_suggestion(demo: Demo, browser: Browser) -> None:
    deputy = await Person.arrive(browser, demo["studio"])
    await deputy.page.click("#go-live")
    await expect(deputy.page.locator("#state")).to_have_text("直播中")
    first = await Person.arrive(browser, demo["room"], phone=True)
    second = await Person.arrive(browser, demo["room"], phone=True)

    for viewer in (first, second):
        await expect(viewer.page.locator("#holding")).to_be_hidden()
        await viewer.moves()
        await viewer.sounds()

    await first.page.fill("#text", WORDS)
    await first.page.fill("#island", "西屿")
    await first.page.click("#send")
    await expect(first.page.locator("#asked")).to_contain_text("已收到，编号")
    track = await first.page.locator("#asked a").get_attribute("href")

    moderator = await Person.arrive(browser, demo["desk"])
    card = moderator.page.locator("[data-column=pending] .desk-card", has_text=WORDS)
    await card.focus()
    await moderator.page.keyboard.press("p")
    await expect(second.page.locator("#question-list")).to_contain_text(WORDS)
    await second.page.locator("#question-list .question", has_text=WORDS).locator("[data-act=second]").click()
    await expect(moderator.page.locator("[data-column=published]")).to_contain_text("1 人附议")
    card = moderator.page.locator("[data-column=published] .desk-card", has_text=WORDS)
    await card.focus()
    await moderator.page.keyboard.press("q")
    card = moderator.page.locator("[data-column=queued] .desk-card", has_text=WORDS)
    await card.focus()
    await moderator.page.keyboard.press("o")
    await expect(first.page.locator("#on-air-text")).to_have_text(WORDS)
    await expect(deputy.page.locator("#now-text")).to_have_text(WORDS)
    await deputy.page.click("#answered")
    await expect(first.page.locator("#mine-list")).to_contain_text("代表已在直播")

    await deputy.page.click("#end")
    await deputy.page.click("#end-dialog button[value=yes]")
    await expect(first.page.locator("#holding-words")).to_contain_text("已经结束")

    office = await Person.arrive(browser, demo["office"])
    board = demo["room"] + "/outcomes"
    await office.page.goto(board)
    await office.page.click("button[value=archive]")
    await expect(office.page.locator("[role=alert]")).to_contain_text("还有提问没有去向")
    await office.page.check("input[name=question]")
    await office.page.click("#begin-suggestion summary")
    await office.page.fill("[name=title]", "关于停航提前一晚通知的建议")
    await office.page.click("button[value=draft]")
    await expect(office.page.locator("h1")).to_have_text("关于停航提前一晚通知的建议")
    matter = office.page.url
    await take(office.page, "offer", deputy="lin")
    await office.page.goto(board)
    await office.page.click("button[value=archive]")
    await expect(office.page.locator("main")).to_contain_text("已归档")

    await deputy.page.goto(matter)
    await take(deputy.page, "adopt", signature="林代表（示例）")
    await office.page.goto(matter)
    await take(office.page, "register", checklist="yes")
    due = (date.today() + timedelta(days=90)).isoformat()
    await take(office.page, "assign", unit="gangkou", due=due)
    unit = await Person.arrive(browser, demo["unit"])
    await unit.page.goto(matter)
    await take(unit.page, "accept")
    await unit.page.locator("#step-reply summary").click()
    await expect(unit.page.locator("#step-reply")).to_contain_text("请先与代表沟通")
    await take(unit.page, "contact", contact="电话沟通过。")
    await take(unit.page, "reply", **{"class": "A", "text": "已建立短信通知，提前 24 小时发送。"})
    await deputy.page.goto(matter)
    await take(deputy.page, "evaluate", attitude="satisfied", result="satisfied")

    assert track is not None
    await first.page.goto(demo["home"].rstrip("/") + track)
    await expect(first.page.locator("main")).to_contain_text(WORDS)
    await expect(first.page.locator("main")).to_contain_text("转为代表建议")
    await expect(first.page.locator("main .badge", has_text="待群众确认").first).to_be_visible()
    await expect(first.page.locator(".timeline")).to_contain_text(f"交港航事务中心（示例）办理，答复期限 {due}。")
    number = re.search(r"第 (\d{4}-\d{4}) 号", await first.page.locator("main").inner_text())
    assert number is not None
    await second.page.goto(demo["home"] + f"suggestions/{number[1]}")
    await expect(second.page.locator("main")).to_contain_text("提前 24 小时发送")
    for person in (deputy, first, second, moderator, office, unit):
        assert person.errors == []


async def test_two_moderators_see_each_others_work_at_once(demo: Demo, browser: Browser) -> None:
    desk = await Person.arrive(browser, demo["desk"])
    office = await Person.arrive(browser, demo["office"])
    await office.page.goto(demo["room"] + "/desk")
    viewer = await Person.arrive(browser, demo["room"], phone=True)
    await viewer.page.fill("#text", WORDS)
    await viewer.page.click("#send")
    for person in (desk, office):
        await expect(person.page.locator("[data-column=pending]")).to_contain_text(WORDS)
    await desk.page.locator("[data-column=pending] [data-act=refuse]").click()
    await expect(desk.page.locator("#refuse-dialog")).to_be_visible()
    await desk.page.keyboard.press("4")
    await desk.page.click("#refuse-dialog button[value=yes]")
    await expect(office.page.locator("[data-column=done]")).to_contain_text(WORDS)
    await expect(office.page.locator("#toasts")).to_contain_text("审核员周（示例） 没有公开")
    await expect(viewer.page.locator("#mine-list")).to_contain_text("与本场主题无关")


async def test_asking_seconding_withdrawing_and_tracking_work_without_javascript(demo: Demo, browser: Browser) -> None:
    context = await browser.new_context(
        java_script_enabled=False, viewport={"width": 320, "height": 700}, locale="zh-CN"
    )
    page = await context.new_page()
    await page.goto(demo["room"])
    await page.fill("#text", WORDS)
    await page.click("#send")
    await expect(page.locator(".note.good").first).to_contain_text("已收到，编号")
    await expect(page.locator("#mine-list")).to_contain_text("正在审核")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320

    neighbour, moderator = await Person.arrive(browser, demo["room"]), await Person.arrive(browser, demo["desk"])
    await ask(neighbour, *ASKED[1])
    for words in (WORDS, ASKED[1][0]):
        await key(moderator, "pending", words, "p")
    await page.goto(demo["room"])
    card = page.locator("#question-list .question", has_text=ASKED[1][0])
    await card.get_by_role("button").click()
    await expect(card.get_by_role("button")).to_have_text("1 已附议")
    await expect(page.locator("#question-list .question").first, "two stand in order").to_contain_text(ASKED[1][0])
    own = page.locator("#question-list .question", has_text=WORDS)
    await expect(own.get_by_role("button"), "nobody seconds their own question").to_have_count(0)

    await page.locator("#mine-list").get_by_role("link").click()
    await expect(page.locator("h1")).to_have_text(WORDS)
    await expect(page.locator("main")).to_contain_text("已公开，大家可以附议。")
    code = (await page.locator(".code").inner_text()).lower()
    await page.goto(demo["home"])
    await page.fill("#code", code)
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text(WORDS)

    await page.goto(demo["room"])
    await page.locator("#mine-list").get_by_role("button").click()
    await expect(page.locator("#mine-list")).to_contain_text("您已撤回这个提问。")


async def test_script_that_somebody_types_is_read_and_never_run(demo: Demo, browser: Browser) -> None:
    script = "<img src=x onerror='window.ran = 1'><script>window.ran = 1</script>"
    viewer = await Person.arrive(browser, demo["room"])
    await viewer.page.fill("#text", script)
    await viewer.page.check("#as [value=nickname]")
    await viewer.page.fill("#nickname", "<b onclick=1>")
    await viewer.page.click("#send")
    await expect(viewer.page.locator("#mine-list")).to_contain_text(script)
    desk = await Person.arrive(browser, demo["desk"])
    studio = await Person.arrive(browser, demo["studio"])
    await studio.page.click("#go-live")
    await expect(studio.page.locator("#state")).to_have_text("直播中")
    for column, letter in (("pending", "p"), ("published", "o")):
        await desk.page.locator(f"[data-column={column}] .desk-card", has_text="onerror").focus()
        await desk.page.keyboard.press(letter)
    await expect(viewer.page.locator("#on-air-text")).to_have_text(script)
    await expect(studio.page.locator("#now-text")).to_have_text(script)
    for person in (viewer, desk, studio):
        assert await person.page.evaluate("window.ran") is None
        assert await person.page.locator("main img[src=x]").count() == 0
