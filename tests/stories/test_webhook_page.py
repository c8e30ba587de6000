"""The office registers a program that is told, sends it a trial, and sees that it arrived."""

from __future__ import annotations

import os

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.browser import Person
from tests.support.demo import Demo
from tests.support.steps import sideways

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.mark.parametrize("phone", [True, False])
async def test_a_program_is_registered_and_what_became_of_a_trial_is_seen(
    demo: Demo, browser: Browser, phone: bool
) -> None:
    office = await Person.arrive(browser, demo["office"], phone=phone)
    page = office.page
    await page.click("text=通知其他系统")
    await page.fill("#name", "政务服务平台")
    await page.fill("#url", "https://127.0.0.1:9/hook")
    await page.check("[value='matter.replied']")
    await page.check("[value='matter.closed']")
    await page.get_by_role("button", name="登记", exact=True).click()
    await expect(page.locator("[role=status]")).to_contain_text("whsec_")
    assert await sideways(page) <= 0
    await _picture(page, "made", phone)
    await page.click("text=试发一条")
    await expect(page.locator("[role=status]")).to_have_count(0)
    await page.reload()
    # An address of the house: the guard says so, and nothing was sent.
    for _ in range(100):
        if await page.locator("summary .badge.alarm").count():
            break
        await page.wait_for_timeout(200)
        await page.reload()
    await page.click("summary:has-text('最近')")
    await expect(page.locator("main")).to_contain_text("地址指向内网，没有发送")
    await page.set_viewport_size({"width": 320, "height": 700})
    assert await sideways(page) <= 0
    await _picture(page, "tried", phone)
    assert office.errors == []


async def _picture(page: Page, name: str, phone: bool) -> None:
    if folder := os.environ.get("PICTURES"):
        await page.screenshot(path=f"{folder}/hook-{name}-{'phone' if phone else 'desktop'}.png", full_page=True)
