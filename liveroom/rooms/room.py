"""A room (直播间): permanent, its address never changes. Knows nothing of what happens in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from liveroom.errors import Refused
from liveroom.text import optional_text, require_text

NAME_LIMIT = 40
ABOUT_LIMIT = 200
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Room:
    """`slug` is the part of the address that names the room: lower-case letters, digits and hyphens."""

    slug: str
    name: str
    about: str = ""


def open_room(slug: str, name: str, about: str = "") -> Room:
    """A new room. Refuses `bad_slug`, `empty` and `too_long`."""
    slug = slug.strip().lower()
    if not _SLUG.fullmatch(slug):
        raise Refused("bad_slug")
    return Room(slug, require_text(name, "name", NAME_LIMIT), optional_text(about, "about", ABOUT_LIMIT))
