"""A site of another origin that serves the foreign clients, and lines of what they did."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import web

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


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
def ledger(figures: list[str]) -> Iterator[list[tuple[str, str, str, int, int]]]:
    """Rows: publisher, viewer, what was special, pictures and frames of sound (20 ms) that the viewer decoded."""
    rows: list[tuple[str, str, str, int, int]] = []
    yield rows
    for publisher, viewer, what, pictures, sounds in rows:
        figures.append(f"{publisher:>26} → {viewer:<22} {pictures:>5} pictures {sounds:>5} × 20 ms of sound  {what}")
