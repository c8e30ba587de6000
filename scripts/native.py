"""Compiles liveroom/media/native/sealing.c, by the machine's compiler or by one that is fetched and thrown away again.

Never fails: where nothing compiles, packets are sealed in Python, and the server says so when it starts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from liveroom.media.native.place import SOURCE, compiled  # noqa: E402 - this checkout's, whatever else is installed

FLAGS = ["-std=c11", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC", "-fstack-protector-strong"]


def compilers(folder: Path) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Commands, with what they need in the environment; the last is fetched into `folder` only when it is its turn."""
    for name in (os.environ.get("CC", ""), "cc", "gcc", "clang"):
        if name and shutil.which(name):
            yield [name], {}
    print("liveroom: fetching a C compiler (once, 100 MB, removed again)", flush=True)
    install = f"-m pip install --quiet --disable-pip-version-check --require-hashes --target {folder / 'ziglang'} -r"
    fetched = subprocess.run([sys.executable, *install.split(), ROOT / "requirements-compiler.lock"], check=False)
    if fetched.returncode == 0:
        caches = {f"ZIG_{name}_CACHE_DIR": str(folder / "cache") for name in ("GLOBAL", "LOCAL")}
        command = [sys.executable, "-m", "ziglang", "cc", "-mcpu=baseline"]
        yield command, caches | {"PYTHONPATH": str(folder / "ziglang")}


def build(target: Path, folder: Path) -> bool:
    """Whether one of the compilers could. The file appears when it is whole."""
    made = folder / target.name
    for command, environment in compilers(folder):
        result = subprocess.run(
            [*command, *FLAGS, "-o", made, SOURCE],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode == 0:
            beside = target.with_suffix(".new")
            shutil.copyfile(made, beside)
            with beside.open("rb") as written:
                os.fsync(written.fileno())  # half a library would end the process that loads it
            beside.replace(target)
            return True
        print(f"liveroom: {' '.join(command)} could not compile {SOURCE.name}\n{result.stderr[-800:]}", flush=True)
    return False


def main() -> None:
    target = compiled()
    if target.exists():
        return
    for outdated in target.parent.glob("sealing-*.so"):
        outdated.unlink()
    try:
        with tempfile.TemporaryDirectory(prefix="liveroom-compiler-") as folder:
            done = sys.platform == "linux" and build(target, Path(folder))
    except OSError as error:
        print(f"liveroom: {error}")
        done = False
    if not done:
        print("liveroom: nothing was compiled; it works all the same, each viewer costs about twice the CPU")


if __name__ == "__main__":
    main()
