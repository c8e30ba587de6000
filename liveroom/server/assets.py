"""Styles, scripts and drawings of the pages, kept in memory under one version. Knows no page's content."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from aiohttp import web

FOLDERS = ("css", "js", "icons")
_IMPORT = re.compile(r"""(?:^|[;\s])(?:import|export)\s*(?:[^'"();]*?\sfrom\s*)?['"](\.[^'"]+)['"]""")
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def web_folder() -> Path:
    """Where templates and assets lie: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    return next(folder for folder in (package / "web", package.parent / "web") if (folder / "templates").is_dir())


@dataclass(frozen=True)
class Asset:
    body: bytes
    content_type: str

    @cached_property
    def packed(self) -> bytes:
        """Made when it is first asked for."""
        return gzip.compress(self.body, 9, mtime=0)


class Assets:
    """All files, read once; the version is a digest of them all, so addresses can be kept for a year."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._assets: dict[str, Asset] = {}
        digest = hashlib.sha256()
        for path in sorted(p for name in FOLDERS for p in (folder / name).rglob("*") if p.is_file()):
            name, body = path.relative_to(folder).as_posix(), path.read_bytes()
            digest.update(name.encode() + b"\0" + body)
            kind = _TYPES.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
            self._assets[name] = Asset(body, kind)
        self.version = digest.hexdigest()[:12]

    def url(self, name: str) -> str:
        """The address of a file; KeyError when there is none, so that a wrong name in a template is found at once."""
        self._assets[name]
        return f"/static/{self.version}/{name}"

    def modules(self, entry: str) -> list[str]:
        """The module and everything it imports, directly or not, entry first."""
        found: list[str] = []
        waiting = [entry]
        while waiting:
            name = waiting.pop(0)
            if name in found:
                continue
            found.append(name)
            source = self._assets[name].body.decode()
            for target in _IMPORT.findall(source):
                waiting.append(_resolve(PurePosixPath(name).parent / target))
        return found

    async def serve(self, request: web.Request) -> web.Response:
        """One file. An old version's address is sent on to the file of today."""
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        if request.match_info["version"] != self.version:
            raise web.HTTPFound(self.url(request.match_info["name"]))
        packed = "gzip" in request.headers.get("Accept-Encoding", "") and len(asset.packed) < len(asset.body)
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
        if packed:
            headers["Content-Encoding"] = "gzip"
        return web.Response(
            body=asset.packed if packed else asset.body,
            content_type=asset.content_type,
            charset="utf-8" if asset.content_type.startswith(("text/", "image/svg")) else None,
            headers=headers,
        )


def _resolve(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
