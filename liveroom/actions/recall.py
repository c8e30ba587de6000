"""Finds what was asked or suggested before and reads like a text. Knows no sockets; keeps and logs no text it is given.

The memories are of this process and are filled by reading the records, never by hearing news: each search looks whether
the session in question has moved on, everything else is looked at again now and then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, runtime_checkable

import structlog

from liveroom.errors import Refused, Unavailable
from liveroom.ports.matters import Listed, Matters, Wanted
from liveroom.ports.rooms import Records
from liveroom.qa.memory import SHOWN, Likeness, Memory, Remembered
from liveroom.qa.question import SPEAKING_STATES, TEXT_LIMIT, Question
from liveroom.qa.wire import Audience, visible
from liveroom.rooms.roles import Actor
from liveroom.rooms.session import Session, SessionState

log = structlog.get_logger()

LOOK_EVERY = 10.0
"""Seconds after which other sessions, votes and suggestions are looked at again."""

SUGGESTIONS = 2000
"""Of the open suggestions so many are known, the newest ones."""

SHORTEST = 2
"""Characters from which on a text says anything."""

AT_ONCE = 32
"""Texts that get their vectors in one go: half a second's work of another thread."""

LEARNED_AT_ONCE, LEARNED_EVERY = 25, 0.005
"""Questions that are taken up in one go, some milliseconds' work, and seconds in which others have their turn."""


@runtime_checkable
class Encoding(Protocol):
    """A likeness with work to be done beside everything else: `qa.semantic.SemanticIndex` is one."""

    def behind(self, count: int) -> dict[str, str]: ...

    def encode(self, texts: Sequence[str]) -> Any: ...

    def catch_up(self, texts: dict[str, str], vectors: Any) -> None: ...


class Recalling:
    """Similar questions for those who type, and for the desk."""

    def __init__(self, records: Records, matters: Matters, likeness: Callable[[], Awaitable[Likeness]]) -> None:
        self._records = records
        self._matters = matters
        self._likeness = likeness
        self._public: Memory | None = None
        self._desks: dict[str, Memory] = {}
        self._over: set[str] = set()
        self._erasures = ""
        self._looking = asyncio.Lock()

    async def like(self, session: str, text: str) -> list[Remembered]:
        """What everybody may see and reads like the text, likeliest first: at most three."""
        if len(text.strip()) < SHORTEST:
            return []
        public = await self._look_once()
        await self._learn(public, session, _public)
        return public.like(text[:TEXT_LIMIT])

    async def like_question(self, session: str, question: str, by: Actor) -> list[Remembered]:
        """The same for a question of the desk, with what only the desk sees. Raises `not_found`, `forbidden`.

        First three of this session, into which it could be merged; then three of elsewhere.
        """
        if not by.sees_desk:
            raise Refused("forbidden")
        sitting = await self._records.load(session)
        asked = sitting.queue.get(question)
        if asked is None:
            raise Refused("not_found")
        desk = self._desks.get(session) or self._desks.setdefault(session, Memory(await self._likeness()))
        await self._learn(desk, session, lambda q: q.state in SPEAKING_STATES)
        desk.learn_votes(session, await self._records.votes(session))
        public = await self._look_once()
        here = desk.like(asked.text, but=question)
        elsewhere = public.like(asked.text, SHOWN * 2, but=question)
        return here + [one for one in elsewhere if one.session != session][:SHOWN]

    async def keep_up(self) -> None:
        """Read everything before the first one asks, and what is new from time to time, while the process serves."""
        while True:
            try:
                await self.look()
                await self._catch_up()
            except Unavailable:
                log.warning("similar_waits")
            except Exception:
                log.exception("similar_not_read")
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> Memory:
        """Read what is new in all sessions and among the suggestions."""
        async with self._looking:
            erasures = await self._records.erasures()
            if erasures != self._erasures:
                # Also of sessions that are over something may be gone.
                self._over.clear()
                self._desks.clear()
                self._erasures = erasures
            public = self._public or Memory(await self._likeness())
            for session in await self._records.sessions():
                await self._look_at(public, session)
            public.learn_suggestions(_suggestion(matter) for matter in await self._suggestions())
            self._public = public
            return public

    async def _suggestions(self) -> list[Listed]:
        """Those that everybody may see and that are open, the newest ones."""
        wanted, found, after = Wanted(kinds=("suggestion",), final=False, public=True), list[Listed](), ""
        while len(found) < SUGGESTIONS:
            page = await self._matters.find(wanted, after=after, limit=200)
            found += page.rows
            after = page.after
            if not after:
                break
        return found

    async def _look_once(self) -> Memory:
        return self._public or await self.look()

    async def _look_at(self, public: Memory, session: Session) -> None:
        if session.id in self._over or session.state is SessionState.CANCELLED:
            return
        public.learn_votes(session.id, await self._records.votes(session.id))
        await self._learn(public, session.id, _public)
        if session.state is SessionState.ARCHIVED:
            # Nothing changes any more.
            self._over.add(session.id)
            self._desks.pop(session.id, None)

    async def _learn(self, memory: Memory, session: str, seen: Callable[[Question], bool]) -> None:
        """Bring a memory up to date; what thousands asked before this process began would keep everybody waiting."""
        while True:
            sitting = await self._records.load(session)
            if memory.learn(sitting.session.room, sitting.queue, seen, LEARNED_AT_ONCE):
                return
            await asyncio.sleep(LEARNED_EVERY)

    async def _catch_up(self) -> None:
        for memory in filter(None, (self._public, *self._desks.values())):
            index = memory.index
            while isinstance(index, Encoding) and (texts := index.behind(AT_ONCE)):
                index.catch_up(texts, await asyncio.to_thread(index.encode, list(texts.values())))


def _public(question: Question) -> bool:
    return visible(question, Audience.PUBLIC)


def _suggestion(matter: Listed) -> Remembered:
    return Remembered(
        kind="suggestion",
        id=matter.id,
        text=matter.title,
        state=matter.state,
        link=f"/suggestions/{matter.number}",
        number=matter.number,
    )
