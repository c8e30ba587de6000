"""Fixtures that several folders share, and what a run tells at its end."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.support.browser import chromium
from tests.support.demo import Demo
from tests.support.evidence import EVIDENCE, FAILED, witnessed
from tests.support.postgres import PostgresServer

FIGURE = "figure"


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Lines with what a test measured, told at the end of the run: pytest hides what a test that passes prints."""
    lines: list[str] = []
    yield lines
    # With the report of the test they come from whatever process ran it.
    request.node.user_properties.extend((FIGURE, line) for line in lines)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    ended = [report for reports in terminalreporter.stats.values() for report in reports if _is_an_end(report)]
    for kind, title in ((FIGURE, "figures"), (EVIDENCE, "what pages showed when tests failed")):
        # A test that is run again carries what its first attempt said, too.
        lines = dict.fromkeys(line for report in ended for name, line in report.user_properties if name == kind)
        if lines:
            terminalreporter.section(title)
        for line in lines:
            terminalreporter.write_line(line)
    again = terminalreporter.stats.get("rerun", [])
    if again:
        terminalreporter.section("failed, and was run again: each is a bug to be worked on", yellow=True)
    for report in again:
        terminalreporter.write_line(report.nodeid, bold=True)
        terminalreporter.write_line(report.longreprtext)


def _is_an_end(report: object) -> bool:
    return isinstance(report, pytest.TestReport) and report.when == "teardown"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[FAILED] = (item.stash.get(FAILED, False) and report.when != "setup") or report.failed
    return report


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


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for all tests; each takes databases of its own."""
    server = PostgresServer()
    yield server
    server.close()


@pytest.fixture
async def browser(request: pytest.FixtureRequest) -> AsyncIterator[Browser]:
    async with chromium() as opened, witnessed(opened, request.node):
        yield opened
