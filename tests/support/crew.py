"""People who send commands without pause to a server that is stopped hard, and what became of all they were told."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from liveroom import ids
from liveroom.qa.apply import apply
from liveroom.qa.events import QuestionAsked, QuestionEvent, QuestionPublished, QuestionTagged
from liveroom.qa.question import Queue
from liveroom.settings import Settings
from liveroom.storage.opening import opened
from liveroom.storage.records import SqlRecords
from tests.support.pages import ReturningPage

WAIT_FOR_TURN = frozenset({"slow_down", "unavailable"})
SECONDS = 3
"""Votes for each question."""


@dataclass
class Crew:
    """Askers, moderators and voters; every command is sent until it is answered, then written down here."""

    key: str
    asked: dict[str, str] = field(default_factory=dict)
    published: set[str] = field(default_factory=set)
    tagged: set[str] = field(default_factory=set)
    votes: Counter[str] = field(default_factory=Counter)
    told_to_wait: int = 0
    unexpected: list[dict[str, Any]] = field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        return len(self.asked) + len(self.published) + len(self.tagged) + self.votes.total()

    async def work(self, base: str, link: str, stop: asyncio.Event, askers: int = 8, voters: int = 24) -> None:
        """Until `stop`; whatever was begun is ended."""
        socket, headers = f"{base}/rooms/r/socket", {"X-Liveroom-Loadtest": self.key}
        clients = [
            aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), headers=headers)
            for _ in range(1 + askers + voters)
        ]
        # A cookie first: who comes back is the same device, and its vote is the same vote.
        for client, path in zip(clients, [link] + ["/rooms/r"] * (askers + voters), strict=True):
            await (await client.get(base + path)).read()
        staff, *visitors = clients
        desks = [ReturningPage(staff, socket, "desk") for _ in range(2)]
        pages = [ReturningPage(client, socket) for client in visitors]
        tasks = [asyncio.create_task(page.live()) for page in [*desks, *pages]]
        try:
            rounds = (
                self._round(page, desks[number % 2], pages[askers:], stop) for number, page in enumerate(pages[:askers])
            )
            await asyncio.gather(*rounds)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for client in clients:
                await client.close()

    async def _round(
        self, asker: ReturningPage, desk: ReturningPage, voters: list[ReturningPage], stop: asyncio.Event
    ) -> None:
        while not stop.is_set():
            key = ids.new_id()
            answer = await self._done(asker, type="ask", key=key, text=f"问题 {key}")
            question = answer["question"]["id"]
            self.asked[key] = question
            await self._done(desk, type="publish", question=question)
            self.published.add(question)
            await self._done(desk, type="tag", question=question, tags=["船期"])
            self.tagged.add(question)

            async def vote(page: ReturningPage, question: str = question) -> None:
                await self._done(page, type="second", question=question)
                self.votes[question] += 1

            await asyncio.gather(*(vote(page) for page in random.sample(voters, SECONDS)))

    async def _done(self, page: ReturningPage, **wish: Any) -> dict[str, Any]:
        while (answer := await page.wish(**wish))["type"] == "refused" and answer["code"] in WAIT_FOR_TURN:
            self.told_to_wait += 1
            await asyncio.sleep(min(1.0, answer["retry_after"] or 0.2))
        # A move whose acknowledgement was lost is not possible a second time; that it was done is looked up at the end.
        if answer["type"] == "refused" and wish["type"] != "publish":
            self.unexpected.append(answer)
        return answer


@dataclass(frozen=True, slots=True)
class Account:
    """What the records say about what a crew was told."""

    acknowledged: int
    lost: int
    doubled: int
    illegal: int

    @property
    def told(self) -> str:
        return f"{self.acknowledged:,} acknowledged, {self.lost} lost, {self.doubled} doubled, {self.illegal} illegal"

    @property
    def holds(self) -> bool:
        return (self.lost, self.doubled, self.illegal) == (0, 0, 0)


async def account(crew: Crew, settings: Settings, session: str) -> Account:
    """Everything acknowledged against the log, once each; and the log, replayed, against the state that is kept."""
    database = await opened(settings)
    try:
        records = await SqlRecords.open(database)
        sitting, feed = await records.load(session), await records.since(session, 0)
        votes = Counter(dict(await records.votes(session)))
    finally:
        await database.close()
    asked, published, tagged = (
        Counter(entry.event.question for entry in feed if isinstance(entry.event, kind))
        for kind in (QuestionAsked, QuestionPublished, QuestionTagged)
    )
    keys = Counter(entry.event.key for entry in feed if isinstance(entry.event, QuestionAsked))
    lost = len(set(crew.asked.values()) - set(asked)) + len(crew.published - set(published))
    lost += len(crew.tagged - set(tagged)) + (crew.votes - votes).total()
    doubled = sum(count - 1 for seen in (keys, asked, published, tagged) for count in seen.values())
    doubled += (votes - crew.votes).total()
    replayed, illegal = Queue(session), 0
    for number, entry in enumerate(feed, 1):
        illegal += entry.seq != number
        if isinstance(entry.event, QuestionEvent):
            replayed = apply(replayed, [entry.event])
    kept = sitting.queue.questions
    illegal += sum(replayed.get(name) != question for name, question in kept.items()) + len(
        set(replayed.questions) - set(kept)
    )
    return Account(crew.acknowledged, lost, doubled, illegal + len(crew.unexpected))
