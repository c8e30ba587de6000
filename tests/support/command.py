"""The program as an operator types it."""

from __future__ import annotations

import os
import subprocess
import sys


def liveroom(*arguments: str, typed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "liveroom", *arguments],
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"COLUMNS": "250"} | environment,
    )
