"""A process of ours that a test has started: killed, stopped, and what it wrote."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path
from typing import Any, BinaryIO


class Running:
    """`process` and the open `log` are set by whoever starts it."""

    process: subprocess.Popen[Any]
    log: BinaryIO

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
        return Path(self.log.name).read_text()
