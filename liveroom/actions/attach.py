"""Files that go along with a step of a matter: taken in, shown to whom they are for, taken back. Knows no library."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

from liveroom import ids
from liveroom.actions.follow_up import FollowingUp
from liveroom.clock import Clock
from liveroom.errors import Refused, Unavailable
from liveroom.matters.enclosures import (
    ENCLOSED,
    FILE_BYTES,
    FILED_MOST,
    Attachment,
    carried,
    check_room,
    check_size,
    party,
    read_caption,
)
from liveroom.matters.matter import Matter
from liveroom.ports.files import Attachments, Cleaner
from liveroom.rooms.roles import Actor


class Attaching:
    """Attachments of matters. Whoever adds one sees it at once; others when a step has taken it along."""

    def __init__(self, following_up: FollowingUp, attachments: Attachments, cleaner: Cleaner, clock: Clock) -> None:
        self._following_up = following_up
        self._attachments = attachments
        self._cleaner = cleaner
        self._clock = clock

    async def may_add(self, matter_id: str, by: Actor) -> Matter:
        """The matter, when a step that takes files along is open to this person now; else `forbidden`."""
        matter = await self._following_up.see(matter_id, by)
        if not await self._following_up.takes_files(matter, by):
            raise Refused("forbidden")
        return matter

    async def add(self, matter_id: str, content: bytes, caption: str, by: Actor) -> Attachment:
        """Make the file anew and keep it for the next step of this person. Raises what refuses files."""
        caption = read_caption(caption)
        check_size(len(content))
        return await self._keep(await self.may_add(matter_id, by), content, caption, by)

    async def enclose(self, matter: Matter, files: Sequence[bytes | None], by: Actor) -> list[tuple[int, Refused]]:
        """What came along when `by` filed a matter: kept as far as it can be, and noted in one line.

        Answers which of the files were refused, counted from 1, and why; None stands for one that was too large.
        """
        refused: list[tuple[int, Refused]] = []
        for place, content in enumerate(files, 1):
            try:
                if place > FILED_MOST:
                    raise Refused("files_enough", limit=FILED_MOST)
                check_size(FILE_BYTES + 1 if content is None else len(content))
                await self._keep(matter, content or b"", "", by)
            except Refused as error:
                refused.append((place, error))
            except Unavailable:
                refused.append((place, Refused("unavailable")))
        waiting = await self.waiting(matter, by)
        if waiting:
            await self._following_up.note(matter, ENCLOSED, {"files": carried(waiting)}, by)
        return refused

    async def _keep(self, matter: Matter, content: bytes, caption: str, by: Actor) -> Attachment:
        # Asked before the work, and again where nobody can come between.
        check_room(await self._attachments.of(matter.id), party(by), 0)
        clean = await self._cleaner.clean(content)
        attachment = Attachment(
            id=ids.new_id(),
            matter=matter.id,
            kind=clean.kind,
            digest=hashlib.sha256(clean.content).hexdigest(),
            size=len(clean.content),
            width=clean.width,
            height=clean.height,
            caption=caption,
            party=party(by),
            by=by.id,
            at=self._clock(),
        )
        await self._attachments.add(
            attachment, clean.content, lambda kept: check_room(kept, attachment.party, attachment.size)
        )
        return attachment

    async def take_back(self, matter_id: str, attachment_id: str, by: Actor) -> None:
        """Forget one that is still waiting, by those whose it is; `not_found`, or `wrong_state` when a step has it."""
        found = await self._attachments.get(attachment_id)
        if found is None or found.matter != matter_id or found.party != party(by):
            raise Refused("not_found")
        if found.step or not await self._attachments.remove(found):
            raise Refused("wrong_state")

    async def waiting(self, matter: Matter, by: Actor) -> list[Attachment]:
        """What the next step of this person will take along."""
        return [a for a in await self._attachments.of(matter.id) if not a.step and a.party == party(by)]

    async def carried(
        self, matter: Matter, *, public: bool, codes: Collection[str] = ()
    ) -> dict[int, list[Attachment]]:
        """What steps took along, by their numbers; in public of those alone of which everybody sees the whole, or
        whoever holds the tracking codes of these questions.
        """
        found: dict[int, list[Attachment]] = {}
        seen = await self._following_up.open_steps(matter, codes) if public else None
        for attachment in await self._attachments.of(matter.id):
            if attachment.step and (seen is None or attachment.step in seen):
                found.setdefault(attachment.step, []).append(attachment)
        return found

    async def open(self, attachment_id: str, by: Actor, codes: Collection[str] = ()) -> tuple[Attachment, bytes, bool]:
        """One with its content, and whether everybody may read it; `not_found` for whom it is not for.

        Whoever holds the tracking codes of these questions reads what they see of the matter.
        """
        found = await self._attachments.get(attachment_id)
        if found is None:
            raise Refused("not_found")
        public = bool(found.step) and found.step in await self._following_up.open_steps_of(found.matter)
        if not public and not (
            found.step and found.step in await self._following_up.open_steps_of(found.matter, codes)
        ):
            # Refuses those whose work the matter is not.
            await self._following_up.see(found.matter, by)
            if not found.step and found.party != party(by):
                raise Refused("not_found")
        return found, await self._attachments.content(found), public
