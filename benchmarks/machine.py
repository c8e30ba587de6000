"""What a process has used, and what machine this is. Reads /proc and asks nobody."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import platform
import re
import resource
import subprocess
from dataclasses import dataclass
from pathlib import Path

from liveroom.media.native import binding
from liveroom.media.port import UdpPort

_PRIORITY = -10
_TICK = os.sysconf("SC_CLK_TCK")
_LIBRARIES = ("aiohttp", "aiortc", "cryptography", "uvloop")


@dataclass(frozen=True)
class Used:
    """Seconds of CPU in user and kernel mode since the process began, KiB of resident memory now.

    `waited`: seconds for which its main thread was ready and had no core (proc(5), schedstat).
    """

    user: float
    system: float
    resident: int
    waited: float

    @property
    def cpu(self) -> float:
        return self.user + self.system


def used(pid: int) -> Used:
    """All threads of a process, also those that have ended (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    status = Path(f"/proc/{pid}/status").read_text()
    resident = re.search(r"VmRSS:\s+(\d+) kB", status)
    waited = int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    return Used(int(fields[11]) / _TICK, int(fields[12]) / _TICK, int(resident[1]) if resident else 0, waited)


def go_first() -> None:
    """In a child before it starts: ahead of other work, where the system lets us (root, or a limit of nice)."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, _PRIORITY)
        # Where sessions share the cores (sched(7), autogroup), nice counts only within one: make our own, and raise it.
        os.setsid()
        Path("/proc/self/autogroup").write_text(str(_PRIORITY))


def _may_go_first() -> bool:
    lowest, _ = resource.getrlimit(resource.RLIMIT_NICE)
    return os.geteuid() == 0 or 20 - lowest <= _PRIORITY


def facts() -> list[tuple[str, str]]:
    """Lines for the foot of the table."""
    versions = {name: _version(name) for name in _LIBRARIES}
    return [
        ("machine", f"{_cpu_model()}, {os.cpu_count()} cores, Linux {platform.release()}"),
        ("load", " ".join(f"{load:.2f}" for load in os.getloadavg()) + " (1, 5, 15 minutes, before the run)"),
        ("priority", f"servers and publisher {'ahead of' if _may_go_first() else 'among'} other work"),
        ("UDP GSO", "yes" if _segments() else "no"),
        ("sealing", _sealing()),
        ("Python", platform.python_version()),
        ("libraries", ", ".join(f"{name} {version}" for name, version in versions.items() if version)),
        ("liveroom", _commit()),
    ]


def _segments() -> bool:
    """Whether the server's port would send several packets in one call."""
    port = UdpPort.bind("127.0.0.1", 0)
    port.sock.close()
    return port.segments


def _sealing() -> str:
    if os.environ.get("LIVEROOM_NATIVE", "1") == "0":
        return "in Python, as it was set"
    try:
        binding.load()
    except binding.Unavailable as unavailable:
        return f"in Python: {unavailable}"
    return "in compiled code"


def _cpu_model() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _commit() -> str:
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
        check=False,
    )
    return described.stdout.strip() or "unknown"
