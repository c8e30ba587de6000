"""One file that holds a copy of the records and the contents of every attachment they name. Knows no row but theirs.

A tar archive (POSIX.1-2001, uncompressed: pictures and PDFs are compressed already). First the records, then what they
name, each file under its SHA-256; last the list of what was not there, so that a file that was cut off is known.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import secrets
import sqlite3
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from liveroom.errors import LiveroomError
from liveroom.storage.folder import DATABASE, FILES, make_private, make_private_folder

LACKING = "lacking.txt"
_CONTENT = re.compile(rf"{FILES}/([0-9a-f]{{2}})/(?P<digest>\1[0-9a-f]{{62}})\.[A-Za-z0-9_-]{{1,32}}")


@dataclass(frozen=True, slots=True)
class Named:
    """An attachment as the records name it; `carried` when a step of a matter took it along."""

    id: str
    digest: str
    carried: bool

    @property
    def place(self) -> str:
        return f"{self.digest[:2]}/{self.digest}.{self.id}"


def named(records: Path) -> list[Named]:
    """Every attachment that records name; none where they are of before there were attachments."""
    with contextlib.closing(sqlite3.connect(f"{records.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "attachments" not in tables:
            return []
        rows = connection.execute("SELECT id, digest, step FROM attachments ORDER BY id")
        return [Named(row[0], row[1], bool(row[2])) for row in rows]


def pack(records: Path, files: Path, archive: Path) -> list[str]:
    """Write the archive of records that nobody writes any more; the attachments that should be in it and are not.

    Those that no step took along may have been removed meanwhile. What is there but damaged is not there.
    """
    lacking = []
    with tarfile.open(archive, "w", format=tarfile.PAX_FORMAT) as packed:
        packed.add(records, DATABASE, filter=_plain)
        for attachment in named(records):
            content = _read(files / attachment.place, attachment.digest)
            if content is not None:
                _add(packed, f"{FILES}/{attachment.place}", content)
            elif attachment.carried:
                lacking.append(attachment.place)
        _add(packed, LACKING, "".join(f"{place}\n" for place in lacking).encode())
    return lacking


def is_archive(file: Path) -> bool:
    """Whether it is one; copies of before there were archives are the records alone."""
    return file.is_file() and tarfile.is_tarfile(file)


def unpack_records(archive: Path, target: Path) -> list[str]:
    """Read the whole archive, compare every file with its name, and write the records; what is lacking in it.

    Raises `LiveroomError` with a sentence when it is damaged, or is another archive than ours.
    """
    try:
        with tarfile.open(archive, "r:") as packed:
            members = iter(packed)
            first = next(members, None)
            if first is None or first.name != DATABASE or not first.isreg():
                raise LiveroomError(f"{archive} is no backup: it does not begin with {DATABASE}.")
            _copy_out(packed, first, target)
            last = first
            for last in members:
                if last.name != LACKING:
                    _content(packed, last, archive)
            if last.name != LACKING:
                raise LiveroomError(f"{archive} is damaged: its end is missing.")
            lacking = (packed.extractfile(last) or io.BytesIO()).read().decode().split()
    except (tarfile.TarError, OSError, EOFError) as error:
        raise LiveroomError(f"{archive} is damaged: {error}.") from error
    return lacking


def unpack_files(archive: Path, files: Path) -> int:
    """Put the contents where they are missing; those that are there never change. How many the archive holds.

    The archive was read as a whole before.
    """
    count = 0
    with tarfile.open(archive, "r:") as packed:
        for member in packed:
            if member.name in {DATABASE, LACKING}:
                continue
            place, content = _content(packed, member, archive)
            count += 1
            _keep(files / place, content)
    return count


def drop_lacking(records: Path, archive: Path) -> None:
    """Attachments that wait for a step and had gone by the time their turn came are not named any more."""
    with tarfile.open(archive, "r:") as packed:
        there = set(packed.getnames())
    gone = [(one.id,) for one in named(records) if not one.carried and f"{FILES}/{one.place}" not in there]
    with contextlib.closing(sqlite3.connect(records)) as connection, connection:
        connection.executemany("DELETE FROM attachments WHERE id = ? AND step = 0", gone)


def _content(packed: tarfile.TarFile, member: tarfile.TarInfo, archive: Path) -> tuple[str, bytes]:
    """The place and the content of a member, which is what its name says."""
    name = _CONTENT.fullmatch(member.name)
    if name is None or not member.isreg():
        raise LiveroomError(f"{archive} is no backup: it holds “{member.name}”.")
    file = packed.extractfile(member)
    content = file.read() if file else b""
    if hashlib.sha256(content).hexdigest() != name["digest"]:
        raise LiveroomError(f"{archive} is damaged: {member.name} is not what its name says.")
    return member.name.removeprefix(f"{FILES}/"), content


def _read(file: Path, digest: str) -> bytes | None:
    try:
        content = file.read_bytes()
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == digest else None


def _add(packed: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    packed.addfile(member, io.BytesIO(content))


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the names of this machine's people."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _copy_out(packed: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    file = packed.extractfile(member)
    with target.open("wb") as written:
        while file and (part := file.read(1 << 20)):
            written.write(part)


def _keep(place: Path, content: bytes) -> None:
    """On the disk when this returns, for the folder's user alone."""
    if place.is_file() and place.read_bytes() == content:
        return
    make_private_folder(place.parent.parent)
    make_private_folder(place.parent)
    with _fresh(place) as unfinished:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(place)


@contextlib.contextmanager
def _fresh(place: Path) -> Iterator[Path]:
    unfinished = place.with_name(f"{secrets.token_hex(8)}.partial")
    make_private(unfinished)
    try:
        yield unfinished
    finally:
        unfinished.unlink(missing_ok=True)
