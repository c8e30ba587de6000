"""Starts `liveroom demo --json` as a process of its own, as a script would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.running import Running


@dataclass
class Demo(Running):
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
