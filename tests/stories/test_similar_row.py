"""Similar questions under the asking field, in Chromium on a phone: shown, seconded, never in the way."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.stories.test_screenshots import FOLDER
from tests.support.browser import DESKTOP, PHONE, Person
from tests.support.demo import Demo
from tests.support.steps import ask, key, sideways

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
CARD = ".similar-card"
FERRY = "冬天风大停航，能不能提前一晚通知到村里？"


async def top_of(page: Page, selector: str) -> float:
    return float(await page.locator(selector).evaluate("node => node.getBoundingClientRect().top + scrollY"))


async def picture(page: Page, name: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for suffix, size in (("phone", PHONE), ("desktop", DESKTOP)):
        await page.set_viewport_size({"width": size["width"], "height": size["height"]})
        assert await sideways(page) <= 0
        await page.locator("#text").scroll_into_view_if_needed()
        await page.screenshot(path=FOLDER / f"{name}-{suffix}.png", animations="disabled")
    await page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})


SEEN_AFTER = """text => new Promise((seen) => {
  const field = document.getElementById('text');
  field.value = text;
  const began = performance.now();
  const there = () => document.querySelector('.similar-card');
  const look = () => there() ? seen(performance.now() - began) : requestAnimationFrame(look);
  field.dispatchEvent(new Event('input'));
  look();
})"""


async def test_who_types_sees_what_was_answered_and_seconds_instead(
    demo: Demo, browser: Browser, figures: list[str]
) -> None:
    other, moderator = await Person.arrive(browser, demo["room"]), await Person.arrive(browser, demo["desk"])
    await ask(other, FERRY, "王阿婆", "西屿")
    await key(moderator, "pending", FERRY, "p")
    person = await Person.arrive(browser, demo["room"], phone=True)
    page = person.page
    await expect(page.locator("#question-list")).to_contain_text(FERRY)
    await page.locator("#text").press_sequentially("停航")
    await expect(page.locator(".similar")).to_be_visible()
    before = await top_of(page, "#send")
    await page.locator("#text").press_sequentially("提前通知", delay=40)
    cards = page.locator(CARD)
    await expect(cards).to_have_count(3)
    assert await top_of(page, "#send") == before, "what a finger is about to touch has moved"
    await expect(cards.filter(has_text="台风天停航")).to_contain_text("已在 00:")
    await expect(page.locator("p.unseen[aria-live]", has_text="找到 3 条相近的提问")).to_have_count(1)
    await picture(page, "similar")

    mine = cards.filter(has_text=FERRY)
    await mine.get_by_role("button").focus()
    await page.keyboard.press("Enter")
    await expect(mine.get_by_role("button")).to_have_attribute("aria-pressed", "true")
    await expect(mine.get_by_role("button")).to_contain_text("1")
    async with page.expect_popup() as opened:
        await cards.filter(has_text="台风天停航").get_by_role("link").click()
    answer = await opened.value
    await expect(answer.locator(".question:target")).to_contain_text("台风天停航")
    await picture_of_session(answer)
    await answer.close()
    assert await page.input_value("#text") == "停航提前通知"

    taken = []
    for _ in range(9):
        await page.fill("#text", "")
        await expect(page.locator(".similar")).to_be_hidden()
        taken.append(await page.evaluate(SEEN_AFTER, FERRY))
    figures.append(f"similar questions: seen {sorted(taken)[4]:.0f} ms after the last letter, the median of 9")
    await page.fill("#text", "夜里回岛的船能加一班吗")
    await expect(cards.first).to_contain_text("正在办理：建议")
    await page.click("#send")
    await expect(page.locator("#asked")).to_contain_text("已收到，编号")
    await expect(page.locator(".similar")).to_be_hidden()
    assert person.errors == []


async def picture_of_session(page: Page) -> None:
    await page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    assert await sideways(page) <= 0
    await page.screenshot(path=FOLDER / "session-phone.png", animations="disabled")


async def test_nothing_is_asked_while_an_input_method_composes(demo: Demo, browser: Browser) -> None:
    person = await Person.arrive(browser, demo["room"], phone=True)
    page = person.page
    await expect(page.locator("#link")).to_have_text("网络正常")
    sent: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(str(frame))))
    await page.reload()
    await expect(page.locator("#link")).to_have_text("网络正常")
    await page.focus("#text")
    keyboard = await person.context.new_cdp_session(page)
    await keyboard.send("Input.imeSetComposition", {"text": "ting'hang", "selectionStart": 9, "selectionEnd": 9})
    await page.wait_for_function("document.getElementById('text').value === \"ting'hang\"")
    await keyboard.send("Input.insertText", {"text": "停航通知"})
    await expect(page.locator(CARD).first).to_be_visible()
    assert not [frame for frame in sent if "ting" in frame]
    assert person.errors == []


async def test_without_a_link_the_page_looks_by_itself_and_sending_waits_for_nothing(
    demo: Demo, browser: Browser
) -> None:
    other, moderator = await Person.arrive(browser, demo["room"]), await Person.arrive(browser, demo["desk"])
    await ask(other, FERRY)
    await key(moderator, "pending", FERRY, "p")
    person = await Person.arrive(browser, demo["room"], phone=True)
    page = person.page
    await expect(page.locator("#question-list")).to_contain_text(FERRY)
    await person.context.set_offline(True)
    await expect(page.locator("#link")).to_have_text("没有连上，正在重新连接")
    await page.fill("#text", "停航提前一晚通知")
    await expect(page.locator(CARD)).to_contain_text([FERRY])
    await page.click("#send")
    await expect(page.locator("#text")).to_have_value("")
    await expect(page.locator(".similar")).to_be_hidden()
    await person.context.set_offline(False)
    await expect(page.locator("#mine-list")).to_contain_text("停航提前一晚通知")
    assert person.errors == []


async def test_without_scripts_there_is_no_row(demo: Demo, browser: Browser) -> None:
    context = await browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = await context.new_page()
    await page.goto(demo["room"])
    await expect(page.locator("#text")).to_be_visible()
    await expect(page.locator(".similar")).to_have_count(0)
    await context.close()
