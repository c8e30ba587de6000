"""`python -m tests.faults [name …]`: does the named faults, or all, to real servers and prints what it measured.

A fault is a function in `FAULTS` of a module of this package. It takes an empty folder, raises where a promise was
broken, and returns lines of figures, which come once more in one table at the end. Exit status 1 when one was.
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

from rich.console import Console
from rich.markup import escape
from rich.table import Table

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
    broken, table = 0, Table("fault", "what was measured", "seconds", show_lines=True)
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
        took = f"{time.monotonic() - began:.0f}"
        print(f"  ({took} s)", flush=True)
        table.add_row(name, escape("\n".join(lines)), took)
    Console(width=140).print(table)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
