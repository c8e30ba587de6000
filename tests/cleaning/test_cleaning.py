"""Files are made anew in a child process: what they show stays, everything else goes, and what does harm is refused."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from liveroom.cleaning import process
from liveroom.cleaning.process import CHILD, ChildCleaner
from liveroom.errors import Refused
from liveroom.matters.enclosures import FileKind
from tests.support.samples import ACTIVE, FOREIGN, PLACE, bomb, document, locked, photo


async def refused(content: bytes, cleaner: ChildCleaner | None = None) -> str:
    with pytest.raises(Refused) as refusal:
        await (cleaner or ChildCleaner()).clean(content)
    return refusal.value.code


@pytest.mark.parametrize("kind", [FileKind.JPEG, FileKind.PNG, FileKind.WEBP])
async def test_a_picture_keeps_what_it_shows_and_nothing_else(kind: FileKind) -> None:
    sent = photo(kind.value.upper(), personal=True)
    assert b"Maker of telephones" in sent, "it was there"
    clean = await ChildCleaner().clean(sent + b"<script>alert(1)</script>" + PLACE.encode())
    assert clean.kind is kind
    for private in (b"Maker", PLACE.encode(), b"script", b"Exif", b"eXIf", b"GPS"):
        assert private not in clean.content, private
    with Image.open(io.BytesIO(clean.content)) as kept:
        assert not kept.getexif()
        assert kept.format == kind.value.upper()
        # It lay on its side: blue was left, and is above now.
        assert kept.size == (clean.width, clean.height) == (200, 320)
        above, below = kept.convert("RGB").getpixel((100, 20)), kept.convert("RGB").getpixel((100, 300))
        assert above[2] > 150 > below[2]


async def test_a_large_picture_becomes_as_large_as_it_needs_to_be_and_transparency_stays() -> None:
    clean = await ChildCleaner().clean(photo(size=(8000, 6000)))
    assert (clean.width, clean.height) == (2560, 1920)
    made = io.BytesIO()
    Image.new("RGBA", (30, 20), (255, 0, 0, 0)).save(made, "PNG")
    with Image.open(io.BytesIO((await ChildCleaner().clean(made.getvalue())).content)) as kept:
        assert kept.getpixel((3, 3)) == (255, 0, 0, 0)
    for mode in ("1", "L", "P", "LA", "I;16", "CMYK"):
        made = io.BytesIO()
        Image.new(mode, (30, 20)).save(made, "JPEG" if mode == "CMYK" else "PNG")
        assert (await ChildCleaner().clean(made.getvalue())).width == 30, mode


async def test_a_small_file_that_declares_169_megapixels_is_refused_before_it_is_decoded() -> None:
    assert len(bomb()) < 30_000
    assert await refused(bomb()) == "file_too_demanding"
    # A length that no decoder could hold.
    assert await refused(
        bomb(100, 100).replace(b"\x00\x00\x00\x64\x00\x00\x00\x64", b"\x7f\xff\xff\xff\x00\x00\x00\x64")
    ) in {
        "file_damaged",
        "file_too_demanding",
    }


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_file_that_is_not_whole_is_refused(kind: str) -> None:
    whole = photo(kind, (600, 400))
    for part in (whole[: len(whole) // 2], whole[:20], whole[:12]):
        assert await refused(part) in {"file_damaged", "file_kind", "file_too_demanding"}


@pytest.mark.parametrize("name", FOREIGN)
async def test_what_is_neither_picture_nor_pdf_is_refused(name: str) -> None:
    assert await refused(FOREIGN[name]) == "file_kind"


@pytest.mark.parametrize("name", ACTIVE)
async def test_a_pdf_that_does_something_is_refused(name: str) -> None:
    assert await refused(ACTIVE[name]) == "file_active"


async def test_a_pdf_keeps_its_pages_and_loses_its_author_its_past_and_what_stands_around_it() -> None:
    sent = document(page="/Metadata 5 0 R", objects=("<< /Type /Metadata /Length 9 >>\nstream\nZhang San\nendstream",))
    # An earlier version of the document stays in front of a later one; a page of a browser may stand behind both.
    clean = await ChildCleaner().clean(sent + b"<script>alert(1)</script>")
    assert b"Zhang" not in clean.content
    assert b"script" not in clean.content
    pages = PdfReader(io.BytesIO(clean.content)).pages
    assert [page.extract_text() for page in pages] == ["Reply"]
    assert (clean.kind, clean.width) == (FileKind.PDF, 0)


async def test_a_pdf_with_a_password_without_pages_or_in_a_circle_is_refused() -> None:
    assert await refused(locked()) == "file_locked"
    assert await refused(document(kids="")) == "file_damaged"
    assert await refused(document(kids="2 0 R")) in {"file_damaged", "file_too_demanding"}
    assert await refused(document()[:60]) == "file_damaged"
    deep = "[" * 50_000 + "]" * 50_000
    assert await refused(document(catalog=f"/X {deep}")) in {"file_damaged", "file_too_demanding"}


async def test_a_child_that_takes_too_long_or_says_nothing_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, program in enumerate(("import time; time.sleep(600)", "", "print('{}', 'x' * 99)", "1/0")):
        child = tmp_path / f"child{number}.py"
        child.write_text(program)
        monkeypatch.setattr(process, "CHILD", child)
        code = await refused(photo(), ChildCleaner(seconds=2.0))
        assert code in {"file_too_demanding", "file_damaged"}
    child.write_text("import sys\nwhile True: sys.stdout.write('x' * 65536)")
    assert await refused(photo(), ChildCleaner()) == "file_too_demanding"


def test_the_child_has_limits_of_memory_time_and_files(tmp_path: Path) -> None:
    def ran(wish: str) -> subprocess.CompletedProcess[str]:
        program = (
            f"import importlib.util as u; s = u.spec_from_file_location('child', {str(CHILD)!r}); "
            f"c = u.module_from_spec(s); s.loader.exec_module(c); c.limit(); {wish}"
        )
        return subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, timeout=120
        )

    assert ran("pass").returncode == 0
    assert "MemoryError" in ran("bytearray(2 << 30)").stderr
    assert ran("open('file', 'w').write('x' * 99999)").returncode != 0
    assert not (tmp_path / "file").exists() or (tmp_path / "file").stat().st_size == 0
    if os.geteuid():  # root may
        assert ran("import subprocess; subprocess.run(['true'])").returncode != 0


async def test_no_more_than_a_few_children_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most = 0, 0
    real = ChildCleaner._have_made

    async def counted(self: ChildCleaner, kind: FileKind, content: bytes) -> object:
        nonlocal running, most
        running, most = running + 1, max(most, running + 1)
        try:
            return await real(self, kind, content)
        finally:
            running -= 1

    monkeypatch.setattr(ChildCleaner, "_have_made", counted)
    cleaner = ChildCleaner()
    assert len(await asyncio.gather(*(cleaner.clean(photo()) for _ in range(5)))) == 5
    assert most == process.AT_ONCE
