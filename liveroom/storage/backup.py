"""Copies of records and attachments: made while they are served, put back while they are not.

Knows no row but the epoch.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from liveroom.errors import LiveroomError
from liveroom.storage import archive
from liveroom.storage.folder import Turn, files_of, make_private
from liveroom.storage.migrate import upgrade


@dataclass(frozen=True, slots=True)
class Restored:
    """Where the records of before are now, if there were any; how many attachments came; places of those that did not.

    `files` is None for a copy of the records alone.
    """

    aside: Path | None
    files: int | None
    lacking: Sequence[str] = ()


def back_up(database: Path, files: Path, target: Path) -> Sequence[str]:
    """Copy the records as they are at one moment into a new file, and the attachments they name; writing goes on
    meanwhile. The places of attachments that should be in it and are not there, or damaged.

    Raises `LiveroomError` with a sentence; then there is no file.
    """
    if target.exists():
        raise LiveroomError(f"{target} is there already: choose another name.")
    with _unfinished(target) as partial, _unfinished(target.with_name(f"{target.name}.records")) as records:
        _copy(database, records)
        # What the records name does not change any more, whatever is added meanwhile.
        lacking = archive.pack(records, files, partial)
        _keep(partial)
        partial.replace(target)
    _keep(target.parent)
    return lacking


def restore(copy: Path, database: Path, files: Path, epoch: str, put_aside: str) -> Restored:
    """Put a copy in the place of the records, and its attachments beside those that are there. The caller has made
    sure that nobody serves them.

    `epoch` tells open pages that what they have seen is of another set of records. Records that were there stay beside
    under a name that ends with `put_aside`. Raises `LiveroomError` with a sentence; then nothing has changed.
    """
    kept: int | None = None
    lacking: Sequence[str] = ()
    with _unfinished(database) as partial, _unfinished(database.with_name(f"{database.name}.records")) as records:
        if archive.is_archive(copy):
            lacking = archive.unpack_records(copy, records)
            _copy(records, partial)
            archive.drop_lacking(partial, copy)
        else:
            _copy(copy, partial)
        upgrade(partial)
        _renew(partial, epoch, copy)
        if archive.is_archive(copy):
            # Before the records that name them: what nobody names yet harms nobody.
            kept = archive.unpack_files(copy, files)
        with Turn(database).ours_in_thread():
            before = _put_aside(database, put_aside) if database.exists() and database.stat().st_size else None
            for left in files_of(database)[1:]:
                left.unlink(missing_ok=True)
            partial.replace(database)
    _keep(database.parent)
    return Restored(before, kept, lacking)


@contextlib.contextmanager
def _unfinished(target: Path) -> Iterator[Path]:
    """A private file beside the target, gone afterwards unless it took the target's place."""
    partial = target.with_name(target.name + ".partial")
    for file in files_of(partial):
        file.unlink(missing_ok=True)
    make_private(partial)
    try:
        yield partial
    finally:
        for file in files_of(partial):
            file.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    """One consistent, checked file without a log of its own."""
    if not source.is_file():
        raise LiveroomError(f"There is no file {source}.")
    try:
        with (
            contextlib.closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as reading,
            contextlib.closing(sqlite3.connect(target)) as writing,
        ):
            # A copy of a file that is no database would be an empty one.
            reading.execute("SELECT version_num FROM alembic_version").fetchone()
            reading.backup(writing)
            writing.execute("PRAGMA journal_mode = DELETE")
            found = writing.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        raise LiveroomError(f"{source} cannot be copied: {error}.") from error
    if found != "ok":
        raise LiveroomError(f"{source} is damaged: {found}.")
    _keep(target)


def _renew(database: Path, epoch: str, copy: Path) -> None:
    try:
        with contextlib.closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('epoch', ?)", (epoch,))
    except sqlite3.Error as error:
        raise LiveroomError(f"{copy} cannot be used: {error}.") from error


def _put_aside(database: Path, suffix: str) -> Path:
    aside = database.with_name(database.name + suffix)
    for file, name in zip(files_of(database)[:2], files_of(aside)[:2], strict=True):
        if file.exists():
            file.rename(name)
    return aside


def _keep(path: Path) -> None:
    """Onto the disk, not only into its cache."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
