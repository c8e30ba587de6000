"""A sign-in that ends while a page is open is told there, with the way back to the same page."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.browser import Person
from tests.support.demo import Demo

pytestmark = pytest.mark.browser


async def leads_back(page: Page) -> None:
    """The note's link goes to the sign-in page, which will return here."""
    path = urlsplit(page.url).path
    await page.locator("#signed-out a").click()
    await expect(page.locator("#main input[name=next]")).to_have_value(path)


async def test_a_desk_whose_sign_in_ends_says_so(demo: Demo, browser: Browser) -> None:
    desk = await Person.arrive(browser, demo["desk"])
    await expect(desk.page.locator("#link")).to_have_text("网络正常")
    elsewhere = await desk.context.new_page()
    await elsewhere.goto(demo["home"])
    await elsewhere.get_by_role("button", name="退出登录").click()
    # The server looks at open sockets every 20 seconds.
    await expect(desk.page.locator("#signed-out")).to_contain_text("您的登录已经结束", timeout=60_000)
    await expect(desk.page.locator("#link")).to_have_text("登录已结束")
    await leads_back(desk.page)
    assert desk.errors == []


async def test_a_studio_that_may_not_publish_any_more_says_so(demo: Demo, browser: Browser) -> None:
    deputy = await Person.arrive(browser, demo["studio"])
    await expect(deputy.page.locator("#go-live")).to_be_enabled()
    await deputy.context.clear_cookies()
    await deputy.page.click("#go-live")
    await expect(deputy.page.locator("#signed-out")).to_contain_text("您的登录已经结束")
    await leads_back(deputy.page)
    assert deputy.errors == []
