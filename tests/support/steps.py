"""What people do again and again in the stories: ask, triage, look at a page's width."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.support.browser import Person

ASKED = [
    ("冬天风大停航，能不能提前一晚通知到村里？", "王阿婆", "西屿"),
    ("卫生院的药什么时候能在岛上直接拿？", "", "东屿"),
    ("码头的灯坏了三盏，晚上下船看不清。", "小林", "北礁"),
    ("学校冬天的热水够不够？", "", "西屿"),
]


async def sideways(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    width = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return int(width)


async def ask(person: Person, text: str, nickname: str = "", island: str = "") -> None:
    await person.page.fill("#text", text)
    if nickname:
        await person.page.check("#as [value=nickname]")
        await person.page.fill("#nickname", nickname)
    await person.page.fill("#island", island)
    await person.page.click("#send")
    # The acknowledgement of a question before stands there until this one's.
    await expect(person.page.locator("#mine-list")).to_contain_text(text)
    await expect(person.page.locator("#asked")).to_contain_text("已收到，编号")


async def key(moderator: Person, column: str, text: str, letter: str) -> None:
    """Press a key of the desk on a question; it leaves its column."""
    card = moderator.page.locator(f"[data-column={column}] .desk-card", has_text=text)
    await card.focus()
    await moderator.page.keyboard.press(letter)
    await expect(card).to_have_count(0)
