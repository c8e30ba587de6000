"""Puts this checkout on the path of its virtual environment, with the command `liveroom`."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
(Path(sysconfig.get_paths()["purelib"]) / "liveroom-checkout.pth").write_text(f"{ROOT}\n")
command = Path(sys.executable).parent / "liveroom"
command.write_text(f"#!{sys.executable}\nfrom liveroom.cli import main\n\nmain()\n")
command.chmod(0o755)
