"""Starts `liveroom demo --json` as a process of its own, as a script would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Demo:
    """A running demo. `addresses` is the line it printed."""

    data: Path
    options: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, Any] = field(default_factory=dict)

    def start(self, port: int = 0, udp_port: int = 0) -> Demo:
        self.log = (self.data.parent / f"{self.data.name}.log").open("ab")
        command = f"-m liveroom demo --host 127.0.0.1 --port {port} --udp-port {udp_port} --json --data".split()
        self.process = subprocess.Popen(
            [sys.executable, *command, str(self.data), *self.options],
            stdout=subprocess.PIPE,
            stderr=self.log,
            env=os.environ | {"LIVEROOM_ASK_PER_MINUTE": "6000"} | self.environment,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError((self.data.parent / f"{self.data.name}.log").read_text()[-4000:])
        self.addresses = json.loads(line)
        return self

    def __getitem__(self, name: str) -> str:
        return str(self.addresses[name])

    @property
    def port(self) -> int:
        return int(self["health"].rsplit(":", 1)[1].split("/")[0])

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.log.close()

    def stop(self) -> float:
        """SIGTERM; how many seconds the end took."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)
        self.log.close()
        return time.monotonic() - began

    def log_text(self) -> str:
        return (self.data.parent / f"{self.data.name}.log").read_text()
