"""Everybody who has a room's page open, and what they are told. Knows no message from a client."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import structlog

from liveroom import clock
from liveroom.actions.attend import Attending, Missed
from liveroom.actions.claim import Claiming
from liveroom.background import keep_running
from liveroom.errors import Unavailable
from liveroom.ports.bus import Bus, claims_topic, session_topic, votes_topic
from liveroom.ports.claims import Claim
from liveroom.ports.presence import Presence
from liveroom.ports.rooms import Sitting
from liveroom.qa.wire import Audience
from liveroom.server.channel import RESYNC, Channel
from liveroom.server.clustering import Clustering
from liveroom.server.frames import frame, message
from liveroom.server.messages import Messages
from liveroom.server.stand import SLICE, Stand

log = structlog.get_logger()

COUNTS_EVERY = 0.25
"""Seconds between two updates of votes and viewers, however many people act."""

CLUSTERS_EVERY = 2.0
"""Seconds between two looks at the clusters of pending questions."""

COUNTS_PACE = 50e-6
"""Seconds a channel between two of them, when that is longer: half a second for ten thousand."""

SWEEP_EVERY = 2.0
"""Seconds between two looks at every channel."""


class Hall:
    """The channels of one room and the session they look at."""

    def __init__(
        self,
        slug: str,
        session: str | None,
        attending: Attending,
        claiming: Claiming,
        bus: Bus,
        presence: Presence,
    ) -> None:
        self.slug = slug
        self.session = session
        self._attending = attending
        self._claiming = claiming
        self._bus = bus
        self._stands = {audience: Stand(audience) for audience in Audience}
        self._present: Counter[str] = Counter()
        self._votes: Mapping[str, int] = {}
        self._votes_changed = False
        self._claims: list[Claim] = []
        self._claims_changed = False
        self._messages = Messages(attending)
        self._unfollow: list[Callable[[], None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._opening = asyncio.Lock()
        self._closed_with: int | None = None
        self._clustering = Clustering(attending, session) if session is not None else None
        self._presence = presence

    def __len__(self) -> int:
        return sum(map(len, self._stands.values()))

    @property
    def viewers(self) -> int:
        """People who look at the room's page now, by device, whichever process serves them."""
        self._presence.note(self.slug, self._present.keys())
        return self._presence.count(self.slug)

    async def open(self) -> None:
        """Begin to listen; the first caller does the work, and another one when it could not be done."""
        async with self._opening:
            if self._tasks or self._closed_with is not None:
                return
            if self.session is not None:
                self._stop_listening()
                self._unfollow = [
                    self._bus.follow(session_topic(self.session), lambda _topic: self._ring()),
                    self._bus.follow(votes_topic(self.session), lambda _topic: self._note_votes()),
                    self._bus.follow(claims_topic(self.session), lambda _topic: self._note_claims()),
                ]
                self._votes = dict(await self._attending.votes(self.session))
                seq = (await self._attending.sitting(self.session)).seq
                self._claims = await self._claiming.held(self.session)
                for stand in self._stands.values():
                    stand.seq = stand.told = seq
                    stand.votes = self._votes
                    self._run("news", partial(self._tell, self.session, stand))
                self._run("counts", partial(self._count, self.session))
                self._run("clusters", self._tell_clusters)
            self._run("sweep", self._sweep)

    def _run(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self._tasks.append(asyncio.create_task(keep_running(name, work)))

    async def close(self, code: int) -> None:
        self._closed_with = code
        async with self._opening:
            self._stop_listening()
        self._presence.note(self.slug, frozenset())
        for stand in self._stands.values():
            stand.close(code)
        for task in self._tasks:
            task.cancel()
        # They may be in the middle of a read: the records must stay open until they have let go.
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _stop_listening(self) -> None:
        for unfollow in self._unfollow:
            unfollow()
        self._unfollow = []

    def leave(self, channel: Channel) -> None:
        """The channel is closed, or is about to say who it is anew."""
        stand = self._stands[channel.audience]
        if channel in stand:
            stand.dismiss(channel)
            if channel.view == "room":
                self._present[channel.device] -= 1
                if not self._present[channel.device]:
                    del self._present[channel.device]

    async def greet(self, channel: Channel, view: str, audience: Audience, epoch: str | None, seq: int | None) -> None:
        """Answer a `hello`: what was missed, or everything; then the device's own questions and the counts."""
        self.leave(channel)
        channel.view, channel.audience = view, audience
        stand = self._stands[audience]
        if self.session is None:
            channel.push(self._messages.nothing(channel.actor))
            self._admit(stand, channel)
            return
        # A device without a past costs no look at the votes, and of ten thousand at once most are.
        seconded = [] if channel.new else await self._attending.seconded(self.session, channel.device)
        channel.new = False
        while True:
            sitting = await self._attending.sitting(self.session)
            place = seq if epoch == self._attending.epoch else None
            arrival = await self._messages.arrival(sitting, self._votes, audience, channel.actor, place)
            # News that are being told now would pass this channel by.
            if sitting.seq >= stand.seq:
                break
        own = self._messages.mine(sitting, self._votes, channel.device)
        self._admit(stand, channel)
        counts = self._messages.counts(self._votes, self.viewers, seconded)
        desk = self._of_the_desk() if audience is Audience.DESK else b""
        # From here on the channel hears all news; some may repeat what it was just told: views can be applied twice.
        channel.push(arrival + own + counts + desk)

    def _of_the_desk(self) -> bytes:
        """What desks alone are told beside the questions."""
        found = self._clustering.found if self._clustering is not None else []
        return frame(message("claims", claims=self._claims)) + frame(message("clusters", clusters=found))

    def _admit(self, stand: Stand, channel: Channel) -> None:
        if self._closed_with is not None:
            channel.close(self._closed_with)
        elif channel.closing is None and not channel.wire.is_closing():
            stand.admit(channel)
            if channel.view == "room":
                self._present[channel.device] += 1

    def _ring(self) -> None:
        self._votes_changed = True  # a merge unites votes
        for stand in self._stands.values():
            stand.ring()

    def _note_votes(self) -> None:
        self._votes_changed = True

    def _note_claims(self) -> None:
        self._claims_changed = True
        self._stands[Audience.DESK].bell.set()

    async def _tell(self, session: str, stand: Stand) -> None:
        """One task an audience: what is new goes out in one piece, and the next piece takes all since then."""
        while True:
            await stand.bell.wait()
            stand.bell.clear()
            began = time.monotonic()
            try:
                await self._tell_news(session, stand)
            except Unavailable:
                log.warning("news_waits", room=self.slug)
                await asyncio.sleep(1)
                stand.bell.set()
            except Exception:
                # Who was told of it already nobody knows: all come back for the rest.
                stand.close(RESYNC)
                raise
            await asyncio.sleep(max(0.0, stand.pace - (time.monotonic() - began)))

    async def _tell_news(self, session: str, stand: Stand) -> None:
        rung_at, stand.rung_at = stand.rung_at or clock.milliseconds(), 0
        sitting, votes = await self._attending.sitting(session), self._votes
        news = b""
        if sitting.seq != stand.seq:
            found = await self._attending.missed(sitting, stand.seq, votes, [stand.audience])
            stand.seq = sitting.seq
            if found is None:
                stand.told = sitting.seq
                stand.close(RESYNC)
                return
            missed = found[stand.audience]
            if missed.concerns_them:
                news = self._messages.feed(missed, stand.told, rung_at)
                stand.told = sitting.seq
            await self._tell_askers(stand, sitting, missed)
        if stand.counts_due:
            stand.counts_due = False
            changed = {question: n for question, n in votes.items() if stand.votes.get(question) != n}
            if changed or stand.viewers != self.viewers:
                stand.votes, stand.viewers = votes, self.viewers
                news += frame(message("counts", at=clock.milliseconds(), viewers=stand.viewers, votes=changed))
        if stand.audience is Audience.DESK and self._claims_changed:
            self._claims_changed = False
            self._claims = await self._claiming.held(session)
            news += frame(message("claims", claims=self._claims))
        if news:
            await stand.tell(news)

    async def _tell_askers(self, stand: Stand, sitting: Sitting, missed: Missed) -> None:
        """Their own questions to those who have any, when one of them or its place changed."""
        concerned = set(missed.devices)
        if missed.session is not None:
            concerned |= self._messages.askers(sitting)
        for number, device in enumerate(stand.present(concerned), 1):
            stand.tell_device(device, self._messages.mine(sitting, self._votes, device))
            if number % SLICE == 0:
                await asyncio.sleep(0)

    async def _count(self, session: str) -> None:
        while True:
            await asyncio.sleep(max(COUNTS_EVERY, len(self) * COUNTS_PACE))
            if self._votes_changed:
                self._votes_changed = False
                try:
                    self._votes = dict(await self._attending.votes(session))
                except Unavailable:
                    self._votes_changed = True
            if self._claiming.ran_out(self._claims):
                self._note_claims()
            for stand in self._stands.values():
                if stand.votes is not self._votes or stand.viewers != self.viewers:
                    stand.counts_due = True
                    stand.bell.set()

    async def _tell_clusters(self) -> None:
        while True:
            await asyncio.sleep(CLUSTERS_EVERY)
            desks = self._stands[Audience.DESK]
            with contextlib.suppress(Unavailable):
                if self._clustering is not None and desks and await self._clustering.look():
                    news = frame(message("clusters", clusters=self._clustering.found))
                    for channel in desks:
                        channel.tell(news)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            now = asyncio.get_running_loop().time()
            for stand in self._stands.values():
                for number, channel in enumerate(stand, 1):
                    channel.look_after(now)
                    if number % (SLICE * 10) == 0:
                        await asyncio.sleep(0)
