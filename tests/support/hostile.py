"""A world in which everybody wrote words that would like to run, and every page of it with who reads them there.

The table of pages is complete: an address that the server has stands in it, or in the one of what is no page.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp.test_utils import TestClient

from liveroom import clock
from liveroom.actions.work_off import WorkingOff
from liveroom.ids import show_tracking_code
from liveroom.notices.followers import NoticeState, Way
from liveroom.ports.matters import Unit
from liveroom.ports.people import Account
from liveroom.qa import commands
from liveroom.qa.question import Outcome
from liveroom.rooms.roles import Actor, Role
from liveroom.rooms.room import Room
from liveroom.screening.words import Action, Entry, WordList
from liveroom.server import keys
from liveroom.server.identity import DEVICE_COOKIE
from liveroom.text import clean
from tests.support.followed import PROMISED, Led
from tests.support.works import TO_HANDLING, actor, suggestion, work_order
from tests.support.world import Called, Wire, World, csrf

PAYLOADS: list[str] = json.loads((Path(__file__).parents[1] / "vectors" / "payloads.json").read_text("utf-8"))
ALL = "\n".join(PAYLOADS)
QUERY = quote(PAYLOADS[1])
LIST = "hostile"
ASKER, SECONDER = "asker", "seconder"
"""Who reads with the browser that asked or seconded; others are `""`, nobody, or a login of the world."""

NAMELESS = ("", ASKER, SECONDER)


def packed(limit: int) -> list[str]:
    """All payloads in texts of at most so many characters, as few as hold them; what is longer is left out."""
    texts = [""]
    for payload in (clean(payload) for payload in PAYLOADS):
        if len(payload) <= limit:
            whole = f"{texts[-1]} {payload}".strip()
            texts = [*texts[:-1], whole] if len(whole) <= limit else [*texts, payload]
    return texts


def listable() -> list[str]:
    """Those that can stand in a word list: one line, without what separates the columns."""
    words = (clean(payload) for payload in PAYLOADS)
    return [word for word in words if len(word) <= 40 and not re.search(r"[,，;；\t|#'\"]", word)]


def readable(text: str) -> list[str]:
    """The payloads that somebody reads in a text, whatever its white space is."""
    text = re.sub(r"\s+", " ", text)
    return [payload for payload in PAYLOADS if clean(payload) in text or payload in text]


@dataclass(frozen=True, slots=True)
class Page:
    """One page as one person reads it: the address, and how many of the payloads stand in its main part at least;
    `drawn` once its scripts have drawn it.

    The name of whoever is signed in stands below every page, so that even one with `least` 0 holds one.
    """

    address: str
    who: str
    least: int
    drawn: int


def page(address: str, *who: str, least: int, drawn: int = 0) -> list[Page]:
    return [Page(address, one, least, max(least, drawn)) for one in who]


def stations(names: Sequence[str]) -> str:
    """A file of stations with these names."""
    quoted = (name.replace('"', '""') for name in names)
    return "编号,名称\n" + "".join(f'S{number},"{name}"\n' for number, name in enumerate(quoted))


_ALL = len(PAYLOADS)

PAGES: Mapping[str, list[Page]] = {
    "/": page("/", "", "office", least=50),
    "/account": page("/account", "unit", "office", least=0),
    "/figures": [
        *page("/figures", "", least=0),
        *page("/figures?by=unit", "", "office", least=1),
        *page("/figures?by=deputy", "", least=1),
        *page("/figures?by=session", "", least=1),
    ],
    "/figures/{period}/notice": page("/figures/{period}/notice", "", "office", least=0),
    "/figures/{period}/{measure}": page("/figures/{period}/{measure}?part=of&unit=water", "", "office", least=1),
    "/following/{follower}": page("/following/{follower}", "", least=2),
    "/office": page("/office", "office", least=120),
    "/office/deliveries": page("/office/deliveries?state=waiting", "office", least=2),
    "/office/deliveries/{notice}/poster": [
        *page("/office/deliveries/{notice}/poster", "office", least=_ALL),
        *page("/office/deliveries/{told}/poster", "office", least=10),
    ],
    "/office/hooks": page("/office/hooks", "office", least=10),
    "/office/import": page("/office/import", "office", least=2),
    "/office/people": page("/office/people", "office", least=_ALL),
    "/office/retention": page("/office/retention", "office", "auditor", least=0),
    "/office/words": page("/office/words", "office", "lead", least=1),
    "/office/words/{list}": [
        *page("/office/words/{list}", "office", "lead", least=60),
        *page("/office/words/{list}?version=1", "office", "lead", least=2),
    ],
    "/promises": page("/promises", "", "office", least=1),
    "/reminders": page("/reminders", "unit", least=80) + page("/reminders", "office", "deputy", least=1),
    "/rooms/{slug}": page("/rooms/{slug}", "", ASKER, least=40),
    "/rooms/{slug}/desk": page("/rooms/{slug}/desk", "lead", "moderator", least=2, drawn=40),
    "/rooms/{slug}/figures": page("/rooms/{slug}/figures?session={session}", "", "lead", least=1),
    "/rooms/{slug}/figures/{part}": page("/rooms/{slug}/figures/{part}?session={session}", "", "lead", least=_ALL),
    "/rooms/{slug}/operator": page("/rooms/{slug}/operator", "office", least=1),
    "/rooms/{slug}/outcomes": page("/rooms/{slug}/outcomes?session={session}", "office", least=_ALL),
    "/rooms/{slug}/prompter": page("/rooms/{slug}/prompter", "producer", least=1),
    "/rooms/{slug}/sessions/{session}": page("/rooms/{slug}/sessions/{session}", "", "office", least=_ALL),
    "/rooms/{slug}/sessions/{session}/report": page("/rooms/{slug}/sessions/{session}/report", "", least=_ALL),
    "/rooms/{slug}/slips/{code}": page("/rooms/{slug}/slips/{code}", "office", least=10),
    "/rooms/{slug}/studio": page("/rooms/{slug}/studio", "deputy", least=1),
    "/seconded": page("/seconded", SECONDER, least=20),
    "/sign-in": page(f"/sign-in?next=/{QUERY}", "", least=0),
    "/suggestions": page("/suggestions", "", "office", least=120) + page(f"/suggestions?q={QUERY}", "", least=1),
    "/suggestions/{number}": page("/suggestions/{number}", "", ASKER, "office", least=_ALL),
    "/suggestions/{number}/card": page("/suggestions/{number}/card", "", least=1),
    "/suggestions/{number}/poster": page("/suggestions/{number}/poster", "", least=_ALL),
    "/track": page("/track", "", least=0) + page(f"/track?code={QUERY}", "", least=1),
    "/track/{code}": page("/track/{code}", "", ASKER, least=_ALL),
    "/track/{code}/data": page("/track/{code}/data", "", ASKER, least=10),
    "/verify": page(f"/verify?next=/{QUERY}", "", "office", least=0),
    "/work-orders/new": page("/work-orders/new", "office", least=0),
    "/worklist": [
        *page("/worklist", "unit", "office", least=100),
        *page(f"/worklist?view=open&q={QUERY}", "unit", "office", least=1),
    ],
    "/worklist/board": page("/worklist/board", "office", least=5),
    "/worklist/{matter}": page("/worklist/{matter}", "office", "unit", "deputy", least=_ALL),
}
"""Every page, by its route."""

NO_PAGE: Mapping[str, str] = {
    "/api/": "JSON: test_payloads_elsewhere.py",
    "/open311/": "JSON and XML: test_payloads_elsewhere.py",
    "/figures/{period}/notice.pdf": "PDF: test_payloads_elsewhere.py",
    "/rooms/{slug}/sessions/{session}/clips/{label}": "a film",
    "/rooms/{slug}/sessions/{session}/clips/{label}/sound": "a recording",
    "/rooms/{slug}/sessions/{session}/report.pdf": "PDF: test_payloads_elsewhere.py",
    "/figures/{period}/statement": "JSON: figures and names of units, signed",
    "/files/{attachment}": "pictures and PDFs that were made anew: tests/cleaning",
    "/following/{follower}/feed": "Atom: its parts are text",
    "/suggestions/feed": "Atom: test_payloads.py",
    "/suggestions/export": "CSV, workbook, JSON: test_payloads.py",
    "/worklist/export": "CSV, workbook, JSON: test_payloads.py, test_payloads_elsewhere.py",
    "/office/words/{list}/export": "CSV or text, to be saved",
    "/office/import/{kind}/template": "CSV without a word of anybody",
    "/suggestions/{number}/card.svg": "a picture: test_payloads.py",
    "/rooms/{slug}/qr.svg": "a picture of an address",
    "/track/{code}/data.json": "JSON, to be saved",
    "/seconded/data.json": "JSON, to be saved",
    "/worklist/{matter}/news": "JSON: a number",
    "/rooms/{slug}/socket": "a socket: its words are drawn by the pages of the room",
    "/rooms/{slug}/whip": "media",
    "/rooms/{slug}/whep": "media",
    "/healthz": "JSON",
    "/readyz": "JSON",
    "/metrics": "figures",
    "/static/": "files of the product",
    "/sign-in/{token}": "goes on to another page",
}
"""What is no page, or begins so when it ends with a stroke, and why; media have addresses below theirs."""


def is_no_page(path: str) -> bool:
    return any(path == known or (path.startswith(known) and known.endswith(("/", "p"))) for known in NO_PAGE)


@dataclass(slots=True)
class Hostile:
    """The world, the browsers of its people, and the parts of its addresses."""

    world: World
    browsers: dict[str, TestClient]
    values: dict[str, str]

    @classmethod
    async def furnish(cls, data: Path) -> Hostile:
        """A world with payloads wherever its people can write something. Nothing works by itself in it."""
        called = Called(surname=PAYLOADS[1], unit=PAYLOADS[4], room=PAYLOADS[7], topic=packed(80)[0])
        world = await World.make(data, called, quiet_hours="none", remind_at="00:00", hooks_private=True)
        await world.app[keys.WORKING_OFF].stop()
        limits = world.app[keys.LIMITS].per_minute
        limits |= dict.fromkeys(limits, 10_000_000)
        office = await actor(world, "office")
        await _people(world)
        await _words(world, office)
        session, asked = world.session, await _asked(world, PAYLOADS)
        led = await Led.from_question(
            world, title="标题", text=packed(300)[0], nickname=PAYLOADS[3][:20], island=PAYLOADS[18][:20]
        )
        logins = ("office", "lead", "moderator", "unit", "deputy", "producer", "auditor")
        browsers = {"": await world.visitor(), ASKER: led.asker, SECONDER: led.seconder}
        browsers |= {login: await world.sign_in(login) for login in logins}
        await _followed(browsers[""], f"/track/{show_tracking_code(asked[0]['code'])}", PAYLOADS[6])
        await led.verbs.concluding.give_outcome(
            session, [asked[0]["id"]], Outcome.ANSWERED_TEXT, packed(300)[1], office
        )
        await led.step("edit", "office", title=PAYLOADS[0], body=ALL)
        await led.handled()
        number = (await world.app[keys.MATTERS].load(led.matter)).number
        follower = await _followed(browsers[""], f"/suggestions/{number}", PAYLOADS[9])
        await led.step("contact", "unit", contact=ALL[:500])
        await led.step("reply", "unit", class_="A", text=ALL)
        await led.step("evaluate", "deputy", attitude="satisfied", result="satisfied", comment=ALL[:500])
        (device,) = [one.value for one in led.seconder.session.cookie_jar if one.key == DEVICE_COOKIE]
        said = {"solved": "yes", "comment": packed(500)[-1]}
        await led.verbs.confirming.say(led.matter, device.partition(".")[0], said)
        await _given_to_the_unit(world, office)
        await _work(world)
        await _of_the_office(world, browsers["office"], office)
        await _next_session(world, office)
        values = {
            "slug": "r", "session": session, "part": "published", "code": show_tracking_code(led.code),
            "number": number, "matter": led.matter, "list": LIST, "follower": follower, "measure": "solved",
            "period": f"{clock.now().year}-Q{(clock.now().month + 2) // 3}",
        }  # fmt: skip
        values["notice"], values["told"] = await _posters(world, office)
        return cls(world, browsers, values)

    @property
    def surname(self) -> str:
        """What stands below every page of somebody who is signed in."""
        return PAYLOADS[1]

    def at(self, page: Page) -> str:
        """The address of a page in this world."""
        return re.sub(r"\{(\w+)\}", lambda found: self.values[found[1]], page.address)


async def _people(world: World) -> None:
    """Deputies and units by every name."""
    for number, payload in enumerate(PAYLOADS):
        account = Account(f"deputy-{number}", f"deputy-{number}", clean(payload), frozenset({Role.DEPUTY}))
        await world.app[keys.PEOPLE].add_account(account)
        await world.app[keys.MATTERS].add_unit(Unit(f"unit-{number}", clean(payload)))


async def _words(world: World, office: Actor) -> None:
    """A list with a name, words and a reason that would like to run, in two versions."""
    entries = tuple(Entry(word, Action.FLAG) for word in listable())
    for version, words in ((1, entries[:9]), (2, entries)):
        made = WordList(LIST, version, PAYLOADS[0], words, clock.now(), office.id, office.name, packed(200)[version])
        await world.app[keys.WORD_LISTS].keep(made)


async def _asked(world: World, payloads: Sequence[str]) -> list[dict[str, Any]]:
    """Questions of one browser, shown to everybody."""
    wire, lead = await Wire.open(await world.visitor()), await actor(world, "lead")
    asked = []
    for payload in payloads:
        question = await wire.ask(f"{payload} 为什么？", nickname=payload[:20], island=payload[:20])
        await world.app[keys.VERBS].moderating.do(world.session, commands.Publish(question["id"]), lead)
        asked.append(question)
    await wire.socket.close()
    return asked


async def _followed(client: TestClient, address: str, place: str) -> str:
    """A station puts up what comes of it; the follower."""
    form = {"csrf": await csrf(client, address), "language": "zh", "way": "station", "place": place}
    answer = await client.post(f"{address}/follow", data=form)
    assert answer.url.path.startswith("/following/"), answer.url
    return answer.url.path.rpartition("/")[2]


async def _given_to_the_unit(world: World, office: Actor) -> None:
    """Work orders with all payloads as titles: of those on one page the unit is reminded, others have the last ones.
    And one suggestion of which there is a promise.
    """
    for number, title in enumerate(packed(80)):
        order = await work_order(world, title, ALL)
        unit = "water" if number < 50 else f"unit-{number}"
        for command, values in (("accept", {}), ("forward", {"unit": unit})):
            await world.app[keys.VERBS].following_up.step(order.id, command, values, office)
    promised = {"class": "B", "text": ALL, "promise_due": PROMISED}
    await suggestion(
        world, PAYLOADS[0], (*TO_HANDLING, ("contact", {"contact": ALL[:500]}, "unit"), ("reply", promised, "unit"))
    )


async def _work(world: World) -> None:
    """Everything that is due now; the application's own worker has been stopped."""
    worker = WorkingOff(world.app[keys.JOBS], world.app[keys.WORKING_OFF]._works, world.app[keys.CLOCK])
    while await worker.work_off():
        pass


async def _of_the_office(world: World, client: TestClient, office: Actor) -> None:
    """Programs, filters, rooms, a list that was imported: what the office gives names to."""
    for payload in PAYLOADS[:19]:
        url = f"http://127.0.0.1:9/?{quote(payload)}"
        await world.app[keys.VERBS].telling_programs.add(payload[:40], url, ["matter.step"], office)
    for number, payload in enumerate(packed(40)[:40]):
        await world.app[keys.RECORDS].add_room(Room(f"room-{number}", payload, packed(200)[number % 10]))
    word = await csrf(client, "/office/import")
    for number, payload in enumerate(PAYLOADS[:20]):
        kept = {"csrf": word, "action": "keep", "name": f"{payload[:17]}{number}", "query": "view=open"}
        assert (await client.post("/worklist/filters", data=kept)).status == 200
    content = base64.urlsafe_b64encode(stations(packed(40)).encode()).decode()
    applied = {"csrf": word, "kind": "stations", "file": PAYLOADS[0], "content": content}
    assert "done=stations" in str((await client.post("/office/import/apply", data=applied)).url)


async def _next_session(world: World, office: Actor) -> None:
    """One that is live, with questions, one of them on air."""
    broadcasting, lead = world.app[keys.VERBS].broadcasting, await actor(world, "lead")
    topic = packed(80)[1]
    world.session = (await broadcasting.plan("r", topic, clock.now() + timedelta(minutes=5), ("deputy",), office)).id
    asked = await _asked(world, PAYLOADS[:40])
    await world.live()
    for command in (commands.Enqueue(asked[1]["id"]), commands.PutOnAir(asked[0]["id"])):
        await world.app[keys.VERBS].moderating.do(world.session, command, lead)


async def _posters(world: World, office: Actor) -> tuple[str, str]:
    """What a station is to put up: of a matter, and of a question."""
    waiting = await world.app[keys.VERBS].telling.deliveries(NoticeState.WAITING, "", office)
    found = {bool(one.notice.question): one.notice.id for one in waiting if one.notice.way is Way.STATION}
    return found[False], found[True]
