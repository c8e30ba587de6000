"""Makes one picture or PDF anew, from standard input to standard output. Knows nothing of liveroom: it is run alone.

Started by `liveroom.cleaning.process` as `child.py KIND` with an empty environment. Whatever a decoder does here, it
does within the limits below, without the records, and the process ends afterwards. Writes one line of JSON, then what
it made.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from typing import Any

PIXELS = 64_000_000
"""More than the cameras of telephones make; 256 MB when decoded."""

EDGE = 2560
"""Pixels of the longer side that are kept: a sheet of paper can be read."""

PAGES = 300
OBJECTS = 200_000
MEMORY = 1 << 30
CPU_SECONDS = 15

KEYS = frozenset(
    {"/JavaScript", "/JS", "/EmbeddedFiles", "/EF", "/AA", "/XFA", "/RichMediaContent", "/RichMediaSettings"}
)
"""Names whose presence alone says that something runs or is enclosed (ISO 32000-1, 7.11.4, 12.6, 12.7.8, 13)."""

ACTIONS = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/Rendition", "/Movie", "/Sound"}
)
"""Types of actions (`/S`, ISO 32000-1, table 198) that reach out of the document."""

ANNOTATIONS = frozenset({"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"})


class Unfit(Exception):
    """Refused with this code."""


def limit() -> None:
    """What this process may use from now on: memory, seconds, no file of any size, no other process. Raises OSError."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        _, hard = resource.getrlimit(what)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, bound))


def picture(kind: str, content: bytes) -> tuple[dict[str, int], bytes]:
    """The pixels alone, upright, in the same format: no EXIF, no place, no comment, nothing behind the end."""
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(content), formats=[kind.upper()]) as opened:
        if opened.width * opened.height > PIXELS:
            raise Unfit("file_too_demanding")
        # A JPEG is decoded no larger than it is needed.
        opened.draft("RGB", (EDGE, EDGE))
        opened.load()
        mode = "RGBA" if opened.has_transparency_data and kind != "jpeg" else "RGB"
        image = ImageOps.exif_transpose(opened)
    if image.mode != mode:
        image = image.convert(mode)
    image.thumbnail((EDGE, EDGE))
    # What a decoder has noted beside the pixels stays behind.
    bare = Image.new(mode, image.size)
    bare.paste(image)
    made = io.BytesIO()
    bare.save(made, kind.upper(), **({} if kind == "png" else {"quality": 85}))
    return {"width": bare.width, "height": bare.height}, made.getvalue()


def document(content: bytes) -> tuple[dict[str, int], bytes]:
    """The pages alone: no earlier versions, no properties, no form logic, nothing that runs or is enclosed."""
    from pypdf import PdfReader, PdfWriter

    if not content.startswith(b"%PDF-"):
        raise Unfit("file_kind")
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        raise Unfit("file_locked")
    if not 0 < len(reader.pages) <= PAGES:
        raise Unfit("file_too_demanding" if reader.pages else "file_damaged")
    _inspect(reader.trailer)
    writer = PdfWriter()
    for page in reader.pages:
        for note in ("/Metadata", "/PieceInfo", "/LastModified"):
            page.pop(note, None)
        writer.add_page(page)
    made = io.BytesIO()
    writer.write(made)
    return {"width": 0, "height": 0}, made.getvalue()


def _inspect(trailer: Any) -> None:
    """Refuse a document of which any part that can be reached does something."""
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

    seen: set[tuple[int, int]] = set()
    waiting: list[Any] = [trailer]
    looked_at = 0
    while waiting:
        found = waiting.pop()
        looked_at += 1
        if looked_at > OBJECTS:
            raise Unfit("file_too_demanding")
        if isinstance(found, IndirectObject):
            if (found.idnum, found.generation) in seen:
                continue
            seen.add((found.idnum, found.generation))
            found = found.get_object()
        if isinstance(found, DictionaryObject):
            _inspect_one(found)
            waiting.extend(found.raw_get(key) for key in found)
        elif isinstance(found, ArrayObject):
            waiting.extend(found)


def _inspect_one(found: Any) -> None:
    names = {str(key) for key in found}
    if (
        names & KEYS
        or str(found.get("/S")) in ACTIONS
        or str(found.get("/Subtype")) in ANNOTATIONS
        or str(found.get("/Type")) == "/EmbeddedFile"
    ):
        raise Unfit("file_active")


def main() -> None:
    said: dict[str, Any]
    made = b""
    try:
        limit()
    except OSError:
        sys.stdout.buffer.write(b'{"unlimited": true}\n')
        return
    kind, content = sys.argv[1], sys.stdin.buffer.read()
    try:
        said, made = document(content) if kind == "pdf" else picture(kind, content)
    except Unfit as unfit:
        said = {"refused": unfit.args[0]}
    except (MemoryError, RecursionError):
        said = {"refused": "file_too_demanding"}
    except Exception:  # a decoder has its own ideas of what to raise
        said = {"refused": "file_damaged"}
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + made)


if __name__ == "__main__":
    main()
