"""Everybody who has a room's page open, and what they are told. Knows no message from a client."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import structlog
from aiohttp import WSCloseCode, web

from liveroom.actions.attend import Attending, Missed
from liveroom.actions.broadcast import Broadcasting
from liveroom.actions.claim import Claiming
from liveroom.errors import Unavailable
from liveroom.ports.bus import Bus, claims_topic, session_topic, votes_topic
from liveroom.ports.claims import Claim
from liveroom.ports.rooms import Sitting
from liveroom.qa.wire import Audience
from liveroom.rooms.roles import GRANTS, Actor
from liveroom.rooms.session import in_session
from liveroom.server.clustering import Clustering

log = structlog.get_logger()

BACKLOG = 64
"""Messages that may wait for one slow client before it is sent away to come back."""

COUNTS_EVERY = 0.25
"""Seconds between two updates of votes and viewers, however many people act."""

CLUSTERS_EVERY = 2.0
"""Seconds between two looks at the clusters of pending questions."""

GOODBYE = 2.0
"""Seconds in which a client may read that it is sent away."""

RESYNC = 4001
OTHER_SESSION = 4002

_encode = msgspec.json.Encoder()


def message(kind: str, **fields: Any) -> str:
    """One message of the socket as text."""
    return _encode.encode({"type": kind, **fields}).decode()


@dataclass(eq=False, slots=True)
class Channel:
    """One open websocket: who is behind it, and what waits to be sent."""

    socket: web.WebSocketResponse
    actor: Actor
    device: str
    audience: Audience = Audience.PUBLIC
    view: str = "room"
    greeted: bool = False
    waiting: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(BACKLOG))
    closing: int | None = None
    abort: Callable[[], None] = lambda: None

    def push(self, text: str) -> None:
        """Send soon; a client that lets too much pile up is closed with 4001 and comes back for the rest."""
        if self.closing is not None:
            return
        try:
            self.waiting.put_nowait(text)
        except asyncio.QueueFull:
            self.close(RESYNC)

    def close(self, code: int) -> None:
        """Stop sending and close; a client that does not even read the goodbye is cut off."""
        if self.closing is None:
            self.closing = code
            asyncio.get_running_loop().call_later(GOODBYE, self.abort)
            while not self.waiting.empty():
                self.waiting.get_nowait()
            self.waiting.put_nowait("")

    async def send_waiting(self) -> None:
        """Send what is pushed until the channel closes; runs as a task of its own, so nobody waits for this client."""
        with contextlib.suppress(ConnectionError):
            while True:
                text = await self.waiting.get()
                if self.closing is not None:
                    await self.socket.close(code=self.closing, drain=False)
                    return
                await self.socket.send_str(text)


class Hall:
    """The channels of one room and the session they look at."""

    def __init__(self, slug: str, session: str | None, attending: Attending, claiming: Claiming, bus: Bus) -> None:
        self.slug = slug
        self.session = session
        self.channels: set[Channel] = set()
        self._attending = attending
        self._claiming = claiming
        self._claims: list[Claim] = []
        self._votes: dict[str, int] = {}
        self._told_viewers = -1
        self._seq = 0
        self._news = asyncio.Event()
        self._votes_changed = False
        self._claims_changed = False
        self._unfollow: list[Callable[[], None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._ready = asyncio.Lock()
        self._bus = bus
        self._clustering = Clustering(attending, session) if session is not None else None

    @property
    def viewers(self) -> int:
        """People who look at the room's page now, by device."""
        return len({channel.device for channel in self.channels if channel.view == "room" and channel.greeted})

    async def open(self) -> None:
        """Begin to listen; the first caller does the work."""
        async with self._ready:
            if self._tasks or self.session is None:
                return
            self._unfollow = [
                self._bus.follow(session_topic(self.session), lambda _topic: self._news.set()),
                self._bus.follow(votes_topic(self.session), lambda _topic: self._note_votes()),
                self._bus.follow(claims_topic(self.session), lambda _topic: self._note_claims()),
            ]
            self._votes = dict(await self._attending.votes(self.session))
            self._seq = (await self._attending.sitting(self.session)).seq
            self._claims = await self._claiming.held(self.session)
            self._tasks = [asyncio.create_task(self._tell_news()), asyncio.create_task(self._tell_counts())]
            self._tasks.append(asyncio.create_task(self._tell_clusters()))

    async def close(self, code: int) -> None:
        for unfollow in self._unfollow:
            unfollow()
        for channel in tuple(self.channels):
            channel.close(code)
        for task in self._tasks:
            task.cancel()
        # They may be in the middle of a read: the records must stay open until they have let go.
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def greet(self, channel: Channel, epoch: str | None, seq: int | None) -> None:
        """Answer a `hello`: what was missed, or everything; then the device's own questions and the counts."""
        channel.greeted = False
        if self.session is None:
            channel.push(self._snapshot(channel, None, {}, None))
            channel.greeted = True
            self.channels.add(channel)
            return
        seconded = await self._attending.seconded(self.session, channel.device)
        sitting = await self._attending.sitting(self.session)
        session_view = await self._attending.session_view(sitting.session)
        missed = None
        if epoch == self._attending.epoch and seq is not None:
            missed = await self._attending.missed(sitting, seq, self._votes, [channel.audience])
        if missed is None:
            channel.push(self._snapshot(channel, sitting, self._votes, session_view))
        else:
            channel.push(self._feed(missed[channel.audience]))
        channel.push(self._mine(sitting, channel.device))
        channel.push(message("counts", viewers=self.viewers, votes=self._votes, seconded=seconded))
        if channel.audience is Audience.DESK:
            channel.push(message("claims", claims=self._claims))
            if self._clustering is not None:
                channel.push(message("clusters", clusters=self._clustering.found))
        # From here on the channel hears all news; some may repeat what it was just told: views can be applied twice.
        channel.greeted = True
        self.channels.add(channel)
        if sitting.seq < self._seq:
            await self.greet(channel, self._attending.epoch, sitting.seq)

    async def _tell_news(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self._tell()
            except Unavailable:
                log.warning("news_waits", room=self.slug)
                await asyncio.sleep(1)
                self._news.set()

    async def _tell(self) -> None:
        if self.session is None:
            return
        sitting = await self._attending.sitting(self.session)
        if sitting.seq == self._seq:
            return
        audiences = list(Audience)
        missed = await self._attending.missed(sitting, self._seq, self._votes, audiences)
        if missed is None:
            for channel in tuple(self.channels):
                channel.close(RESYNC)
        else:
            texts = {audience: self._feed(missed[audience]) for audience in audiences}
            self._push_news(sitting, missed[Audience.PUBLIC], texts)
        self._seq = sitting.seq

    def _push_news(self, sitting: Sitting, missed: Missed, texts: Mapping[Audience, str]) -> None:
        own: dict[str, str] = {}
        for channel in tuple(self.channels):
            channel.push(texts[channel.audience])
            if channel.device in missed.devices or missed.session is not None:
                if channel.device not in own:
                    own[channel.device] = self._mine(sitting, channel.device)
                channel.push(own[channel.device])

    def _note_votes(self) -> None:
        self._votes_changed = True

    def _note_claims(self) -> None:
        self._claims_changed = True

    async def _tell_counts(self) -> None:
        while True:
            await asyncio.sleep(COUNTS_EVERY)
            with contextlib.suppress(Unavailable):
                await self._counts()
            with contextlib.suppress(Unavailable):
                await self._tell_claims()

    async def _tell_claims(self) -> None:
        """To the desks, when somebody took a question or gave it back, or a claim ran out."""
        if self.session is None or not (self._claims_changed or self._claiming.ran_out(self._claims)):
            return
        self._claims_changed = False
        self._claims = await self._claiming.held(self.session)
        text = message("claims", claims=self._claims)
        for channel in tuple(self.channels):
            if channel.audience is Audience.DESK:
                channel.push(text)

    async def _counts(self) -> None:
        changed: dict[str, int] = {}
        if self._votes_changed and self.session is not None:
            self._votes_changed = False
            votes = await self._attending.votes(self.session)
            changed = {question: n for question, n in votes.items() if self._votes.get(question) != n}
            self._votes = dict(votes)
        viewers = self.viewers
        if not changed and viewers == self._told_viewers:
            return
        self._told_viewers = viewers
        text = message("counts", viewers=viewers, votes=changed)
        for channel in tuple(self.channels):
            channel.push(text)

    async def _tell_clusters(self) -> None:
        while True:
            await asyncio.sleep(CLUSTERS_EVERY)
            with contextlib.suppress(Unavailable):
                await self._clusters()

    async def _clusters(self) -> None:
        if self._clustering is None or not self._desks() or not await self._clustering.look():
            return
        text = message("clusters", clusters=self._clustering.found)
        for channel in self._desks():
            channel.push(text)

    def _desks(self) -> list[Channel]:
        return [channel for channel in self.channels if channel.audience is Audience.DESK]

    def _snapshot(self, channel: Channel, sitting: Sitting | None, votes: Mapping[str, int], session: Any) -> str:
        return message(
            "snapshot",
            epoch=self._attending.epoch,
            seq=sitting.seq if sitting else 0,
            session=session,
            questions=self._attending.questions(sitting, votes, channel.audience) if sitting else [],
            you=you(in_session(sitting.session, channel.actor) if sitting else channel.actor),
        )

    def _feed(self, missed: Missed) -> str:
        fields: dict[str, Any] = {
            "epoch": self._attending.epoch,
            "after": missed.after,
            "seq": missed.seq,
            "changed": missed.changed,
            "gone": missed.gone,
            "notes": missed.notes,
        }
        if missed.session is not None:
            fields["session"] = missed.session
        return message("feed", **fields)

    def _mine(self, sitting: Sitting, device: str) -> str:
        return message("mine", questions=self._attending.mine(sitting, self._votes, device))


def you(actor: Actor) -> dict[str, Any]:
    """What a page may know of the person in front of it."""
    allowed = sorted({permission for role in actor.roles for permission in GRANTS[role]})
    return {"name": actor.name, "roles": sorted(actor.roles), "may": allowed}


class Halls:
    """The halls of all rooms, opened when the first channel comes."""

    def __init__(self, attending: Attending, broadcasting: Broadcasting, claiming: Claiming, bus: Bus) -> None:
        self._attending = attending
        self._claiming = claiming
        self._broadcasting = broadcasting
        self._bus = bus
        self._halls: dict[str, Hall] = {}

    async def enter(self, slug: str) -> Hall:
        """The room's hall, looking at the session of now. `Refused("not_found")` for an unknown room."""
        session = await self._broadcasting.current(slug)
        wanted = session.id if session else None
        hall = self._halls.get(slug)
        if hall is not None and hall.session != wanted:
            self._halls.pop(slug)
            await hall.close(OTHER_SESSION)
            hall = None
        if hall is None:
            hall = self._halls.setdefault(slug, Hall(slug, wanted, self._attending, self._claiming, self._bus))
        await hall.open()
        return hall

    def leave(self, hall: Hall, channel: Channel) -> None:
        hall.channels.discard(channel)

    def viewers(self, slug: str) -> int:
        hall = self._halls.get(slug)
        return hall.viewers if hall else 0

    @property
    def open_channels(self) -> int:
        return sum(len(hall.channels) for hall in self._halls.values())

    async def refresh(self, slug: str) -> None:
        """After a session was planned or cancelled: whoever looks at another one is told to come back."""
        if slug in self._halls:
            await self.enter(slug)

    async def close(self) -> None:
        for hall in self._halls.values():
            await hall.close(WSCloseCode.SERVICE_RESTART)
        self._halls.clear()
