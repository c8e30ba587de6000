"""What islanders do: ask, second, withdraw. Knows no sockets and no forms."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from liveroom import ids
from liveroom.actions.screen import Screening
from liveroom.actions.second import GroupCommit
from liveroom.actions.sittings import Change, Sittings
from liveroom.clock import Clock
from liveroom.errors import Refused
from liveroom.ports.bus import Bus
from liveroom.ports.rooms import Records, Sitting, Vote
from liveroom.qa import commands
from liveroom.qa.decide import decide
from liveroom.qa.events import VotesFlagged
from liveroom.qa.question import ISLAND_LIMIT, NICKNAME_LIMIT, SECONDABLE_STATES, TEXT_LIMIT, Question, Queue, Source
from liveroom.rooms.roles import SYSTEM, Actor, Permission, require
from liveroom.rooms.session import OPEN_FOR_QUESTIONS
from liveroom.text import optional_text, require_text

KEY_SHORTEST, KEY_LONGEST = 8, 64
LABEL_LENGTH = 4
OWNER_LENGTH = 32


class Asking:
    """Questions and votes of the public."""

    def __init__(self, records: Records, sittings: Sittings, screening: Screening, bus: Bus, clock: Clock) -> None:
        self._records = records
        self._sittings = sittings
        self._screening = screening
        self.votes = GroupCommit(records, bus)
        self._clock = clock

    async def ask(
        self,
        session: str,
        by: Actor,
        key: str,
        text: str,
        nickname: str = "",
        island: str = "",
        *,
        verified: bool = False,
    ) -> tuple[Sitting, Question]:
        """Keep a question and return it committed; the same key of the same device gives the first one again.

        Raises `Refused`: `bad_key`, `empty`, `too_long`, `session_closed`.
        """
        return await self._keep(session, by, by.id, key, text, nickname, island, verified=verified)

    async def enter(
        self, session: str, by: Actor, key: str, source: Source, text: str, nickname: str = "", island: str = ""
    ) -> tuple[Sitting, Question]:
        """Keep what somebody says on the telephone, in the hall or to a proxy; it is followed by its code alone.

        The key makes the owner, whom no browser is: nobody withdraws it from a page, and sending it again keeps it
        once. Raises `forbidden` besides what `ask` raises.
        """
        require(by, Permission.ENTER)
        owner = hashlib.sha256(f"{by.id} {key}".encode()).hexdigest()[:OWNER_LENGTH]
        return await self._keep(session, by, owner, key, text, nickname, island, source=source)

    async def _keep(
        self,
        session: str,
        by: Actor,
        owner: str,
        key: str,
        text: str,
        nickname: str,
        island: str,
        *,
        source: Source = Source.WEB,
        verified: bool = False,
    ) -> tuple[Sitting, Question]:
        if not KEY_SHORTEST <= len(key) <= KEY_LONGEST or not key.isascii() or not key.isprintable():
            raise Refused("bad_key")

        text = require_text(text, "text", TEXT_LIMIT)
        nickname = optional_text(nickname, "nickname", NICKNAME_LIMIT)
        island = optional_text(island, "island", ISLAND_LIMIT)
        looked = await self._screening.look(text=text, nickname=nickname, island=island)

        def keeping(sitting: Sitting, now: datetime) -> Change:
            if sitting.queue.by_key(owner, key) is not None:
                return Change([])
            command = commands.Ask(
                id=ids.new_id(),
                label=new_label(sitting.queue),
                code=ids.new_tracking_code(),
                key=key,
                text=text,
                nickname=looked.shown["nickname"],
                island=looked.shown["island"],
                device=owner,
                source=source,
                shown="" if looked.shown["text"] == text else looked.shown["text"],
                hits=looked.hits,
                held=looked.held,
                verified=verified,
            )
            return Change(decide(sitting.queue, sitting.session, command, by, now))

        sitting = await self._sittings.change(session, keeping, by)
        question = sitting.queue.by_key(owner, key)
        if question is None:
            raise RuntimeError("a question that was just kept is missing")
        return sitting, question

    async def second(self, session: str, question: str, by: Actor) -> bool:
        """One voter, one vote; twice is once. Whether the vote is new.

        Raises `not_found`, `wrong_state`, `session_closed`, `own_question`.
        """
        require(by, Permission.SECOND)
        sitting = await self._records.load(session)
        found = sitting.queue.get(question)
        if found is None or not (found.was_public or found.device == by.id):
            raise Refused("not_found")
        if by.id in sitting.queue.askers(sitting.queue.root(found)):
            raise Refused("own_question")
        if sitting.session.state not in OPEN_FOR_QUESTIONS:
            raise Refused("session_closed", state=sitting.session.state.value)
        # A vote that was on its way while its question was merged counts for the one that speaks for it.
        speaking = sitting.queue.root(found)
        if speaking.state not in SECONDABLE_STATES:
            raise Refused("wrong_state", state=speaking.state.value)
        return await self.votes.keep(Vote(session, question, by.id, self._clock()))

    async def has_seconded(self, session: str, question: str, by: Actor) -> bool:
        """Whether another vote for the question, or for one that speaks for it, would change nothing."""
        queue = (await self._records.load(session)).queue
        found = queue.get(question)
        if found is None:
            return False
        speaking = queue.root(found)
        given = set(await self._records.seconded(session, by.id))
        return not given.isdisjoint({speaking.id, *(merged.id for merged in queue.merged(speaking.id))})

    async def flag_votes(self, session: str, question: str) -> None:
        """Tell the desks that new devices of one network want to second this more than they may."""

        def flagging(sitting: Sitting, _now: datetime) -> Change:
            found = sitting.queue.get(question)
            return Change([VotesFlagged(question)] if found is not None and found.was_public else [])

        await self._sittings.change(session, flagging, SYSTEM)

    async def appeal(self, session: str, question: str, text: str, by: Actor) -> None:
        """Say why a refusal is not right: once, within a day. Raises `appeal_over`, `empty`, `too_long`."""

        def appealing(sitting: Sitting, now: datetime) -> Change:
            command = commands.Appeal(question, text)
            return Change(decide(sitting.queue, sitting.session, command, by, now))

        await self._sittings.change(session, appealing, by)

    async def withdraw(self, session: str, question: str, by: Actor) -> None:
        """Take one's own question back."""

        def withdrawing(sitting: Sitting, now: datetime) -> Change:
            return Change(decide(sitting.queue, sitting.session, commands.Withdraw(question), by, now))

        await self._sittings.change(session, withdrawing, by)


def new_label(queue: Queue) -> str:
    """A short name that nobody in this session has yet, to read out and to find a card by; it opens nothing."""
    taken = {q.label for q in queue.questions.values()}
    while True:
        label = "".join(secrets.choice(ids.ALPHABET) for _ in range(LABEL_LENGTH))
        if label not in taken:
            return label
