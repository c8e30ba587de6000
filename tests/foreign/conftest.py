"""A site of another origin that serves the foreign clients, and the table of what they did."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
LEDGER = pytest.StashKey[list[tuple[str, str, str, int, int]]]()


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page and its clients out of node_modules, in a temporary folder."""
    node, esbuild = shutil.which("node"), ROOT / "node_modules" / ".bin" / "esbuild"
    if node is None or not esbuild.exists():
        pytest.skip("the foreign clients are not there: they need node 20 or later and `npm ci`")
    folder = tmp_path_factory.mktemp("foreign")
    shutil.copy(HERE / "page.html", folder)
    options = ("--bundle", "--format=esm", "--log-level=error", f"--outfile={folder / 'page.js'}")
    subprocess.run([str(esbuild), str(HERE / "page.js"), *options], check=True, cwd=ROOT)
    return folder


@pytest.fixture
async def site(bundle: Path) -> AsyncIterator[str]:
    """The address of the page: an origin that is not the server's."""
    app = web.Application()
    app.router.add_static("/", bundle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/page.html"
    await runner.cleanup()


@pytest.fixture
def ledger(request: pytest.FixtureRequest) -> list[tuple[str, str, str, int, int]]:
    """Rows of the table: publisher, viewer, what was special, pictures and frames of sound that the viewer decoded."""
    return request.config.stash.setdefault(LEDGER, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    rows = config.stash.get(LEDGER, [])
    if not rows:
        return
    terminalreporter.section("foreign clients: frames decoded by the viewer")
    head = ("publisher", "viewer", "what", "pictures", "sound (20 ms)")
    text = [head, *((publisher, viewer, what, str(p), str(s)) for publisher, viewer, what, p, s in rows)]
    widths = [max(len(row[column]) for row in text) for column in range(len(head))]
    for row in text:
        words = (cell.ljust(width) for cell, width in zip(row[:3], widths[:3], strict=True))
        figures = (cell.rjust(width) for cell, width in zip(row[3:], widths[3:], strict=True))
        terminalreporter.write_line("  ".join((*words, *figures)))
