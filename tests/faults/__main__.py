"""`python -m tests.faults [name …]`: does the named faults, or all, to real servers and prints what it measured.

A fault is a function in `FAULTS` of a module of this package. It takes an empty folder, raises where a promise was
broken, and returns lines of figures. Exit status 1 when one was.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import tests.faults

Fault = Callable[[Path], list[str]]


def faults() -> dict[str, Fault]:
    """All there are, in the order of their modules."""
    found: dict[str, Fault] = {}
    for module in pkgutil.iter_modules(tests.faults.__path__):
        if not module.name.startswith("_"):
            found |= importlib.import_module(f"tests.faults.{module.name}").FAULTS
    return found


def main(names: list[str]) -> int:
    known = faults()
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"unknown: {', '.join(unknown)}. There are: {', '.join(known)}.", file=sys.stderr)
        return 2
    broken = 0
    for name in names or known:
        print(f"— {name} …", flush=True)
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="liveroom-fault-") as folder:
            try:
                lines = known[name](Path(folder))
            except Exception:
                traceback.print_exc()
                lines, broken = ["NOT KEPT"], broken + 1
        for line in lines:
            print(f"  {line}")
        print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
