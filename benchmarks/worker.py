"""A child process that obeys commands: one JSON line each way. Knows no media."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from benchmarks.machine import go_first

ROOT = Path(__file__).resolve().parent.parent
_LINE_LIMIT = 1 << 20


class Worker:
    """The parent's end: `await worker.ask("join", count=100)`."""

    def __init__(self, module: str, *, first: bool = False) -> None:
        """`first`: it shall not wait for other work, where the system allows that."""
        self._module = module
        self._first = first

    async def __aenter__(self) -> Worker:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", self._module),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            limit=_LINE_LIMIT,
            preexec_fn=go_first if self._first else None,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 5)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        """What the child answers; raises RuntimeError with its words when it could not do it."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the child has no pipes")
        stdin.write(json.dumps({"do": command, **arguments}).encode() + b"\n")
        line = await stdout.readline()
        if not line:
            raise RuntimeError(f"{self._module} ended")
        answer: dict[str, Any] = json.loads(line)
        if "failed" in answer:
            raise RuntimeError(f"{self._module}, {command}: {answer['failed']}")
        return answer


async def obey(commands: dict[str, Callable[..., Awaitable[dict[str, Any]]]]) -> None:
    """The child's end: until the parent closes the pipe."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        asked = json.loads(line)
        try:
            answer = await commands[asked.pop("do")](**asked)
        except Exception as error:
            answer = {"failed": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
