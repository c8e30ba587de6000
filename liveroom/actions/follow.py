"""Following a question or a suggestion: from the wish over the proof of the contact to the end. Knows no page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from liveroom import ids
from liveroom.actions.verify import Verifying
from liveroom.clock import Clock
from liveroom.contacts import Channel, Contact, read_contact
from liveroom.errors import Refused
from liveroom.matters.matter import Matter
from liveroom.matters.sight import is_told_of
from liveroom.notices.followers import PLACE_LIMIT, Follower, Way
from liveroom.ports.followers import Followers
from liveroom.ports.matters import Matters
from liveroom.ports.rooms import Records
from liveroom.text import require_text


@dataclass(frozen=True, slots=True)
class Target:
    """What is followed: a question, or a suggestion."""

    question: str = ""
    matter: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """How somebody wants to be told, as they chose and typed it."""

    way: Way
    contact: str
    place: str
    language: str
    digest: bool


class Following:
    """Who wants to be told. A contact is proved by a code before anything is sent to it."""

    def __init__(
        self, followers: Followers, verifying: Verifying, matters: Matters, records: Records, clock: Clock
    ) -> None:
        self._followers = followers
        self._verifying = verifying
        self._matters = matters
        self._records = records
        self._clock = clock

    async def begin(self, target: Target, wish: Wish, device: str, network: str, site: str) -> Follower:
        """A new follower, active at once where nothing has to be proved; else a code is on its way.

        Raises `bad_contact`, `empty`, `too_long`, `slow_down`, and `Unavailable` when the code could not be sent.
        """
        contact = _contact(wish)
        place = require_text(wish.place, "place", PLACE_LIMIT) if wish.way is Way.STATION else ""
        asked = Follower(
            id=ids.new_id(),
            question=target.question,
            matter=target.matter,
            way=wish.way,
            language=wish.language,
            digest=wish.digest and wish.way.carried,
            device=device,
            receiver="",
            place=place,
            site=site,
            asked_at=self._clock(),
        )
        if contact is not None and not await self._followers.proved(device, contact):
            await self._verifying.send_code(device, network, contact.address)
            return await self._followers.add(asked, contact)
        added = await self._followers.add(asked, contact)
        return await self._followers.confirm(added.id, self._clock())

    async def confirm(self, follower: str, device: str, code: str) -> Follower:
        """The code that came. Raises `not_found`, `code_malformed`, `code_wrong`, `code_over`."""
        found = await self.see(follower)
        if found.confirmed_at is not None:
            return found
        contact = await self._followers.contact(found.id)
        if found.device != device or contact is None:
            raise Refused("code_over")
        if await self._verifying.prove(device, code) != contact:
            # The newest code was sent to another contact of this device.
            raise Refused("code_over")
        return await self._followers.confirm(found.id, self._clock())

    async def send_again(self, follower: str, device: str, network: str) -> None:
        """Another code. Raises `not_found`, `slow_down`, `Unavailable`."""
        found = await self.see(follower)
        contact = await self._followers.contact(found.id)
        if found.confirmed_at is not None or found.device != device or contact is None:
            raise Refused("not_found")
        await self._verifying.send_code(device, network, contact.address)

    async def see(self, follower: str) -> Follower:
        """Whoever has the link sees it; `Refused("not_found")`."""
        found = await self._followers.find(follower)
        if found is None:
            raise Refused("not_found")
        return found

    async def hint(self, follower: Follower) -> str:
        """Enough of the contact for its owner to recognise it."""
        contact = await self._followers.contact(follower.id)
        return contact.hint if contact else ""

    async def stop(self, follower: str, *, everything: bool = False) -> Follower:
        """Nothing more of this matter is told by the same way, or nothing at all. Stopping twice is once."""
        found = await self.see(follower)
        now = self._clock()
        if everything:
            await self._followers.end_all(found.receiver, now)
        else:
            matter, questions = await self._around(found)
            await self._followers.end(found.receiver, matter, questions, now)
        return found

    async def matter_of(self, follower: Follower) -> Matter | None:
        """The suggestion that a follower hears of; None while there is none, or none that may be spoken of."""
        name, _ = await self._around(follower)
        matter = await self._matters.load(name) if name else None
        return matter if matter is not None and is_told_of(matter) else None

    async def questions_of(self, matter: Matter) -> list[str]:
        """Every question that a suggestion comes from, with those that were merged into them."""
        found: list[str] = []
        by_session: dict[str, list[str]] = {}
        for source in matter.sources:
            by_session.setdefault(source.session, []).append(source.question)
        for session, sources in by_session.items():
            queue = (await self._records.load(session)).queue
            for question in sources:
                found += [question, *(merged.id for merged in queue.merged(question))]
        return list(dict.fromkeys(found))

    async def code_of(self, follower: Follower) -> str:
        """The tracking code of the question that somebody follows, who had it; empty for whoever follows a matter."""
        session = await self._records.session_of(follower.question) if follower.question else None
        question = (await self._records.load(session)).queue.get(follower.question) if session else None
        return question.code if question else ""

    async def _around(self, follower: Follower) -> tuple[str, list[str]]:
        """The suggestion of a follower and all questions of it; while there is none, those that one speaks for."""
        matter, questions = follower.matter, []
        session = await self._records.session_of(follower.question) if follower.question else None
        if session is not None:
            queue = (await self._records.load(session)).queue
            root = queue.root(queue.questions[follower.question])
            matter = matter or root.matter
            questions = [root.id, *(merged.id for merged in queue.merged(root.id))]
        if matter:
            questions += await self.questions_of(await self._matters.load(matter))
        return matter, list(dict.fromkeys([*questions, *filter(None, [follower.question])]))


CHANNELS: Mapping[Way, Channel] = {Way.MAIL: Channel.MAIL, Way.SMS: Channel.SMS}


def _contact(wish: Wish) -> Contact | None:
    """The contact of a way that needs one. Raises `bad_contact`, also for a number where mail was chosen."""
    if not wish.way.carried:
        return None
    contact = read_contact(wish.contact)
    if contact.channel is not CHANNELS[wish.way]:
        raise Refused("bad_contact")
    return contact
