"""Feeds in the form of RFC 4287, valid whatever text is in them. Knows no matter and no request."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

ATOM = "http://www.w3.org/2005/Atom"
CONTENT_TYPE = "application/atom+xml"
_NAMES = uuid.UUID("7c1f3a52-6f0b-5d4e-9a51-2f6f5c1d9e10")
_FORBIDDEN = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Everything that is no character of XML 1.0 (section 2.2); a carriage return would come back as a line feed."""

ET.register_namespace("", ATOM)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that is followed; `key` names it for ever, `updated` is when something of it was new last."""

    key: str
    title: str
    link: str
    updated: datetime
    published: datetime
    author: str
    summary: str
    category: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """`address` is its own, `link` the page with the same; `key` names it for ever, wherever it lies."""

    key: str
    title: str
    address: str
    link: str
    lang: str
    author: str
    entries: Sequence[Entry]

    @property
    def updated(self) -> datetime:
        """When anything was new last; a feed without anything was so always."""
        return max((entry.updated for entry in self.entries), default=datetime(2000, 1, 1, tzinfo=UTC))


def identifier(key: str) -> str:
    """A name that stays when the site moves: a UUID made of the key (RFC 9562, section 5.5)."""
    return f"urn:uuid:{uuid.uuid5(_NAMES, key)}"


def write(feed: Feed) -> bytes:
    """The feed as UTF-8."""
    root = ET.Element(_tag("feed"), {"xml:lang": feed.lang})
    _put(root, "id", identifier(feed.key))
    _put(root, "title", feed.title)
    _put(root, "updated", _instant(feed.updated))
    ET.SubElement(root, _tag("link"), {"rel": "self", "type": CONTENT_TYPE, "href": readable(feed.address)})
    ET.SubElement(root, _tag("link"), {"rel": "alternate", "type": "text/html", "href": readable(feed.link)})
    _author(root, feed.author)
    for entry in feed.entries:
        found = ET.SubElement(root, _tag("entry"))
        _put(found, "id", identifier(entry.key))
        _put(found, "title", entry.title)
        _put(found, "updated", _instant(entry.updated))
        _put(found, "published", _instant(entry.published))
        _author(found, entry.author or feed.author)
        ET.SubElement(found, _tag("link"), {"rel": "alternate", "type": "text/html", "href": readable(entry.link)})
        if entry.category:
            ET.SubElement(found, _tag("category"), {"term": readable(entry.category)})
        _put(found, "summary", entry.summary)
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def readable(text: str) -> str:
    """The text without what XML has no character for."""
    return _FORBIDDEN.sub("\ufffd", text)


def _put(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, _tag(name)).text = readable(text)


def _author(parent: ET.Element, name: str) -> None:
    _put(ET.SubElement(parent, _tag("author")), "name", name)


def _tag(name: str) -> str:
    return f"{{{ATOM}}}{name}"


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
