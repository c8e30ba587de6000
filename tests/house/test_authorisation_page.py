"""The page of who may call what is as the routes are, and no address is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from liveroom.server.rights import called, rights
from tests.support.every_route import every_definition

ROOT = Path(__file__).resolve().parent.parent.parent


def test_every_address_says_who_may_call_it_and_no_other_does() -> None:
    there = {called(r.method, r.path) for r in every_definition()}
    assert there == set(rights()), "liveroom/server/rights.py"


def test_the_page_is_as_the_routes_are() -> None:
    found = subprocess.run(
        [sys.executable, "scripts/authorisation.py"], cwd=ROOT, env={"PYTHONPATH": "."}, capture_output=True, text=True
    )
    assert found.returncode == 0, found.stderr
