"""Files that people send, and files that do harm, made here: none of them is kept in the repository."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image
from pypdf import PdfWriter

PLACE = "西屿村望海路7号"
FONT = "<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"


def photo(kind: str = "JPEG", size: tuple[int, int] = (320, 200), *, personal: bool = False) -> bytes:
    """A picture, blue on the left and red on the right; a `personal` one lies on its side and tells where it is."""
    image = Image.new("RGB", size, (20, 60, 200))
    image.paste((200, 40, 30), (size[0] // 2, 0, size[0], size[1]))
    exif = Image.Exif()
    if personal:
        exif[0x0112] = 6  # turned: to be shown 90 degrees clockwise
        exif[0x010F] = "Maker of telephones"
        exif[0x9286] = PLACE
        exif.get_ifd(0x8825).update({1: "N", 2: (30.0, 15.0, 20.0), 3: "E", 4: (122.0, 12.0, 13.0)})
    made = io.BytesIO()
    if personal and kind == "JPEG":
        image.save(made, kind, exif=exif, comment=PLACE.encode())
    else:
        image.save(made, kind, exif=exif)
    return made.getvalue()


def bomb(width: int = 13_000, height: int = 13_000) -> bytes:
    """A PNG of some 20 kB that declares 169 megapixels, and really has them."""
    lines = zlib.compress(bytes((width + 7) // 8 + 1) * height, 9)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", lines) + _chunk(b"IEND", b"")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def document(*, catalog: str = "", page: str = "", objects: tuple[str, ...] = (), kids: str = "3 0 R") -> bytes:
    """A PDF of one page, written by hand; more entries for catalog and page, and objects from number 5 on."""
    text = "BT /F1 24 Tf 40 100 Td (Reply) Tj ET"
    all_objects = (
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>",
        f"<< /Type /Pages /Kids [{kids}] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources {FONT} {page} >>",
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
        *objects,
    )
    made = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, content in enumerate(all_objects, 1):
        offsets.append(len(made))
        made += f"{number} 0 obj\n{content}\nendobj\n".encode()
    start = len(made)
    made += f"xref\n0 {len(offsets) + 1}\n0000000000 65535 f \n".encode()
    made += b"".join(f"{offset:010} 00000 n \n".encode() for offset in offsets)
    info = f"/Info << /Author ({'Zhang San'}) >>"
    made += f"trailer << /Size {len(offsets) + 1} /Root 1 0 R {info} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(made)


def locked() -> bytes:
    """A PDF with a password."""
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret", algorithm="RC4-128")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


ACTIVE = {
    "script at opening": document(catalog="/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"),
    "script under another spelling": document(catalog="/OpenAction << /S /J#61vaScript /J#53 (app.alert\\(1\\)) >>"),
    "script in the names": document(
        catalog="/Names << /JavaScript << /Names [(x) 5 0 R] >> >>", objects=("<< /S /X >>",)
    ),
    "script of a page": document(page="/AA << /O << /S /JavaScript /JS (app.alert\\(1\\)) >> >>"),
    "script of a link": document(
        page="/Annots [5 0 R]",
        objects=("<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /JavaScript /JS (x) >> >>",),
    ),
    "a program": document(catalog="/OpenAction << /S /Launch /F (cmd.exe) >>"),
    "a program after another action": document(
        page="/Annots [5 0 R]",
        objects=(
            "<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (x:) /Next 6 0 R >> >>",
            "<< /S /Launch /F (cmd.exe) >>",
        ),
    ),
    "a form that sends itself": document(catalog="/OpenAction << /S /SubmitForm /F (x:) >>"),
    "a form with logic": document(catalog="/AcroForm << /XFA (x) /Fields [] >>"),
    "another file": document(
        catalog="/Names << /EmbeddedFiles << /Names [(x) 5 0 R] >> >>",
        objects=(
            "<< /Type /Filespec /F (x.exe) /EF << /F 6 0 R >> >>",
            "<< /Type /EmbeddedFile /Length 0 >>\nstream\n\nendstream",
        ),
    ),
    "another file pinned to the page": document(
        page="/Annots [5 0 R]",
        objects=("<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS << /F (x) >> >>",),
    ),
    "a player": document(page="/Annots [5 0 R]", objects=("<< /Type /Annot /Subtype /RichMedia /Rect [0 0 9 9] >>",)),
}
"""Documents that do something, or enclose something."""

FOREIGN = {
    "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "svg without a head": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "gif": b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
    "html that ends as a picture": b"<script>alert(1)</script>" + photo(),
    "pdf behind a page": b"<script>alert(1)</script>" + document(),
    "program": b"\x7fELF" + bytes(100),
    "archive": b"PK\x03\x04" + bytes(100),
    "heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(100),
    "text": "你好".encode(),
}
"""What is neither a picture nor a PDF, whatever its name says."""
