"""Feeds: valid XML whatever is written in them, and names that stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from liveroom.server.atom import ATOM, Entry, Feed, identifier, readable, write

NOW = datetime(2026, 11, 26, 3, 4, 5, tzinfo=UTC)
HOSTILE = st.text(alphabet=st.characters(), max_size=60) | st.sampled_from(
    ["]]>", "<script>alert(1)</script>", "&#0;", "&lt;", "\x00\x0b\ufffe\uffff", "\"'<>&", "\r\n", "<!DOCTYPE x>"]
)
EMPTY = Feed("all", "题", "https://x.example/feed", "https://x.example/", "zh-Hans", "工委", ())


def entry(**changed: Any) -> Entry:
    made: dict[str, Any] = {
        "key": "m", "title": "题", "link": "https://x.example/1", "updated": NOW, "published": NOW,
        "author": "甲", "summary": "办理中", "category": "供水",
    }  # fmt: skip
    return Entry(**{**made, **changed})


@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_hostile_text_makes_a_valid_feed_that_reads_as_it_was(title: str, summary: str, author: str, link: str) -> None:
    one = entry(title=title, summary=summary, author=author, link=link, category=title)
    root = ET.fromstring(write(Feed("k", title, link, link, "zh-Hans", "工委", [one])))
    read = root.find(f"{{{ATOM}}}entry")
    assert read is not None
    assert (read.findtext(f"{{{ATOM}}}title") or "") == readable(title)
    assert (read.findtext(f"{{{ATOM}}}summary") or "") == readable(summary)
    assert root.findtext(f"{{{ATOM}}}title") == readable(title) or not title
    assert read.findtext(f"{{{ATOM}}}author/{{{ATOM}}}name")
    assert len(root.findall(f"{{{ATOM}}}entry")) == 1


def test_everything_that_the_standard_asks_for_is_there() -> None:
    root = ET.fromstring(write(Feed("k", "题", "https://x.example/f", "https://x.example/", "en", "工委", [entry()])))
    for name in ("id", "title", "updated", "author"):
        assert len(root.findall(f"{{{ATOM}}}{name}")) == 1, name
    one = root.find(f"{{{ATOM}}}entry")
    assert one is not None
    for name in ("id", "title", "updated", "published", "author", "summary", "link", "category"):
        assert len(one.findall(f"{{{ATOM}}}{name}")) == 1, name
    assert {link.get("rel") for link in root.findall(f"{{{ATOM}}}link")} == {"self", "alternate"}
    assert root.findtext(f"{{{ATOM}}}updated") == "2026-11-26T03:04:05Z"


def test_a_name_is_made_of_the_key_alone() -> None:
    assert identifier("matter:1") == identifier("matter:1") == "urn:uuid:f9eabaac-4146-5d1e-bfe3-0306405d6e35"
    assert identifier("matter:1") != identifier("matter:2")


def test_a_feed_is_as_new_as_what_is_newest_in_it() -> None:
    late = NOW + timedelta(hours=1)
    assert Feed("k", "", "", "", "en", "", [entry(), entry(updated=late)]).updated == late
    assert EMPTY.updated.year == 2000
    ET.fromstring(write(EMPTY))
