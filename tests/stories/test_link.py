"""What the page says of its link, and how soon: refused, silent, back again."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.browser import Person
from tests.support.demo import Demo
from tests.support.link import Link

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
# When the words of the link change, in milliseconds of the machine's clock, which the test reads, too.
NOTE = """() => {
  window.said = [];
  const link = document.getElementById('link');
  const note = () => said.push([Date.now(), link.textContent]);
  new MutationObserver(note).observe(link, { childList: true, characterData: true, subtree: true });
}"""


async def first(page: Page, words: str) -> float:
    await page.wait_for_function("words => said.some(([, text]) => text === words)", arg=words)
    return float(await page.evaluate("words => said.find(([, text]) => text === words)[0]", words))


async def test_the_page_says_how_its_link_is_soon_after_it_changes(
    demo: Demo, browser: Browser, figures: list[str]
) -> None:
    link = await Link(demo.port).open()
    viewer = await Person.arrive(browser, demo["room"].replace(f":{demo.port}", f":{link.port}"), phone=True)
    page = viewer.page
    await expect(page.locator("#link")).to_have_text("网络正常")
    await page.evaluate(NOTE)
    began = float(await page.evaluate("Date.now()"))
    link.change("cut")
    cut = await first(page, "没有连上，正在重新连接") - began
    link.change("open")
    await first(page, "网络正常")
    await page.evaluate(NOTE)
    await page.fill("#text", "正在写")
    began = float(await page.evaluate("Date.now()"))
    link.change("silent")
    slow = await first(page, "网络较慢") - began
    lost = await first(page, "没有连上，正在重新连接") - began
    await expect(page.locator("#link")).to_have_text("没有连上，正在重新连接")
    link.change("open")
    link.hang_up()
    await expect(page.locator("#link")).to_have_text("网络正常")
    await page.evaluate(NOTE)
    began = float(await page.evaluate("Date.now()"))
    await page.evaluate("dispatchEvent(new Event('offline'))")
    told = await first(page, "没有连上，正在重新连接") - began
    # The browser was wrong: the server answers.
    await expect(page.locator("#link")).to_have_text("网络正常")
    figures.append(
        f"words of the link: {cut:.0f} ms after it was cut, {told:.0f} ms after the browser said so; "
        f"while somebody writes, silence is called slow after {slow / 1000:.1f} s and lost after {lost / 1000:.1f} s"
    )
    await link.close()
    assert viewer.errors == []
