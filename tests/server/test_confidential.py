"""What is confidential is nowhere: every address that the server has, for everybody who may not, word by word."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient

from liveroom import clock
from liveroom.actions.work_off import WorkingOff
from liveroom.ids import show_tracking_code
from liveroom.notices.followers import NoticeState
from liveroom.ports.hooks import HookEvent
from liveroom.ports.people import Account
from liveroom.rooms.roles import Role
from liveroom.server import keys
from liveroom.storage import folder
from liveroom.storage.hooks import HOOK
from liveroom.storage.matters import ANNOUNCE
from liveroom.storage.notices import DELIVER
from tests.server.test_attachments import send as attach
from tests.server.test_following import follow, letters
from tests.server.test_hooks import Receiver, register
from tests.server.test_verify_pages import verified
from tests.support.every_route import Route, every_route, words
from tests.support.followed import Led
from tests.support.samples import photo
from tests.support.works import actor, others, suggestion, token
from tests.support.world import ROLES, World

TITLE, BODY, REPLY, CAPTION = "zqtitle", "zqbody", "zqreply", "zqcaption"
CONTACT, OPINION, COMMENT, REASON = "zqcontact", "zqdraft", "zqcomment", "zqreason"
SAID = (TITLE, BODY, REPLY, CAPTION, CONTACT, OPINION, COMMENT, REASON)
SHOWN = (TITLE, BODY, REPLY, CAPTION)
"""What everybody reads before it is confidential."""

NICK, ISLE, MAIL, FOLLOWER = "zqnick", "zqisle", "zqasker@example.org", "zqfollower@example.org"
QUERIES: Mapping[str, Sequence[str]] = {
    "/suggestions": (f"q={BODY}", "unit=water", "state=closed"),
    "/suggestions/feed": (f"q={BODY}", "unit=water"),
    "/suggestions/export": ("form=csv", "form=xlsx", "form=json"),
    "/promises": ("standing=promised", "standing=due", "standing=explained"),
    "/figures": ("by=unit", "by=deputy", "by=session"),
    "/figures/{period}/{measure}": ("part=rest", "part=holds&unit=water"),
    "/worklist": ("view=open", "view=extension", f"view=open&q={BODY}", "view=closed"),
    "/worklist/export": ("form=csv&view=open", "form=xlsx&view=extension", "form=json&view=closed"),
    "/reminders": ("after=zzz",),
    "/api/v1/matters": (f"q={BODY}", "kind=commitment", "unit=water"),
    "/api/v1/worklist": (f"q={BODY}", "turn=true", "overdue=true"),
    "/open311/v2/requests.{form}": ("status=open", "service_request_id={number}"),
    "/files/{attachment}": ("code={code}",),
    "/office/deliveries": tuple(f"state={state.value}" for state in NoticeState),
}
"""What lists are asked for beside the whole of them."""

MEASURES = ("solved", "replied_on_time", "satisfied", "planned_then_solved")


@dataclass(slots=True)
class Walk:
    """Every address with the parts of one suggestion, seen by somebody: which words were found where."""

    world: World
    values: dict[str, list[str]]

    async def by(
        self, who: str, client: TestClient, markers: Sequence[str], routes: Sequence[Route], **header: str
    ) -> dict[str, set[str]]:
        """The markers by address; what the address itself says is no news."""
        found: dict[str, set[str]] = defaultdict(set)
        # Whoever looks for what they must not see asks more often than the limits let them.
        limits = self.world.app[keys.LIMITS].per_minute
        limits |= dict.fromkeys(limits, 10_000_000)
        for route in routes:
            plain = route.filled(self.values, self.values["known"])
            asked = [f"{path}?{query}" for path in plain for query in QUERIES.get(route.path, ())]
            for address in [*plain, *asked]:
                for name, given in self.values.items():
                    address = address.replace(f"{{{name}}}", given[0])
                answer = await client.get(address, headers={"Accept": "text/html", **header}, allow_redirects=False)
                assert answer.status < 500, (who, address, answer.status)
                assert answer.status != 429, (who, address)
                said = await words(answer)
                for marker in markers:
                    if marker in said and marker not in address:
                        found[marker].add(f"{who} {route.path}")
        return found


def readable(world: World) -> list[Route]:
    """What is read: sockets and media are looked at by themselves, and a sign-out would end the walk."""
    apart = ("/rooms/{slug}/socket", "/rooms/{slug}/whip", "/rooms/{slug}/whep", "/static/", "/sign-in/")
    return [r for r in every_route(world.app) if r.method == "GET" and not r.path.startswith(apart)]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.make(tmp_path, quiet_hours="none", public_url="https://live.example.org", hooks_private=True)
    await made.app[keys.WORKING_OFF].stop()
    yield made
    await made.close()


async def work(world: World, days: int = 0) -> None:
    """Everything that is to be told within so many days; the application's own worker has been stopped."""
    works = world.app[keys.WORKING_OFF]._works
    told = {kind: works[kind] for kind in (ANNOUNCE, DELIVER, HOOK)}
    worker = WorkingOff(world.app[keys.JOBS], told, lambda: clock.now() + timedelta(days))
    while await worker.work_off():
        pass


@dataclass(slots=True)
class Story:
    """One suggestion with words of its own in every place that there is, and what is around it."""

    led: Led
    number: str
    device: str
    follower: str
    values: dict[str, list[str]]

    @classmethod
    async def told(cls, world: World) -> Story:
        led = await Led.from_question(
            world, title=f"{TITLE} 照明", text="码头的灯什么时候修？", nickname=NICK, island=ISLE
        )
        device = (await led.asked()).device
        await prove(world, device, MAIL)
        await led.step("edit", "office", title=f"{TITLE} 照明", body=f"{BODY} 正文")
        number = (await led.registered()).number
        _, follower, _ = await follow(
            await verified(world, FOLLOWER), f"/suggestions/{number}", contact=FOLLOWER, digest="1"
        )
        _, feed, _ = await follow(await world.visitor(), f"/track/{show_tracking_code(led.code)}", way="feed")
        _, board, _ = await follow(await world.visitor(), f"/suggestions/{number}", way="station", place="码头")
        await led.step("assign", "office", unit="water")
        await led.step("accept", "unit")
        linked = await suggestion(world, "另一件")
        office = await led.person("office")
        await led.verbs.following_up.step(linked.id, "consolidate", {"into": number}, office)
        unit = await world.sign_in("unit")
        await led.step("prepare_reply", "unit", class_="B", text=OPINION, promise_due=later())
        await led.step("contact", "unit", contact=CONTACT)
        assert (await attach(unit, led.matter, photo(), caption=CAPTION)).status == 303
        await led.step("reply", "unit", class_="B", text=f"{REPLY} 答复", promise_due=later())
        await led.step("evaluate", "deputy", attitude="satisfied", result="satisfied", comment=COMMENT)
        (attachment,) = await kept(world, led.matter)
        values = {
            "slug": ["r"],
            "session": [world.session],
            "number": [number, linked.number],
            "id": [number, led.matter, world.session],
            "matter": [led.matter, linked.id],
            "code": [show_tracking_code(led.code)],
            "follower": [path.rpartition("/")[2] for path in (follower, feed, board)],
            "attachment": [attachment],
            "period": [str(clock.now().year), f"{clock.now().year}-Q{(clock.now().month + 2) // 3}"],
            "measure": list(MEASURES),
            "form": ["json", "xml"],
            "kind": ["units"],
            "known": [led.matter, number, "nothing"],
        }
        return cls(led, number, device, follower, values)


def later() -> str:
    return f"{clock.now().year + 1}-06-01"


async def kept(world: World, matter: str) -> list[str]:
    attaching = world.app[keys.VERBS].attaching
    return [found.id for found in await attaching._attachments.of(matter)]


async def prove(world: World, device: str, contact: str) -> None:
    verifying = world.app[keys.VERBS].verifying
    await verifying.send_code(device, "198.51.100.7", contact)
    sent = sorted((world.app[keys.SETTINGS].data / folder.CODES).glob("*.json"))
    await verifying.confirm(device, json.loads(sent[-1].read_text())["code"])


MAY = ("office", "unit", "deputy")
MORE_ROLES = (Role.OPERATOR, Role.HOST, Role.ADMIN)
OF_THE_DESK = {"moderator", "lead", "office", "host", "operator"}
"""Who reads how askers call themselves, as the desk does."""


