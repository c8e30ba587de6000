"""What a browser test that failed saw: a picture of every page that is open, and what the pages' consoles said."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Error

FOLDER = Path(__file__).resolve().parents[1] / ".out" / "failures"
FAILED = pytest.StashKey[bool]()
"""Whether the test that is ending has failed."""
EVIDENCE = "evidence"


@contextlib.asynccontextmanager
async def witnessed(browser: Browser, item: pytest.Item) -> AsyncIterator[Browser]:
    """A browser for a test, whose failure leaves its evidence."""
    witness = Witness(browser)
    yield browser
    if item.stash.get(FAILED, False):
        await witness.testify(item)


class Witness:
    """Listens to the consoles of a browser from its first page on."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.lines: list[str] = []
        browser.on("context", self._hear)

    def _hear(self, context: BrowserContext) -> None:
        context.on("console", lambda said: self.lines.append(f"{said.type}: {said.text}"))
        context.on("weberror", lambda thrown: self.lines.append(f"thrown: {thrown.error}"))

    async def testify(self, item: pytest.Item) -> None:
        """Leave everything in a folder; the end of the run tells of it, and of what the consoles said last."""
        # A test that is run again has failed once more at its second attempt.
        attempt = getattr(item, "execution_count", 1)
        folder = FOLDER / f"{re.sub(r'[^0-9A-Za-z]+', '-', item.nodeid).strip('-')}-{attempt}"
        folder.mkdir(parents=True, exist_ok=True)
        pages = [page for context in self.browser.contexts for page in context.pages]
        shown = [f"page-{number}.png shows {page.url}" for number, page in enumerate(pages, 1)]
        (folder / "console.txt").write_text("\n".join([*shown, "", *self.lines, ""]))
        for number, page in enumerate(pages, 1):
            # A page that crashed has no picture.
            with contextlib.suppress(Error):
                await page.screenshot(path=folder / f"page-{number}.png", timeout=10_000)
        item.user_properties.append((EVIDENCE, "\n  ".join([str(folder), *shown, *self.lines[-20:]])))
