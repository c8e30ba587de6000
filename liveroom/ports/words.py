"""What the actions need to keep word lists. Knows no database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from liveroom.screening.words import WordList


class WordLists(Protocol):
    """Word lists with all their versions, which never change."""

    async def numbers(self) -> Mapping[str, int]:
        """The newest version of each list, by list: asked for with every question, so cheap."""

    async def names(self) -> Mapping[str, str]:
        """What each list is called now, by list."""

    async def newest(self) -> list[WordList]:
        """The newest version of every list, by the lists' identifiers."""

    async def versions(self, word_list: str) -> list[WordList]:
        """All versions of a list, the newest first; none when there is no such list."""

    async def keep(self, word_list: WordList) -> None:
        """A new version. Raises `Stale` when there is one with its number already."""
