"""Several processes on one TCP port: starts them, starts a dead one again, ends all. Knows nothing of what they serve.

The kernel spreads connections over the processes that listen (SO_REUSEPORT); the supervisor holds the port without
listening, so that nobody else takes it while they come and go.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence

import structlog

log = structlog.get_logger()

STEADY_SECONDS = 60.0
"""A process that lived this long was no failed start, on a busy machine either."""

PAUSES = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds before a dead process is started again: first, and after each failed start in a row."""

DRAIN_SECONDS = 15.0
"""Time to end by themselves; after it they are killed."""

CANNOT = 2
"""Exit status of a process that has said why it cannot serve."""


def hold_port(host: str, port: int) -> socket.socket:
    """The port, bound for all our processes and listened to by none. Raises OSError when somebody else has it."""
    with socket.socket() as alone:
        # Without SO_REUSEPORT this fails also where another supervisor of the same user is.
        alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        alone.bind((host, port))
        port = alone.getsockname()[1]
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    held.bind((host, port))
    return held


class Workers:
    """A number of processes that are meant to be there."""

    def __init__(self, count: int, command: Callable[[int], Sequence[str]]) -> None:
        """`command` gives the arguments of Python for the process of a number, from 1."""
        self._count = count
        self._command = command
        self._running: dict[int, asyncio.subprocess.Process] = {}
        self._stopping = asyncio.Event()
        self._status = 0

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> int:
        """Until `stop`, or until a process says at its first start that it cannot serve; the exit status for ours."""
        keeping = [asyncio.create_task(self._keep(number)) for number in range(1, self._count + 1)]
        await self._stopping.wait()
        for process in self._running.values():
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        _, late = await asyncio.wait(keeping, timeout=DRAIN_SECONDS)
        if late:
            for process in self._running.values():
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
            await asyncio.wait(late)
        return self._status

    async def _keep(self, number: int) -> None:
        failures, settled = 0, False
        while not self._stopping.is_set():
            began = time.monotonic()
            # They end when their end of the pipe does: nobody is left behind when this process is killed.
            process = await asyncio.create_subprocess_exec(
                sys.executable, *self._command(number), stdin=asyncio.subprocess.PIPE
            )
            self._running[number] = process
            log.info("worker_started", worker=number, pid=process.pid)
            status = await process.wait()
            del self._running[number]
            if self._stopping.is_set():
                return
            steady = time.monotonic() - began >= STEADY_SECONDS
            settled = settled or steady or status != CANNOT
            if not settled:
                self._status = CANNOT
                self.stop()
                return
            log.error("worker_ended", worker=number, status=status)
            failures = 0 if steady else failures + 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), PAUSES[min(failures, len(PAUSES) - 1)])


async def supervise(count: int, command: Callable[[int], Sequence[str]]) -> int:
    """Run the processes until SIGTERM or SIGINT; the exit status."""
    workers, loop = Workers(count, command), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, workers.stop)
    return await workers.run()


def when_left_alone(act: Callable[[], None]) -> None:
    """In a worker: call `act` when the supervisor is gone."""
    loop = asyncio.get_running_loop()

    def look() -> None:
        if not os.read(sys.stdin.fileno(), 1):
            loop.remove_reader(sys.stdin.fileno())
            act()

    loop.add_reader(sys.stdin.fileno(), look)
