"""Texts are screened before anybody reads them, and again when a word list changes. Knows no word and no column."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from liveroom.actions.sittings import Change, Sittings
from liveroom.ports.rooms import Records, Sitting
from liveroom.ports.words import WordLists
from liveroom.qa.commands import Rescreen
from liveroom.qa.decide import decide
from liveroom.qa.question import WAITING_STATES, Hit, Question
from liveroom.rooms.roles import SYSTEM
from liveroom.rooms.session import OPEN_FOR_QUESTIONS
from liveroom.screening.folds import Folds
from liveroom.screening.screen import COVER, Finding, Screen


@dataclass(frozen=True, slots=True)
class Looked:
    """Texts after screening, by their names: what may be published of each, all hits, and whether they ask to hold."""

    shown: Mapping[str, str]
    hits: tuple[Hit, ...] = ()

    @property
    def held(self) -> bool:
        return any(hit.holds for hit in self.hits)


class Screening:
    """The newest lists, made ready once for each of their versions."""

    def __init__(self, lists: WordLists, folds: Callable[[], Awaitable[Folds]]) -> None:
        """`folds` are asked for when the first text comes; it waits for them."""
        self._lists = lists
        self._folds = folds
        self._screen: Screen | None = None
        self._numbers: Mapping[str, int] = {}
        self._making = asyncio.Lock()

    async def screen(self) -> Screen:
        """Ready to look. Another process, or the command line, may have changed a list: the numbers are asked for."""
        screen = self._screen
        if screen is not None and await self._lists.numbers() == self._numbers:
            return screen
        async with self._making:
            newest = await self._lists.newest()
            numbers = {word_list.id: word_list.version for word_list in newest}
            if self._screen is None or numbers != self._numbers:
                # Thousands of words take half a second, in which everybody else goes on.
                self._screen = await asyncio.to_thread(Screen, newest, await self._folds())
                self._numbers = numbers
            return self._screen

    async def look(self, **texts: str) -> Looked:
        """Look at the texts of one question, by the names of its fields."""
        return look(await self.screen(), texts)


def look(screen: Screen, texts: Mapping[str, str]) -> Looked:
    looked = {name: screen.look(text) for name, text in texts.items()}
    hits = tuple(_hit(name, finding) for name, screened in looked.items() for finding in screened.findings)
    return Looked({name: screened.text for name, screened in looked.items()}, hits)


class Rescreening:
    """Questions that wait are looked at again when a list has changed."""

    def __init__(self, records: Records, sittings: Sittings, screening: Screening) -> None:
        self._records = records
        self._sittings = sittings
        self._screening = screening

    async def rescreen(self) -> int:
        """Look again at everything that waits in open sessions; the number of questions that changed."""
        screen = await self._screening.screen()
        changed = 0
        for session in await self._records.sessions(states=OPEN_FOR_QUESTIONS):
            sitting = await self._records.load(session.id)
            if any(question.state in WAITING_STATES for question in sitting.queue.questions.values()):

                def rescreening(sitting: Sitting, now: datetime) -> Change:
                    nonlocal changed
                    events = [
                        event
                        for question in sitting.queue.questions.values()
                        if question.state in WAITING_STATES
                        for event in decide(sitting.queue, sitting.session, _again(screen, question), SYSTEM, now)
                    ]
                    changed += len(events)
                    return Change(events)

                await self._sittings.change(session.id, rescreening, SYSTEM)
        return changed


def _again(screen: Screen, question: Question) -> Rescreen:
    """Hits are told of what was sent as far as it is kept; covered is what stands there now."""
    names = {"nickname": question.nickname, "island": question.island}
    shown = look(screen, {"text": question.text, **names}).shown
    hits = look(screen, {"text": question.original_text or question.text, **names}).hits
    # Names are kept covered only, so what was found in them then cannot be found once more.
    covered = [hit for hit in question.hits if hit.field in names and COVER in names[hit.field]]
    return Rescreen(question.id, hits=(*hits, *(hit for hit in covered if hit not in hits)), **shown)


def _hit(field: str, finding: Finding) -> Hit:
    return Hit(
        list=finding.source,
        version=finding.version,
        action=finding.action.value,
        found=str(finding.what),
        field=field,
        start=finding.start,
        end=finding.end,
        by_sound=finding.by_sound,
    )
