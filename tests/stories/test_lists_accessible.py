"""The pages of lists from files and of other programs, as axe-core judges them, with everything on them that can be."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.async_api import Browser

from tests.stories.test_accessible import AXE, Judge
from tests.support.browser import Person
from tests.support.demo import Demo

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


async def test_axe_finds_nothing_on_the_pages_of_lists_and_programs(
    demo: Demo, browser: Browser, tmp_path: Path
) -> None:
    judge = Judge(AXE.read_text())
    office = await Person.arrive(browser, demo["office"], phone=True)
    page = office.page
    await page.goto(urljoin(demo["home"], "/office/import"))
    await judge.look(page, "import", wide=True)
    for name, text in (("bad", "编号,名称\nS 1,站\n"), ("good", "编号,名称\nS1,东屿站\n")):
        file = tmp_path / f"{name}.csv"
        file.write_text(text)
        await page.goto(urljoin(demo["home"], "/office/import"))
        await page.check("[value=stations]")
        await page.set_input_files("#file", file)
        await page.locator("form[enctype] button").click()
        # What a form was answered cannot be loaded again in another language.
        await judge.look(page, f"import, {name}", ready="#checked", languages=("zh",), wide=True)
    await page.goto(urljoin(demo["home"], "/office/hooks"))
    await page.fill("#name", "政务服务平台")
    await page.fill("#url", "https://127.0.0.1:9/hook")
    await page.check("[value='matter.replied']")
    await page.locator("form[action='/office/hooks'] button").click()
    await judge.look(page, "hooks, made", ready=".note.good", languages=("zh",), wide=True)
    await page.goto(urljoin(demo["home"], "/office/hooks"))
    await judge.look(page, "hooks", wide=True)
    assert judge.found == []
    assert office.errors == []
