"""Reads a page as a browser's parser would and says what in it could run that is not ours."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

_ADDRESSES = {"href", "src", "action", "formaction", "xlink:href", "data", "background", "poster", "content"}
_RUNS = re.compile(r"^(?:javascript|vbscript|data:text)", re.IGNORECASE)
_NEVER = {"iframe", "object", "embed", "base", "math", "marquee", "animate", "set", "foreignobject", "isindex", "frame"}


class Watcher(HTMLParser):
    """Feed it a page; `found` are the tags and attributes that none of our templates writes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._in_script = self._in_data = False
        self._data = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self._in_script = tag == "script" and given.get("type") != "application/json"
        self._in_data, self._data = tag == "script" and not self._in_script, ""
        if tag in _NEVER or (self._in_script and not given.get("src", "").startswith("/")):
            self.found.append(tag)
        for name, value in given.items():
            said = re.sub(r"[\s\x00-\x20]", "", value)
            if name.startswith("on") or name in {"style", "srcdoc"} or (name in _ADDRESSES and _RUNS.match(said)):
                self.found.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        if self._in_data and not _is_data(self._data):
            self.found.append(f"data: {self._data[:60]}")
        self._in_script = self._in_data = False

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.found.append(f"script: {data[:60]}")
        if self._in_data:
            self._data += data


def _is_data(written: str) -> bool:
    """Whether JSON in a page is whole, and holds nothing that could end the element in which it stands."""
    try:
        json.loads(written)
    except ValueError:
        return False
    return "<" not in written


def foreign(page: str) -> list[str]:
    watcher = Watcher()
    watcher.feed(page)
    watcher.close()
    return watcher.found


class Reader(HTMLParser):
    """What stands to be read in the main part of a page, fields included, and what stands below it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.main: list[str] = []
        self.below: list[str] = []
        self._in_main, self._in_foot = False, False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._in_main, self._in_foot = self._in_main or tag == "main", self._in_foot or tag == "footer"
        if tag == "input" and self._in_main:
            self.main.append(dict(attributes).get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        self._in_main = self._in_main and tag != "main"

    def handle_data(self, data: str) -> None:
        if self._in_main:
            self.main.append(data)
        elif self._in_foot:
            self.below.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader
