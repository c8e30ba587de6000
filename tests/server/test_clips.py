"""Answers that can be played back: on every page where they belong, to whoever may, and to nobody else."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import av
import pytest
from aiohttp.test_utils import TestClient

from liveroom import clock
from liveroom.qa import commands as c
from liveroom.qa.question import Outcome, Question
from liveroom.rooms.playback import SETTLES, Span
from liveroom.rooms.roles import visitor
from liveroom.server import keys
from liveroom.storage.folder import RECORDINGS
from tests.server.test_retention import Calendar
from tests.support.clocks import Shifted
from tests.support.recorded import write_recording
from tests.support.works import TO_HANDLING, actor
from tests.support.world import World

LENGTH = 8.0


@dataclass
class Evening:
    """A broadcast that was recorded: the first question was answered in eight seconds, the second is in the queue."""

    world: World
    clock: Shifted
    answered: Question
    queued: Question

    @property
    def page(self) -> str:
        return f"/rooms/r/sessions/{self.world.session}"

    @property
    def clip(self) -> str:
        return f"{self.page}/clips/{self.answered.label}"

    async def end(self) -> None:
        office = await actor(self.world, "office")
        await self.world.app[keys.VERBS].broadcasting.end(self.world.app[keys.MEDIA], self.world.session, office)

    async def get(self, path: str, client: TestClient | None = None, **headers: str) -> tuple[int, str]:
        response = await (client or await self.world.visitor()).get(path, headers=headers)
        return response.status, await response.text(errors="replace")

    async def offered(self, path: str, client: TestClient | None = None) -> int:
        """How many answers a page offers to play back."""
        status, page = await self.get(path, client)
        assert status == 200
        return page.count('<details class="step clip')


async def ask(world: World, device: str, text: str) -> Question:
    asked = await world.app[keys.VERBS].asking.ask(world.session, visitor(device), f"key-{device}-1234", text)
    return asked[1]


@pytest.fixture
async def evening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Evening]:
    shifted = Shifted(monkeypatch)
    world = await World.make(tmp_path)
    verbs, lead, began = world.app[keys.VERBS], await actor(world, "lead"), clock.now()
    await world.live()
    one, two = await ask(world, "dev1", "码头的灯什么时候修？"), await ask(world, "dev2", "夜里的船几点开？")
    for command in (c.Publish(one.id), c.Publish(two.id), c.PutOnAir(one.id)):
        await verbs.moderating.do(world.session, command, lead)
    shifted.step(timedelta(seconds=LENGTH))
    await verbs.moderating.do(world.session, c.MarkAnswered(one.id), lead)
    shifted.step(SETTLES)
    write_recording(tmp_path / RECORDINGS / world.session, [Span(began, began + timedelta(seconds=LENGTH + 5))])
    yield Evening(world, shifted, one, two)
    await world.close()


async def test_an_answer_plays_as_a_film_and_as_sound_alone(evening: Evening) -> None:
    visitor = await evening.world.visitor()
    film, sound = await visitor.get(evening.clip), await visitor.get(evening.clip + "/sound")
    assert (film.status, film.content_type) == (200, "video/mp4")
    assert (sound.status, sound.content_type) == (200, "audio/mp4")
    assert film.headers["Cache-Control"] == sound.headers["Cache-Control"] == "no-cache"
    with av.open(io.BytesIO(await film.read())) as container:
        assert sum(1 for _ in container.decode(video=0)) == pytest.approx(LENGTH * 30, abs=65)
    with av.open(io.BytesIO(await sound.read())) as container:
        assert [stream.type for stream in container.streams] == ["audio"]
        assert sum(1 for _ in container.decode(audio=0)) == pytest.approx(LENGTH * 50, abs=30)


async def test_players_ask_for_parts_of_it_and_whether_it_is_there(evening: Evening) -> None:
    visitor = await evening.world.visitor()
    part = await visitor.get(evening.clip, headers={"Range": "bytes=100-199"})
    assert (part.status, len(await part.read())) == (206, 100)
    assert (await visitor.get(evening.clip, headers={"Range": "bytes=999999999-"})).status == 416
    head = await visitor.head(evening.clip)
    assert (head.status, head.headers["Accept-Ranges"]) == (200, "bytes")
    known = {"If-None-Match": head.headers["ETag"]}
    assert (await visitor.get(evening.clip, headers=known)).status == 304


async def test_what_was_not_answered_is_of_another_room_or_nobody_asked_is_not_there(evening: Evening) -> None:
    for path in (
        f"{evening.page}/clips/{evening.queued.label}",
        f"{evening.page}/clips/{evening.queued.label}/sound",
        f"{evening.page}/clips/999",
        f"/rooms/r/sessions/none/clips/{evening.answered.label}",
        evening.clip.replace("/rooms/r/", "/rooms/other/"),
    ):
        assert (await evening.get(path))[0] == 404, path


async def test_it_is_offered_once_it_is_written_down(evening: Evening) -> None:
    evening.clock.step(-SETTLES)
    assert await evening.offered(evening.page) == 0
    assert (await evening.get(evening.clip))[0] == 404
    evening.clock.step(SETTLES)
    assert await evening.offered(evening.page) == 1


async def test_nothing_is_played_while_the_broadcast_is_cut_off(evening: Evening) -> None:
    broadcasting, lead = evening.world.app[keys.VERBS].broadcasting, await actor(evening.world, "lead")
    await broadcasting.cut(evening.world.app[keys.MEDIA], evening.world.session, "事故", lead)
    assert (await evening.get(evening.clip))[0] == 404
    assert await evening.offered(evening.page) == 0
    await broadcasting.resume(evening.world.session, lead)
    assert (await evening.get(evening.clip))[0] == 200


async def test_what_its_asker_has_erased_is_played_to_nobody(evening: Evening) -> None:
    await evening.end()
    assert (await evening.get(evening.clip))[0] == 200
    office = await actor(evening.world, "office")
    verbs = evening.world.app[keys.VERBS]
    await verbs.concluding.give_outcome(evening.world.session, [evening.answered.id], Outcome.ANSWERED_LIVE, "", office)
    await verbs.erasing.erase(evening.world.session, evening.answered.id)
    assert (await evening.get(evening.clip))[0] == 404
    assert await evening.offered(evening.page) == 0


async def test_a_question_that_is_kept_long_enough_keeps_the_clip_of_what_everybody_could_read(
    evening: Evening,
) -> None:
    await evening.end()
    office, verbs, session = await actor(evening.world, "office"), evening.world.app[keys.VERBS], evening.world.session
    for question, outcome in ((evening.answered, Outcome.ANSWERED_LIVE), (evening.queued, Outcome.ANSWERED_TEXT)):
        await verbs.concluding.give_outcome(session, [question.id], outcome, "已答复", office)
    assert await verbs.erasing.expire(session, [evening.answered.id]) == 1
    assert (await evening.get(evening.clip))[0] == 200


async def test_who_asks_for_clips_without_end_is_told_to_wait(evening: Evening) -> None:
    evening.world.app[keys.LIMITS].per_minute["clip"] = 2
    assert [(await evening.get(evening.clip))[0] for _ in range(3)] == [200, 200, 429]


async def test_it_is_offered_on_every_page_where_the_question_stands(evening: Evening) -> None:
    await evening.end()
    world, code = evening.world, evening.answered.code
    office, verbs = await world.sign_in("office"), world.app[keys.VERBS]
    assert await evening.offered(f"/rooms/r/outcomes?session={world.session}", office) == 1
    matter = await verbs.concluding.draft_suggestion(
        world.session, [evening.answered.id], "", await actor(world, "office")
    )
    assert await evening.offered(f"/worklist/{matter}", office) == 1
    for command, values, who in TO_HANDLING[:3]:
        registered = await verbs.following_up.step(matter, command, values, await actor(world, who))
    assert await evening.offered(f"/suggestions/{registered.number}") == 1
    assert await evening.offered(f"/track/{code}") == 1
    assert await evening.offered(evening.page) == 1
    _, page = await evening.get(evening.page)
    assert f'src="{evening.clip}"' in page
    assert f'src="{evening.clip}/sound"' in page
    assert page.count('preload="none"') == 2, "nothing is loaded before somebody presses"
    assert "8 秒" in page


async def test_where_nothing_was_recorded_nothing_is_offered(tmp_path: Path, evening: Evening) -> None:
    for file in (tmp_path / RECORDINGS / evening.world.session).iterdir():
        file.unlink()
    assert await evening.offered(evening.page) == 0
    assert (await evening.get(evening.clip))[0] == 404


async def test_recordings_go_with_the_night_in_which_they_are_due(
    tmp_path: Path, evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, time = tmp_path / RECORDINGS / evening.world.session, Calendar(evening.world, monkeypatch)
    assert (await evening.get(evening.clip))[0] == 200
    assert (await time.sleep(178))["recordings"] == 0
    assert kept.exists()
    assert (await time.sleep(4))["recordings"] == 1
    assert not kept.exists()
    assert (await evening.get(evening.clip))[0] == 404
    office = await evening.world.sign_in("office")
    _, page = await evening.get("/office/retention", office)
    assert page.count("直播录像和回放片段") == 2, "how long they are kept, and that they went"
