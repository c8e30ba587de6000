"""Whether the unit that handles a matter may reach who asked: the consent, and the look with it. Knows no page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from liveroom.clock import Clock
from liveroom.errors import Refused
from liveroom.matters.matter import Matter
from liveroom.ports.rooms import Records
from liveroom.ports.vault import Access, Identity, Vault
from liveroom.qa.question import Question
from liveroom.rooms.roles import Actor, Permission, may

log = structlog.get_logger()

REASON_LIMIT = 200
"""Characters."""


@dataclass(frozen=True, slots=True)
class Consent:
    """Whether an asker can be reached at all, whether they wish it, and when somebody looked."""

    verified: bool = False
    given: bool = False
    looks: tuple[datetime, ...] = ()


class Reaching:
    """What askers allow, and what those who handle their matter see then."""

    def __init__(self, vault: Vault, records: Records, clock: Clock) -> None:
        self._vault = vault
        self._records = records
        self._clock = clock

    async def consent_of(self, question: Question) -> Consent:
        """What the asker of this question allows."""
        verified = await self._vault.is_verified(question.device)
        given = verified and question.id in await self._vault.consented([question.id])
        return Consent(verified, given, await self._vault.reached(question.id))

    async def allow(self, question: Question) -> None:
        """The unit that handles what came of the question may see the asker's contact.

        Raises `not_verified` when the asker has proved none.
        """
        if not await self._vault.is_verified(question.device):
            raise Refused("not_verified")
        await self._vault.consent(question.id, question.device, self._clock())

    async def stop(self, question: Question) -> None:
        """They may not any more."""
        await self._vault.end_consent(question.id)

    async def willing(self, matter: Matter, by: Actor) -> list[Question]:
        """The questions behind a matter whose askers this person may reach now."""
        if not _handles(matter, by):
            return []
        asked = await self._behind(matter)
        found = await self._vault.consented([question.id for question in asked])
        return [question for question in asked if question.id in found]

    async def look(self, matter: Matter, question: str, reason: str, by: Actor) -> Identity:
        """How to reach one asker. Every look is kept in the vault's book and told in the log.

        Raises `forbidden`, `empty` or `too_long` of the reason, and `not_willing` when the asker did not consent.
        """
        if not _handles(matter, by):
            raise Refused("forbidden")
        if not reason.strip():
            raise Refused("empty", field="reason")
        if len(reason) > REASON_LIMIT:
            raise Refused("too_long", field="reason", limit=REASON_LIMIT)
        asked = next((one for one in await self._behind(matter) if one.id == question), None)
        access = Access(question, f"{matter.number}: {reason.strip()}", by.id, "")
        identity = await self._vault.reach(access, self._clock()) if asked else None
        if asked is None or identity is None:
            raise Refused("not_willing")
        log.warning("asker_reached", matter=matter.number, question=asked.label, by=by.id)
        return identity

    async def _behind(self, matter: Matter) -> Sequence[Question]:
        """The questions of a matter, each with those that were merged into it."""
        found: list[Question] = []
        for session in dict.fromkeys(source.session for source in matter.sources):
            queue = (await self._records.load(session)).queue
            roots = [queue.get(source.question) for source in matter.sources if source.session == session]
            found += [q for root in roots if root for q in (root, *queue.merged(root.id)) if not q.erased]
        return found


def _handles(matter: Matter, by: Actor) -> bool:
    """Those of the unit itself, while there is something to be handled."""
    return may(by, Permission.HANDLE) and bool(by.unit) and by.unit == matter.unit and not matter.end
