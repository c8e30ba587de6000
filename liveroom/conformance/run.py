"""One run against a server: which check when, and what goes on beside it. Knows no layout of the report."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field

import aiohttp

from liveroom.conformance.checks import access, ending, looking, opening, patching, watching
from liveroom.conformance.duties import DUTIES
from liveroom.conformance.findings import Findings
from liveroom.conformance.peers import Peer
from liveroom.conformance.trial import Endpoint, NoSession, Pace, Trial
from liveroom.conformance.wire import Wire

Check = Callable[[Trial, Endpoint], Awaitable[None]]

CHECKS: tuple[tuple[tuple[str, ...], Check], ...] = (
    (("C1",), opening.opens),
    (("C2",), opening.refuses),
    (("C3",), looking.can_be_looked_at),
    (("C4",), opening.goes_one_way),
    (("C6",), looking.serves_other_sites),
    (("C7", "C8", "C9", "C10"), patching.patches),
    (("C11",), opening.is_complete),
    (("C12",), opening.is_whole),
    (("C13",), access.is_used),
    (("C14",), access.asks_for_the_token),
    (("C15",), opening.names_ice_servers),
)
"""What is asked of both endpoints and needs no media, with the duties that each looks at."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What to check. Without `whip`, somebody else has to publish; `only` are numbers of duties, empty for all."""

    whip: Endpoint | None
    whep: Endpoint | None
    only: Collection[str] = ()
    silence: bool = True
    flood: int = 0
    strict: bool = False
    verify_tls: bool = True
    pace: Pace = field(default_factory=Pace)

    def wants(self, *duties: str) -> bool:
        return not self.only or any(duty in self.only for duty in duties)


async def run(wishes: Wishes) -> Findings:
    """Everything that was found. Needs about as long as a silent peer may be served, and some seconds."""
    findings = Findings(wishes.strict)
    connector = aiohttp.TCPConnector(ssl=wishes.verify_tls)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as http:
        wire = Wire(http, wishes.pace.answer)
        trial = Trial(wire, findings, wishes.whip, wishes.whep, wishes.pace, wishes.flood)
        await _find(trial)
        if not findings.unreachable:
            await _Run(trial, wishes).everything()
            if wishes.wants("C13"):
                access.nobody_was_misled(trial)
    for duty in DUTIES:
        if not wishes.wants(duty.number):
            findings.skip(duty.number, "", "not asked for")
    return findings


async def _find(trial: Trial) -> None:
    """Note the endpoints that give no answer of any kind."""
    for endpoint in filter(None, (trial.whip, trial.whep)):
        seen = await trial.wire.send("OPTIONS", endpoint.url)
        if not seen.status:
            trial.findings.unreachable.append(f"{endpoint.url} cannot be reached: {seen.body}.")
            for duty in DUTIES:
                trial.skip(duty.number, endpoint, "the endpoint cannot be reached")


@dataclass(slots=True)
class _Run:
    trial: Trial
    wishes: Wishes

    async def everything(self) -> None:
        trial, whip, whep = self.trial, self.wishes.whip, self.wishes.whep
        if whip and whep and self.wishes.wants("C16"):
            await watching.says_when_to_come_back(trial, whep)
        if whip:
            await self._all_checks(whip)
        if whip and self._needs_a_publisher():
            await self._publish(whip)
        elif whep and not whip:
            await self._watch(whep)
        for endpoint in filter(None, (whip, whep)):
            if self.wishes.wants("C14"):
                await access.withstands_a_flood(trial, endpoint)

    def _needs_a_publisher(self) -> bool:
        of_players = {duty.number for duty in DUTIES} - {"C12", "C16"}
        return self.wishes.wants("C1", "C5") or (self.wishes.whep is not None and self.wishes.wants(*of_players))

    async def _publish(self, whip: Endpoint) -> None:
        """Publish, watch meanwhile, and end it."""
        trial, whep, publisher = self.trial, self.wishes.whep, Peer.publisher()
        try:
            session = await watching.connect(trial, whip, publisher)
            trial.judge("C1.media", whip, True, "ICE and DTLS of a publisher are connected")
            if whep:
                await self._watch(whep)
            if self.wishes.wants("C5"):
                await ending.ends(trial, whip, publisher, session)
            else:
                await trial.end(whip, session.created)
        except NoSession as reason:
            trial.judge("C1.media", whip, False, f"nobody could publish: {reason}")
            for endpoint in (whip, whep) if whep else (whip,):
                for duty in DUTIES:
                    trial.skip(duty.number, endpoint, "nobody could publish")
        finally:
            await publisher.close()

    async def _watch(self, whep: Endpoint) -> None:
        """What needs a live publisher. The long silence of C18 goes on beside the rest."""
        trial, wants = self.trial, self.wishes.wants
        if not await watching.goes_live(trial, whep):
            trial.judge("C1.media", whep, False, "an offer to watch was not taken, though somebody publishes")
            return
        silence = None
        if wants("C18") and self.wishes.silence:
            silence = asyncio.create_task(ending.lets_the_silent_go(trial, whep))
        elif wants("C18"):
            trial.skip("C18", whep, "left out (--quick)")
        try:
            await self._all_checks(whep)
            if wants("C17"):
                await watching.makes_counter_offers(trial, whep)
            if wants("C1", "C5"):
                await self._play_and_end(whep)
        finally:
            if silence:
                await silence

    async def _play_and_end(self, whep: Endpoint) -> None:
        player = Peer.player()
        try:
            session = await watching.plays(self.trial, whep, player)
            if session is None:
                self.trial.skip("C5", whep, "no player could be connected")
            elif self.wishes.wants("C5"):
                await ending.ends(self.trial, whep, player, session)
            else:
                await self.trial.end(whep, session.created)
        finally:
            await player.close()

    async def _all_checks(self, endpoint: Endpoint) -> None:
        for duties, check in CHECKS:
            if not self.wishes.wants(*duties):
                continue
            try:
                await check(self.trial, endpoint)
            except NoSession as reason:
                for duty in duties:
                    self.trial.skip(duty, endpoint, reason)
