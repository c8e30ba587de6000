"""What lead moderators and the office do with word lists: change one, begin one, try a text. Knows no pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from liveroom import ids
from liveroom.actions.screen import Rescreening, Screening
from liveroom.clock import Clock
from liveroom.errors import Refused, Stale
from liveroom.ports.words import WordLists
from liveroom.rooms.roles import Actor, Permission, require
from liveroom.screening.screen import Screened
from liveroom.screening.words import NAME_LIMIT, WHY_LIMIT, Problem, WordList, read
from liveroom.text import optional_text, require_text

TRY_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Changed:
    """The new version, and how many waiting questions look different after it."""

    word_list: WordList
    questions: int


class Unreadable(Refused):
    """Lines of a list that cannot be read; nothing was kept."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("bad_words", line=problems[0].line)
        self.problems = problems


class KeepingWords:
    """Word lists and their versions."""

    def __init__(self, lists: WordLists, screening: Screening, rescreening: Rescreening, clock: Clock) -> None:
        self._lists = lists
        self._screening = screening
        self._rescreening = rescreening
        self._clock = clock

    async def newest(self, by: Actor) -> list[WordList]:
        require(by, Permission.WORDS)
        return await self._lists.newest()

    async def versions(self, word_list: str, by: Actor) -> list[WordList]:
        """All versions, the newest first. Raises `not_found`."""
        require(by, Permission.WORDS)
        versions = await self._lists.versions(word_list)
        if not versions:
            raise Refused("not_found")
        return versions

    async def begin(self, name: str, by: Actor) -> WordList:
        """A new list without a word."""
        require(by, Permission.WORDS)
        name = require_text(name, "name", NAME_LIMIT)
        word_list = WordList(ids.new_id(), 1, name, (), self._clock(), by.id, by.name, "")
        await self._lists.keep(word_list)
        return word_list

    async def change(self, word_list: str, version: int, lines: str, why: str, by: Actor) -> Changed:
        """Keep the lines as the version after `version`, and look again at every question that waits.

        Raises `reason_missing`, `too_long`, `unchanged`, `too_many_words`, `words_changed` when somebody else was
        faster, and `Unreadable`.
        """
        newest = (await self.versions(word_list, by))[0]
        why = optional_text(why, "why", WHY_LIMIT)
        if not why:
            raise Refused("reason_missing")
        entries, problems = read(lines)
        if problems:
            raise Unreadable(problems)
        if newest.version != version:
            raise Refused("words_changed", name=newest.by_name)
        if entries == newest.entries:
            raise Refused("unchanged")
        after = replace(
            newest,
            version=version + 1,
            entries=entries,
            at=self._clock(),
            by=by.id,
            by_name=by.name,
            why=why,
        )
        try:
            await self._lists.keep(after)
        except Stale:
            raise Refused("words_changed", name="") from None
        return Changed(after, await self._rescreening.rescreen())

    async def try_text(self, text: str, by: Actor) -> Screened:
        """What would happen to a question with this text."""
        require(by, Permission.WORDS)
        return (await self._screening.screen()).look(require_text(text, "text", TRY_LIMIT))
