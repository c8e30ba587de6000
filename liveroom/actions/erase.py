"""Erases what is personal in questions: at the wish of whoever has the code, or because it was kept long enough.

Knows no page and no table. What goes and what stays is `qa.erasing`'s.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from liveroom import ids
from liveroom.actions.seal_votes import SealingVotes
from liveroom.actions.sittings import Change, Sittings
from liveroom.actions.verify import Verifying
from liveroom.errors import Refused, Stale, Unavailable
from liveroom.matters.forgetting import person
from liveroom.ports.followers import Followers
from liveroom.ports.matters import Line, Matters
from liveroom.ports.rooms import Entry, Records, Renamed, Sitting
from liveroom.ports.signing import Signer
from liveroom.ports.vault import Vault
from liveroom.qa.commands import Withdraw
from liveroom.qa.decide import decide
from liveroom.qa.erasing import erasure, expiry
from liveroom.qa.events import AnyEvent, VotesSealed
from liveroom.qa.question import Question, Queue
from liveroom.qa.votes import digest, statement
from liveroom.rooms.roles import SYSTEM, Actor, visitor
from liveroom.rooms.session import SessionState

log = structlog.get_logger()

AT_ONCE = 50
"""Questions that are erased in one transaction, so that others may write in between."""

TRIES = 8

_OVER = frozenset({SessionState.ENDED, SessionState.DISPOSITION, SessionState.ARCHIVED})

Voters = Mapping[str, Collection[str]]
"""Who voted, by the question at which they did."""


@dataclass(frozen=True, slots=True)
class Seconded:
    """A question that a browser seconded, when, and what it said of the result of what came of it.

    It `goes` when the browser wishes so: once the session is over, and not what belongs to a question of its own.
    """

    sitting: Sitting
    question: Question
    at: datetime
    said: tuple[Line, ...]
    goes: bool


class Erasing:
    """What is kept about whoever asked or seconded, and the end of it."""

    def __init__(
        self,
        records: Records,
        sittings: Sittings,
        sealing: SealingVotes,
        signer: Signer,
        vault: Vault,
        verifying: Verifying,
        followers: Followers,
        matters: Matters,
    ) -> None:
        self._records = records
        self._matters = matters
        self._sittings = sittings
        self._sealing = sealing
        self._signer = signer
        self._vault = vault
        self._verifying = verifying
        self._followers = followers

    async def lines(self, sitting: Sitting, question: Question) -> list[Entry]:
        """Every line of the log about a question."""
        return await self._records.about(sitting.session.id, [question.id])

    async def said(self, sitting: Sitting, question: Question) -> list[Line]:
        """What its asker said of the result of what came of it, step by step."""
        return await self._said_by(sitting.queue.root(question).matter, question.device)

    async def _said_by(self, matter: str, device: str) -> list[Line]:
        if not matter:
            return []
        who = person(matter, device)
        return [line for line in await self._matters.history(matter) if line.by == who]

    async def proof(self, question: Question) -> str:
        """The hint of the contact that must say so, too; empty when the asker was never verified, or is no more."""
        contact = await self._vault.contact_of(question.device) if question.verified and not question.erased else None
        return contact.hint if contact else ""

    async def send_code(self, question: Question, network: str) -> None:
        """A code to the contact behind the question. Raises what `Verifying.send_code` does, and `not_verified`."""
        contact = await self._vault.contact_of(question.device)
        if contact is None:
            raise Refused("not_verified")
        await self._verifying.send_code(_holder(question), network, contact.address)

    async def waits_for_code(self, question: Question) -> bool:
        return await self._verifying.waiting_for(_holder(question)) is not None

    async def erase(self, session: str, question_id: str, written: str = "") -> Question:
        """Erase one question at its asker's wish, with the code that was sent to their contact where there is one.

        Raises `code_malformed`, `code_wrong`, `code_over`, and what `qa.erasing.erasure` says.
        """
        sitting = await self._records.load(session)
        question = sitting.queue.questions[question_id]
        if await self.proof(question):
            await self._verifying.prove(_holder(question), written)
            await self._vault.forget(_holder(question))
        votes, seal = await self._records.votes(session), await self._seal(sitting)
        device, key = ids.new_id(), ids.new_id()
        renamed: list[Renamed] = []

        def erasing(sitting: Sitting, now: datetime, voters: Voters) -> Change:
            asked = sitting.queue.questions[question_id]
            fact = erasure(sitting.queue, asked, votes, device, key)
            before = [] if fact.text == asked.text else _withdrawal(sitting, asked, now)
            renamed[:] = _votes_of(sitting.queue, asked, voters, {asked.device: device})
            return Change([*before, fact, *self._sealed_anew(sitting, seal, voters, renamed)], renamed=tuple(renamed))

        after = await self._change(session, erasing, visitor(device))
        await self._followers.forget(question_id)
        await self._vault.end_consent(question_id)
        await self._forget_device(question.device)
        log.info("erased", because="asker", session=session, question=question.label)
        return after.queue.questions[question_id]

    async def expire(self, session: str, due: Collection[str]) -> int:
        """Erase from these questions of a session that is over what is kept for its time only; how many there were.

        A question goes together with those that it speaks for.
        """
        sitting = await self._records.load(session)
        seal = await self._seal(sitting)
        groups = [group for group in _groups(sitting.queue) if not set(group).isdisjoint(due)]
        devices = {sitting.queue.questions[one].device for group in groups for one in group}
        done = 0
        while groups:
            some: list[str] = []
            while groups and len(some) < AT_ONCE:
                some += groups.pop()
            done += await self._expire_some(session, some, seal)
        for device in devices:
            await self._forget_device(device)
        return done

    async def _expire_some(self, session: str, some: Sequence[str], seal: VotesSealed | None) -> int:
        # Whoever asked and voted within a group stays one and the same in it.
        names: dict[str, str] = {}
        facts: list[AnyEvent] = []

        def expiring(sitting: Sitting, _now: datetime, voters: Voters) -> Change:
            asked = [sitting.queue.questions[one] for one in some]
            names.update({q.device: q.device if q.erased else ids.new_id() for q in asked})
            facts[:] = [expiry(q, names[q.device], ids.new_id()) for q in asked if not q.erased]
            given = [(one, voter) for one in some for voter in voters.get(one, ())]
            renamed = [
                Renamed(one, voter, name)
                for one, voter in given
                if (name := names.setdefault(voter, ids.new_id())) != voter
            ]
            return Change([*facts, *self._sealed_anew(sitting, seal, voters, renamed)], renamed=renamed)

        await self._change(session, expiring, SYSTEM)
        return len(facts)

    async def seconded(self, device: str) -> list[Seconded]:
        """What a browser seconded, the newest first."""
        sittings: dict[str, Sitting] = {}
        said: dict[str, tuple[Line, ...]] = {}
        found: list[Seconded] = []
        for given in await self._records.given_by(device):
            if given.session not in sittings:
                sittings[given.session] = await self._records.load(given.session)
            sitting = sittings[given.session]
            question, queue = sitting.queue.questions[given.question], sitting.queue
            matter = queue.root(question).matter
            if matter not in said:
                said[matter] = tuple(await self._said_by(matter, device))
            goes = sitting.session.state in _OVER and device not in queue.askers(queue.root(question))
            found.append(Seconded(sitting, question, given.at, said[matter], goes))
        return found

    async def contact_hint(self, device: str) -> str:
        """The contact that a browser has verified, as its owner recognises it; empty when there is none."""
        contact = await self._vault.contact_of(device)
        return contact.hint if contact else ""

    async def erase_seconded(self, device: str) -> int:
        """Who seconded is nobody's any more, in every session that is over; how many votes that were.

        They stay counted under other names. While a session is not over a vote without its voter could be given twice.
        """
        done = 0
        for session in dict.fromkeys(given.session for given in await self._records.given_by(device)):
            seal = await self._seal(await self._records.load(session))
            if seal is not None:
                done += await self._erase_votes(session, device, seal)
        await self._forget_device(device)
        log.info("votes_erased", votes=done)
        return done

    async def _erase_votes(self, session: str, device: str, seal: VotesSealed) -> int:
        renamed: list[Renamed] = []

        def erasing(sitting: Sitting, _now: datetime, voters: Voters) -> Change:
            renamed[:] = _seconds_of(sitting.queue, device, voters)
            return Change(self._sealed_anew(sitting, seal, voters, renamed), renamed=tuple(renamed))

        await self._change(session, erasing, visitor(ids.new_id()))
        return len(renamed)

    async def _change(self, session: str, decide: Callable[[Sitting, datetime, Voters], Change], by: Actor) -> Sitting:
        """A change that depends on who voted. Of a session that is over it is the newest: others are erased, too."""
        for _ in range(TRIES):
            seen, voters = await self._records.load(session), await self._records.voters(session)

            def deciding(sitting: Sitting, now: datetime, seen: Sitting = seen, voters: Voters = voters) -> Change:
                if sitting.seq != seen.seq and sitting.session.state in _OVER:
                    raise Stale(session)
                return decide(sitting, now, voters)

            try:
                return await self._sittings.change(session, deciding, by)
            except Stale:
                continue
        raise Unavailable("too many people changed this session at once")

    async def _forget_device(self, device: str) -> None:
        """The contact goes with the last question that it stood for."""
        if not await self._records.asked_by(device):
            await self._vault.forget(device)

    async def _seal(self, sitting: Sitting) -> VotesSealed | None:
        """The newest seal of a session that is over; None while it is not."""
        if sitting.session.state not in _OVER:
            return None
        await self._sealing.seal(sitting.session.id)
        entries = await self._records.since(sitting.session.id, 0)
        return next((e.event for e in reversed(entries) if isinstance(e.event, VotesSealed)), None)

    def _sealed_anew(
        self,
        sitting: Sitting,
        seal: VotesSealed | None,
        voters: Mapping[str, Collection[str]],
        renamed: Sequence[Renamed],
    ) -> list[AnyEvent]:
        """The same counts, for voters under other names."""
        if seal is None or not renamed:
            return []
        after = {question: set(devices) for question, devices in voters.items()}
        for voter in renamed:
            after[voter.question] ^= {voter.before, voter.after}
        sealed = digest(after)
        signature = self._signer.sign(statement(sitting.session.id, seal.counts, sealed))
        return [VotesSealed(seal.counts, sealed, self._signer.key, signature)]


def _holder(question: Question) -> str:
    """Under which name a code for this purpose is kept: one for another purpose does not fit."""
    return f"erase.{question.id}"


def _withdrawal(sitting: Sitting, question: Question, now: datetime) -> list[AnyEvent]:
    """A question whose wording goes waits for nobody any more."""
    with contextlib.suppress(Refused):
        return decide(sitting.queue, sitting.session, Withdraw(question.id), visitor(question.device), now)
    return []


def _votes_of(
    queue: Queue, question: Question, voters: Mapping[str, Collection[str]], names: Mapping[str, str]
) -> list[Renamed]:
    """Votes of these devices where the question is one of the askers: they still must not count."""
    root = queue.root(question)
    group = (root, *queue.merged(root.id))
    return [
        Renamed(one.id, device, name)
        for one in group
        for device, name in names.items()
        if device in voters.get(one.id, ())
    ]


def _seconds_of(queue: Queue, device: str, voters: Voters) -> list[Renamed]:
    """The votes of a device for what others asked, one new name for those that count as one.

    What belongs to a question of its own goes with that one's code. What it said of a matter goes when it asked nothing
    that led to it: else it could say it twice.
    """
    spoken = {queue.root(asked).matter for asked in queue.questions.values() if asked.device == device}
    found: list[Renamed] = []
    for first, *merged in _groups(queue):
        root = queue.questions[first]
        if device not in queue.askers(root):
            matter, name = root.matter, ids.new_id()
            given = [one for one in (first, *merged) if device in voters.get(one, ())]
            found += [Renamed(one, device, name, "" if matter in spoken else matter) for one in given]
    return found


def _groups(queue: Queue) -> list[list[str]]:
    """All questions, each with those that it speaks for."""
    speaking = [question.id for question in queue.questions.values() if not question.merged_into]
    return [[one, *(merged.id for merged in queue.merged(one))] for one in speaking]
