"""Every address that a server really has, from its router, with parts filled in: so that none can be forgotten."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientResponse, web
from pypdf import PdfReader

from liveroom.server.assets import Assets
from liveroom.server.routes import routes
from liveroom.server.whip import MediaAddresses
from tests.support.unused import UNUSED

WEB = Path(__file__).resolve().parents[2] / "web"


@dataclass(frozen=True, slots=True, order=True)
class Route:
    """One address and method; `names` are the parts that stand in braces."""

    path: str
    method: str

    @property
    def names(self) -> list[str]:
        return re.findall(r"\{(\w+)\}", self.path)

    def filled(self, values: Mapping[str, Sequence[str]], unknown: Sequence[str] = ("nothing",)) -> list[str]:
        """The address with every combination of values for its parts; `unknown` for parts that have none."""
        choices = [values.get(name, unknown) for name in self.names]
        found = []
        for chosen in itertools.product(*choices):
            path = self.path
            for name, value in zip(self.names, chosen, strict=True):
                path = path.replace(f"{{{name}}}", value)
            found.append(path)
        return found


def every_route(app: web.Application) -> list[Route]:
    """All of them, each method for itself. `HEAD` is `GET` without a body, and is no route of its own."""
    found = set()
    for route in app.router.routes():
        assert route.resource is not None
        if route.method != "HEAD":
            found.add(Route(re.sub(r"\{(\w+):[^}]*\}", r"{\1}", route.resource.canonical), route.method))
    return sorted(found)


def every_definition() -> list[web.RouteDef]:
    """The same as the program writes them down, without a server."""
    return routes(Assets(WEB), MediaAddresses(UNUSED, UNUSED))


async def words(response: ClientResponse) -> str:
    """Everything that an answer says, its headers too: a PDF's text, a workbook's parts, else the text as it is."""
    body = await response.read()
    said = "\n".join(f"{name}: {value}" for name, value in response.headers.items()) + "\n"
    if body.startswith(b"%PDF"):
        pages = PdfReader(io.BytesIO(body)).pages
        return said + "\n".join(page.extract_text() for page in pages)
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            return said + "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return said + body.decode("utf-8", "replace")
