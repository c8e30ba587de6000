"""SECURITY.md names a test for each defence: they are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_every_test_that_the_security_page_names_exists() -> None:
    page = (ROOT / "SECURITY.md").read_text()
    there = set(re.findall(r"def (test_\w+)", "".join(path.read_text() for path in (ROOT / "tests").rglob("*.py"))))
    named = set(re.findall(r"`(test_\w+)`", page))
    assert len(named) > 20
    assert named - there == set()


def test_every_defence_names_a_test() -> None:
    page = (ROOT / "SECURITY.md").read_text().split("## What is defended")[1].split("## What is not defended")[0]
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| threat")]
    assert rows
    assert [row for row in rows if "`test_" not in row] == []
