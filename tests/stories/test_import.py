"""The office imports a list that Excel saved: sees what is wrong, mends it, imports it, without any script of ours."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.browser import Person
from tests.support.demo import Demo
from tests.support.steps import sideways

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
GOOD = (
    "编号,名称,乡镇,地址,辖区\r\n"
    "S01,东屿代表联络站,东屿镇,码头路 3 号,东屿村、北礁村\r\n"
    "S02,西屿代表联络站,西屿镇,渔港街 18 号,西屿村\r\n"
)


@pytest.mark.parametrize("phone", [True, False])
async def test_a_list_is_checked_mended_and_imported(demo: Demo, browser: Browser, tmp_path: Path, phone: bool) -> None:
    office = await Person.arrive(browser, demo["office"], phone=phone)
    page = office.page
    await page.click("text=导入名单")
    file = tmp_path / "站点.csv"
    file.write_bytes(GOOD.replace("S02", "").replace("东屿代表联络站", "").encode("gb18030"))
    await page.check("[name=kind][value=stations]")
    await page.set_input_files("#file", file)
    await page.click("text=检查（不会导入）")
    await expect(page.locator("[role=alert]")).to_contain_text("有 2 处要改")
    await expect(page.locator("tbody tr").first).to_contain_text("名称")
    assert await sideways(page) <= 0
    await _picture(page, "bad", phone)
    file.write_bytes(GOOD.encode("gb18030"))
    await expect(page.locator("[name=kind][value=stations]")).to_be_checked()
    await page.set_input_files("#file", file)
    await page.click("text=检查（不会导入）")
    await expect(page.locator("tbody tr")).to_have_count(2)
    assert await sideways(page) <= 0
    await _picture(page, "good", phone)
    await page.get_by_role("button", name="导入", exact=True).click()
    await expect(page.locator(".note.good")).to_have_text("代表联络站：已导入，2 处有变化。")
    await page.set_viewport_size({"width": 320, "height": 700})
    assert await sideways(page) <= 0
    await _picture(page, "done", phone)
    assert office.errors == []


async def _picture(page: Page, name: str, phone: bool) -> None:
    if folder := os.environ.get("PICTURES"):
        await page.screenshot(path=f"{folder}/import-{name}-{'phone' if phone else 'desktop'}.png", full_page=True)
