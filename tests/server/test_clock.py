"""A machine's clock that is set right in the middle of a session: by five minutes, backwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.step_back import assert_kept, step_back


async def test_a_clock_that_steps_back_loses_nothing_and_claims_and_the_shield_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_kept(await step_back(tmp_path, monkeypatch, 20))
