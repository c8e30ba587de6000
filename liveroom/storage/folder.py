"""The data folder: nobody else reads it, one process serves it, one writes at a time. Knows no table."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import secrets
import stat
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from liveroom.errors import Unavailable

DATABASE = "liveroom.sqlite3"
VAULT_KEY = "vault.key"
"""Seals contacts. Not in the database: a copy of that alone says nothing about anybody."""

CODES = "codes"
"""Where codes go that no service carries."""

LETTERS = "letters"
"""Where letters to followers go that no service carries."""

FILES = "files"
"""Where contents of attachments are."""

RECORDINGS = "recordings"
"""Where broadcasts are recorded."""

PATIENCE = 10.0
"""Seconds to wait for another process that is writing."""

_LOOK_EVERY = 0.01


def prepare(folder: Path) -> Path:
    """Make folder and database file where they are missing, both for our user alone; the path of the database.

    What is there already is closed to others, too. A folder that holds other things than ours is left as it is: it may
    be somebody's home.
    """
    database = folder / DATABASE
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    if database.exists() or not any(folder.iterdir()):
        _close_to_others(folder, 0o700)
    if not database.exists():
        make_private(database)
    for file in files_of(database):
        if file.exists():
            _close_to_others(file, 0o600)
    return database


def files_of(database: Path) -> tuple[Path, Path, Path]:
    """The database, its write-ahead log and the index of that: SQLite gives new ones the mode of the first."""
    return database, database.with_name(database.name + "-wal"), database.with_name(database.name + "-shm")


def make_private(file: Path) -> None:
    """A new file for the folder's user alone: a command run by root must not leave one that the server may not open."""
    file.touch(mode=0o600)
    if os.geteuid() == 0:
        owner = file.parent.stat()
        os.chown(file, owner.st_uid, owner.st_gid)


def make_private_folder(folder: Path) -> None:
    """The same for a folder, unless it is there."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            owner = folder.parent.stat()
            os.chown(folder, owner.st_uid, owner.st_gid)


def vault_key(folder: Path) -> str:
    """The key of the vault, drawn once; the folder is made where the records are not in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / VAULT_KEY
    if not file.exists() or not file.stat().st_size:
        make_private(file)
        with file.open("w") as opened:
            opened.write(secrets.token_hex(32) + "\n")
            opened.flush()
            os.fsync(opened.fileno())
    return file.read_text().strip()


def _close_to_others(path: Path, mode: int) -> None:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        path.chmod(mode)


class FolderLock:
    """An exclusive lock between processes, kept on a file beside the database; it ends with its process, too."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def take(self) -> bool:
        """Whether the lock is ours now."""
        if self._file is None:
            make_private(self._path)
            self._file = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


class Turn:
    """Whose turn it is to write.

    SQLite before 3.51.3 can damage a write-ahead log that two connections write or checkpoint at the same instant.
    Each process writes through one connection; between processes this lock is held around every transaction.
    """

    def __init__(self, database: Path) -> None:
        self._lock = FolderLock(database.parent / "liveroom.writing")

    @contextlib.asynccontextmanager
    async def ours(self) -> AsyncIterator[None]:
        """Raises TimeoutError when another process does not let go."""
        until = time.monotonic() + PATIENCE
        while not self._lock.take():
            if time.monotonic() > until:
                raise TimeoutError
            await asyncio.sleep(_LOOK_EVERY)
        try:
            yield
        finally:
            self._lock.release()

    @contextlib.contextmanager
    def ours_in_thread(self) -> Iterator[None]:
        """The same where waiting may block."""
        until = time.monotonic() + PATIENCE
        while not self._lock.take():
            if time.monotonic() > until:
                raise Unavailable("another process is writing the database")
            time.sleep(_LOOK_EVERY)
        try:
            yield
        finally:
            self._lock.release()
            self._lock.close()

    def close(self) -> None:
        self._lock.close()


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[None]:
    """Held by the one process that serves the folder. Raises `Unavailable` when there is one already."""
    lock = FolderLock(folder / "liveroom.serving")
    if not lock.take():
        lock.close()
        raise Unavailable(f"{folder} is in use: a server is running with it")
    try:
        yield
    finally:
        lock.close()
