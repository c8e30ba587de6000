"""Lists from files: always looked at first, then taken whole or not at all. Knows no page and no row's meaning."""

from __future__ import annotations

import asyncio
import hashlib

import structlog

from liveroom.actions.bringing import Bringing
from liveroom.clock import Clock
from liveroom.errors import Refused, Stale, Unavailable
from liveroom.exchange.plans import Check, Known, Plan, plan
from liveroom.exchange.sheets import SHEETS, SUGGESTIONS, Sheet
from liveroom.ports.imports import Import, Imports, Learning
from liveroom.rooms.roles import Actor, Permission, require
from liveroom.text import clean

log = structlog.get_logger()

TRIES = 5
FILE_NAME = 120
"""Characters of a file's name that are kept."""

LOOK_EVERY = 30.0
"""Seconds after which holidays that another process imported are known here, too."""


class Importing:
    """The office's lists."""

    def __init__(self, imports: Imports, days: Learning, clock: Clock, bringing: Bringing) -> None:
        self._imports = imports
        self._days = days
        self._clock = clock
        self._bringing = bringing

    async def look(self, kind: str, content: bytes, by: Actor) -> Plan:
        """What importing the file would change; nothing does. Raises `not_found` for an unknown kind."""
        sheet = _sheet(kind, by)
        table = await asyncio.to_thread(sheet.table, content)
        check = (await self._bringing.ready()).check if sheet is SUGGESTIONS else None
        return plan(sheet, table, await self._imports.known(kind), check)

    async def carry_out(self, kind: str, content: bytes, by: Actor, file: str = "") -> Plan:
        """Import the file in one transaction. A plan with problems says why nothing was changed."""
        sheet = _sheet(kind, by)
        table, digest = await asyncio.to_thread(sheet.table, content), hashlib.sha256(content).hexdigest()
        file = clean(file)[:FILE_NAME]
        for _ in range(TRIES):
            ready = await self._bringing.ready() if sheet is SUGGESTIONS else None
            check, make = (ready.check, ready.make(file)) if ready else (None, None)

            def decide(known: Known, check: Check | None = check) -> Plan:
                return plan(sheet, table, known, check)

            try:
                done = await self._imports.carry_out(kind, decide, digest, by, self._clock(), file=file, make=make)
            except Stale:
                continue
            await self.learn()
            return done
        raise Unavailable("too many people changed this list at once")

    async def latest(self, by: Actor) -> list[Import]:
        require(by, Permission.IMPORT)
        return await self._imports.latest(10)

    async def learn(self) -> None:
        """Tell the calendar what was imported."""
        self._days.learn(await self._imports.holidays())

    async def keep_up(self) -> None:
        """Do so again and again while the process serves: another one may have imported a year."""
        while True:
            try:
                await self.learn()
            except Unavailable:
                log.warning("holidays_not_read")
            await asyncio.sleep(LOOK_EVERY)


def _sheet(kind: str, by: Actor) -> Sheet:
    require(by, Permission.IMPORT)
    if kind not in SHEETS:
        raise Refused("not_found")
    return SHEETS[kind]
