"""Fixtures that several folders share."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.support.browser import chromium
from tests.support.demo import Demo

FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> list[str]:
    """Lines with what tests measured, told at the end of the run: pytest hides what a test that passes prints."""
    return request.config.stash.setdefault(FIGURES, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    lines = config.stash.get(FIGURES, [])
    if lines:
        terminalreporter.section("figures")
    for line in lines:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a demo that was started and stopped: to furnish takes longer than most stories."""
    data = tmp_path_factory.mktemp("furnished") / "data"
    Demo(data).start().stop()
    return data


@pytest.fixture
def demo(tmp_path: Path, furnished: Path) -> Iterator[Demo]:
    """A fresh demo of its own."""
    shutil.copytree(furnished, tmp_path / "data")
    running = Demo(tmp_path / "data").start()
    yield running
    running.stop()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as opened:
        yield opened