async def everybody(world: World) -> dict[str, TestClient]:
    """A browser of each role, and of nobody."""
    for role in MORE_ROLES:
        await world.app[keys.PEOPLE].add_account(Account(role.value, role.value, f"{role} 乙", frozenset({role})))
    _, harbour = await others(world)
    logins = [*ROLES, harbour, *(role.value for role in MORE_ROLES)]
    return {"nobody": await world.visitor()} | {login: await world.sign_in(login) for login in logins}


@pytest.mark.alone
async def test_no_address_tells_anybody_who_may_not_a_word_of_it(world: World) -> None:
    receiver = Receiver()
    await receiver.server.start_server()
    await register(world, receiver.url, HookEvent.STEP)
    story = await Story.told(world)
    led, people = story.led, await everybody(world)
    await work(world)
    routes, walk = readable(world), Walk(world, story.values)

    before = await walk.by("nobody", people["nobody"], [*SAID, NICK, ISLE, MAIL, FOLLOWER, story.device], routes)
    seen = {marker: {where.removeprefix("nobody ") for where in places} for marker, places in before.items()}
    assert set(seen) == {*SHOWN, NICK, ISLE}, "what everybody reads, and who asked as they chose to be called"
    assert seen[TITLE] >= {
        "/", "/suggestions", "/suggestions/feed", "/suggestions/export", "/suggestions/{number}",
        "/suggestions/{number}/card", "/suggestions/{number}/card.svg", "/suggestions/{number}/poster", "/promises",
        "/figures/{period}/{measure}", "/track/{code}", "/following/{follower}", "/following/{follower}/feed",
        "/api/v1/matters", "/api/v1/matters/{number}",
    }, "the walk comes where it must"  # fmt: skip
    assert "/files/{attachment}" not in seen[CAPTION]
    assert "/rooms/{slug}/sessions/{session}" in seen[NICK]

    assert TITLE in str(receiver.raw)
    receiver.raw.clear()

    # What is not told yet when it becomes confidential: a step that programs and readers wait for, and a letter.
    await led.step("reply", "unit", class_="B", text=f"{REPLY} 再答复", promise_due=later())
    await led.step("make_confidential", "office", reason=REASON)
    await work(world, days=2)
    assert letters(world) == []
    dropped = await world.app[keys.VERBS].telling.deliveries(NoticeState.DROPPED, "", await led.person("office"))
    assert {found.notice.way.value for found in dropped} == {"mail"}
    await world.app[keys.VERBS].recalling.look()
    number = story.number
    for who, client in people.items():
        markers = [MAIL, FOLLOWER, story.device]
        markers += [] if who in MAY else [*SAID, number]
        markers += [] if who in OF_THE_DESK else [NICK, ISLE]
        found = await walk.by(who, client, markers, routes)
        own = {f"{who} /track/{{code}}/data", f"{who} /track/{{code}}/data.json"}
        assert {marker: places - own for marker, places in found.items() if places - own} == {}, "their own data apart"
    for login, role in (("stranger", Role.DEPUTY), ("harbour", Role.UNIT_HEAD), ("auditor", Role.AUDITOR)):
        header, markers = await token(world, login, role), [*SAID, MAIL, story.device, number]
        assert await walk.by(login, people["nobody"], markers, routes, **header) == {}, f"a token of {role}"
    whole = await walk.by("office", people["office"], SAID, routes)
    assert set(whole) == set(SAID), "those whose work it is still read it"

    await receiver.server.close()
    assert all(marker not in str(receiver.raw) for marker in (*SAID, NICK, ISLE, MAIL, number, story.device))


async def test_a_link_names_no_other_end_that_became_confidential_and_names_it_again(world: World) -> None:
    verbs, visitor = world.app[keys.VERBS], await world.visitor()
    office = await actor(world, "office")
    whole, taken = await suggestion(world, "码头照明"), await suggestion(world, "码头路灯")
    await verbs.following_up.step(taken.id, "consolidate", {"into": whole.number}, office)
    for ends, other in ((taken, whole), (whole, taken)):
        shown = (f"/suggestions/{other.number}", f"/api/v1/matters/{other.number}")
        for page in shown:
            assert ends.number in await (await visitor.get(page)).text(), page
        await verbs.following_up.step(ends.id, "make_confidential", {"reason": "涉及个人"}, office)
        for page in shown:
            assert ends.number not in await (await visitor.get(page)).text(), page
        await verbs.following_up.step(ends.id, "make_public", {"reason": "可以公开"}, office)
        for page in shown:
            assert ends.number in await (await visitor.get(page)).text(), page
