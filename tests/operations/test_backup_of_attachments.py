"""A copy holds the attachments that its records name: the same bytes, under the same names, or a clear answer."""

from __future__ import annotations

import hashlib
import io
import shutil
import sqlite3
import stat
import tarfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from liveroom.errors import LiveroomError
from liveroom.matters.enclosures import Attachment, FileKind
from liveroom.storage import archive
from liveroom.storage.attachments import Contents, SqlAttachments
from liveroom.storage.backup import back_up, restore
from liveroom.storage.folder import DATABASE, FILES
from liveroom.storage.migrate import upgrade
from liveroom.storage.sqlite import SqliteDatabase
from tests.support.command import liveroom

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Kept:
    """A data folder with two attachments that steps took along, and one that waits."""

    data: Path
    attachments: tuple[Attachment, ...]
    contents: tuple[bytes, ...]

    @property
    def database(self) -> Path:
        return self.data / DATABASE

    @property
    def files(self) -> Path:
        return self.data / FILES

    def place(self, number: int) -> Path:
        return Contents(self.files).place(self.attachments[number])


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    upgrade(data / DATABASE)
    contents = (b"picture" * 1000, b"document", b"waits")
    attachments = tuple(
        Attachment(
            f"a{n}", "m", FileKind.PDF, hashlib.sha256(c).hexdigest(), len(c), 0, 0, "", "unit:u", "u", NOW, step
        )
        for n, (c, step) in enumerate(zip(contents, (3, 4, 0), strict=True))
    )
    for attachment, content in zip(attachments, contents, strict=True):
        Contents(data / FILES).keep(attachment, content)
    with closing(sqlite3.connect(data / DATABASE)) as connection, connection:
        for a in attachments:
            connection.execute(
                "INSERT INTO attachments (id, matter, kind, digest, size, width, height, caption, party, by, at, step)"
                " VALUES (?, ?, ?, ?, ?, 0, 0, '', ?, ?, ?, ?)",
                (a.id, a.matter, a.kind.value, a.digest, a.size, a.party, a.by, "2026-03-01 12:00:00", a.step),
            )
    return Kept(data, attachments, contents)


def put_back(copy: Path, data: Path) -> object:
    data.mkdir(mode=0o700, exist_ok=True)
    return restore(copy, data / DATABASE, data / FILES, "epoch", ".before")


async def test_what_is_put_back_is_read_as_it_was(kept: Kept, tmp_path: Path) -> None:
    copy, fresh = tmp_path / "copy.tar", tmp_path / "fresh"
    made = liveroom("backup", str(copy), "--data", str(kept.data))
    assert (made.returncode, made.stderr) == (0, "")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with tarfile.open(copy) as packed:
        names = packed.getnames()
    assert names[0] == DATABASE, "the records come first"
    assert len(names) == 5
    shutil.rmtree(kept.data)
    back = liveroom("restore", str(copy), "--data", str(fresh))
    assert (back.returncode, back.stderr) == (0, "")
    database = SqliteDatabase(fresh / DATABASE)
    there = SqlAttachments(database, fresh / FILES)
    for attachment, content in zip(kept.attachments, kept.contents, strict=True):
        found = await there.get(attachment.id)
        assert found is not None
        assert await there.content(found) == content
    await database.close()
    for path in (fresh / FILES).rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert list(fresh.rglob("*.partial*")) == []


def test_what_was_removed_while_the_copy_was_made_is_not_named_and_what_is_missing_is_told(
    kept: Kept, tmp_path: Path
) -> None:
    kept.place(2).unlink()
    kept.place(1).write_bytes(b"damaged!")
    copy, fresh = tmp_path / "copy.tar", tmp_path / "fresh"
    made = liveroom("backup", str(copy), "--data", str(kept.data))
    assert (made.returncode, "1 attachments are missing or damaged" in made.stderr.replace("\n", " ")) == (2, True)
    back = liveroom("restore", str(copy), "--data", str(fresh))
    assert (back.returncode, kept.place(1).name in back.stderr.replace("\n", "")) == (2, True)
    assert [one.id for one in archive.named(fresh / DATABASE)] == ["a0", "a1"], "what a step names stays named"
    found = [path.read_bytes() for path in (fresh / FILES).rglob("*") if path.is_file()]
    assert found == [kept.contents[0]]


def test_files_that_are_there_stay_and_a_file_of_another_content_is_put_right(kept: Kept, tmp_path: Path) -> None:
    copy = tmp_path / "copy.tar"
    assert back_up(kept.database, kept.files, copy) == []
    newer = kept.files / "ab" / f"ab{'0' * 62}.newer"
    newer.parent.mkdir(exist_ok=True)
    newer.write_bytes(b"of after the copy")
    kept.place(0).write_bytes(b"damaged")
    put_back(copy, kept.data)
    assert newer.read_bytes() == b"of after the copy"
    assert kept.place(0).read_bytes() == kept.contents[0]


def other_content(copy: Path) -> None:
    data = copy.read_bytes()
    at = data.index(b"picturepicture")
    copy.write_bytes(data[:at] + b"forgery" + data[at + 7 :])


def cut_off(copy: Path) -> None:
    with tarfile.open(copy) as packed:
        last = packed.getmembers()[-1]
    copy.write_bytes(copy.read_bytes()[: last.offset] + b"\0" * 1024)


def half(copy: Path) -> None:
    copy.write_bytes(copy.read_bytes()[: copy.stat().st_size * 2 // 3])


def added(name: str, kind: bytes = tarfile.REGTYPE) -> Callable[[Path], None]:
    """One more member among the others."""

    def damage(copy: Path) -> None:
        with tarfile.open(copy) as packed:
            members = [(m, (packed.extractfile(m) or io.BytesIO()).read()) for m in packed.getmembers()]
        more = tarfile.TarInfo(name)
        more.type, more.linkname = kind, "/etc/passwd"
        members.insert(1, (more, b""))
        with tarfile.open(copy, "w") as packed:
            for member, content in members:
                packed.addfile(member, io.BytesIO(content))

    return damage


EVIL = f"{FILES}/ab/ab{'0' * 62}.x"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (other_content, "is not what its name says"),
        (cut_off, "its end is missing"),
        (half, "is damaged"),
        (added("../evil"), "holds “../evil”"),
        (added(f"{FILES}/../evil"), "holds"),
        (added(EVIL, tarfile.SYMTYPE), "holds"),
        (added(EVIL), "is not what its name says"),
    ],
    ids=["other content", "end missing", "half", "outside", "around", "link", "wrong digest"],
)
def test_a_damaged_or_foreign_archive_changes_nothing(
    kept: Kept, tmp_path: Path, damage: Callable[[Path], None], said: str
) -> None:
    copy = tmp_path / "copy.tar"
    back_up(kept.database, kept.files, copy)
    damage(copy)
    before = {path: path.read_bytes() for path in kept.data.rglob("*") if path.is_file()}
    with pytest.raises(LiveroomError, match=said):
        put_back(copy, kept.data)
    after = {path: path.read_bytes() for path in kept.data.rglob("*") if path.is_file()}
    assert after == before
    assert not (tmp_path / "evil").exists()


def test_a_copy_of_the_records_alone_is_put_back_and_it_says_so(kept: Kept, tmp_path: Path) -> None:
    old, fresh = tmp_path / "old.sqlite3", tmp_path / "fresh"
    shutil.copy(kept.database, old)
    back = liveroom("restore", str(old), "--data", str(fresh))
    assert (back.returncode, "It held no attachments" in back.stdout) == (0, True)
    assert len(archive.named(fresh / DATABASE)) == 3
