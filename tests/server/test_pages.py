"""Pages and forms: who may see what, what is typed is kept, nothing typed becomes markup."""

from __future__ import annotations

import gzip
import io
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urljoin

import aiohttp
import pytest
import segno
from aiohttp.test_utils import TestClient

from liveroom import clock
from liveroom.errors import Refused
from liveroom.matters.parties import concerns
from liveroom.matters.workflow import Row
from liveroom.ports.matters import Unit
from liveroom.ports.people import Account
from liveroom.qa import commands
from liveroom.qa.commands import QuestionCommand, RejectAppeal
from liveroom.qa.question import Outcome, RefusalReason
from liveroom.rooms.roles import Actor, Role
from liveroom.rooms.room import open_room
from liveroom.server import keys
from liveroom.server.words import when
from tests.support.admission import ADMITTED, REFUSED
from tests.support.clocks import Shifted
from tests.support.world import IN_ONE_LOOP, ROLES, Wire, World, csrf

SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
SHORT = SCRIPT[:28]
Step = tuple[str, Actor, dict[str, str]]
"""A command of the workflow, who gives it, and what they choose."""


def harmless(html: str) -> bool:
    return "<script>alert" not in html and "<img src=x" not in html


@IN_ONE_LOOP
@pytest.mark.parametrize(
    ("path", "who", "status"),
    [
        ("/", None, 200),
        ("/rooms/r", None, 200),
        ("/rooms/nowhere", None, 404),
        ("/suggestions", None, 200),
        ("/suggestions/2026-0001", None, 404),
        ("/suggestions/2026-0001/card", None, 404),
        ("/suggestions/2026-0001/card.svg", None, 404),
        ("/suggestions/feed", None, 200),
        ("/suggestions?q=light&kind=suggestion&state=open&unit=water&letter=A&overdue=1&year=2026", None, 200),
        ("/suggestions?after=x", None, 400),
        ("/promises", None, 200),
        ("/promises?standing=due", None, 200),
        ("/figures", None, 200),
        ("/figures?period=2026&by=deputy", None, 200),
        ("/figures?period=1", None, 404),
        ("/figures/2026-Q1/solved", None, 200),
        ("/figures/2026-Q1/time_to_reply?part=p90", None, 200),
        ("/rooms/r/figures/received", None, 200),
        ("/rooms/r/figures/refused?reason=off_topic", None, 200),
        ("/rooms/r/figures/refused?reason=x", None, 404),
        ("/rooms/r/figures/nothing", None, 404),
        ("/figures/2026-Q1/nothing", None, 404),
        ("/figures/2026-Q1/notice", None, 200),
        ("/figures/2026-Q1/notice.pdf", None, 200),
        ("/figures/2026-Q1/statement", None, 404),
        ("/rooms/r/sessions/none/report", None, 404),
        ("/rooms/r/sessions/none/report.pdf", None, 404),
        ("/track", None, 200),
        ("/track?code=wrong", None, 404),
        ("/track/ABCDEFGHJKLMN", None, 404),
        ("/track/ABCDEFGHJKLMN/data", None, 404),
        ("/track/ABCDEFGHJKLMN/data.json", None, 404),
        ("/rooms/r/qr.svg", None, 200),
        ("/rooms/r/studio", None, 303),
        ("/rooms/r/studio", "deputy", 200),
        ("/rooms/r/studio", "moderator", 403),
        ("/rooms/r/desk", "moderator", 200),
        ("/rooms/r/desk", "deputy", 403),
        ("/rooms/r/outcomes", "office", 200),
        ("/rooms/r/outcomes", "deputy", 403),
        ("/office", "office", 200),
        ("/files/nothing", None, 404),
        ("/office/retention", "office", 200),
        ("/office/retention", "auditor", 200),
        ("/office/retention", "unit", 403),
        ("/office/retention", None, 303),
        ("/office", "unit", 403),
        ("/office/import", "office", 200),
        ("/office/hooks", "office", 200),
        ("/office/hooks", "moderator", 403),
        ("/suggestions/export", None, 200),
        ("/worklist/export", "auditor", 403),
        ("/office/import", "unit", 403),
        ("/office/import/units/template", "office", 200),
        ("/suggestions/2026-0001/poster", None, 404),
        ("/seconded", None, 200),
        ("/seconded/data.json", None, 200),
        ("/following/nobody", None, 404),
        ("/following/nobody/feed", None, 404),
        ("/office/deliveries", "office", 200),
        ("/office/deliveries?state=sent", "office", 200),
        ("/office/deliveries", "moderator", 403),
        ("/office/deliveries/nothing/poster", "office", 404),
        ("/worklist", "unit", 200),
        ("/worklist", "auditor", 403),
        ("/reminders", "unit", 200),
        ("/reminders", "auditor", 403),
        ("/reminders", None, 303),
        ("/account", "deputy", 200),
        ("/account", "auditor", 403),
        ("/account", None, 303),
        ("/office/people", "office", 200),
        ("/office/people", "unit", 403),
        ("/worklist/board", "office", 200),
        ("/work-orders/new", "office", 200),
        ("/work-orders/new", "unit", 403),
        ("/worklist/board", "unit", 403),
        ("/worklist/nothing/news", "office", 404),
        ("/worklist/nothing", "office", 404),
        ("/rooms/r/sessions/none", None, 404),
        ("/sign-in", None, 200),
        ("/sign-in/unknown-token", None, 410),
        ("/healthz", None, 200),
        ("/readyz", None, 200),
        ("/metrics", None, 200),
        ("/static/0/js/pages/none.js", None, 404),
        ("/static/0/../../pyproject.toml", None, 404),
        ("/nothing", None, 404),
    ],
)
async def test_every_page_has_its_answer(standing: World, path: str, who: str | None, status: int) -> None:
    client = await (standing.sign_in(who) if who else standing.visitor())
    for lang in ("zh", "en"):
        response = await client.get(
            path, headers={"Accept": "text/html", "Accept-Language": lang}, allow_redirects=False
        )
        assert response.status == status
        assert "script-src 'self'" in response.headers["Content-Security-Policy"]
        if response.content_type == "text/html" and status != 303:
            text = await response.text()
            assert "<h1" in text
            assert ("zh-Hans" if lang == "zh" else 'lang="en"') in text
            if lang == "en":
                # What is Chinese in every language says so, and what is to be typed so stands in quotes.
                page = re.sub(r"<(script)\b.*?</script>|<(\w+) lang=\"zh-Hans\".*?</\2>", "", text, flags=re.S)
                page = re.sub("“[^”]*”", "", page)
                page = page.replace("简体中文", "")
                left = set(re.findall(r"[\u4e00-\u9fff]+", page)) - {"直播间", "主题", "甲", "水务局"}
                assert not left, f"not in English: {left}"


@IN_ONE_LOOP
@pytest.mark.parametrize("login", ROLES)
async def test_the_navigation_shows_the_work_list_to_whom_it_opens(standing: World, login: str) -> None:
    client = await standing.sign_in(login)
    shown = 'href="/worklist"' in await (await client.get("/")).text()
    assert (await client.get("/worklist")).status == (200 if shown else 403)
    assert shown == (login not in {"auditor", "producer"})


async def test_seconding_without_script_has_the_limits_of_the_socket(world: World) -> None:
    asker, desk = await Wire.open(await world.visitor()), await Wire.open(await world.sign_in("moderator"), "desk")
    question = (await asker.ask())["id"]
    await desk.wish(type="publish", question=question)
    world.app[keys.LIMITS].per_minute["second_network"] = 1
    world.app[keys.LIMITS].take("second_network", "127.0.0.1")
    client = await world.visitor()
    form = {"csrf": await csrf(client, "/rooms/r"), "question": question}
    assert (await client.post("/rooms/r/second", data=form)).status == 429
    assert (await (await Wire.open(client)).wish(type="second", question=question))["code"] == "slow_down"


async def test_a_qr_code_says_https_behind_a_proxy_that_does(tmp_path: Path) -> None:
    drawn = []
    for behind in (False, True):
        world = await World.make(tmp_path / str(behind), behind_proxy=behind)
        client = await world.visitor()
        headers = {"X-Forwarded-Proto": "https", "Host": "live.example.org"}
        drawn.append(await (await client.get("/rooms/r/qr.svg", headers=headers)).read())
        await world.close()
    wanted = []
    for scheme in ("http", "https"):
        drawing = io.BytesIO()
        code = segno.make(f"{scheme}://live.example.org/rooms/r", error="m")
        code.save(drawing, kind="svg", scale=8, border=3, dark="#0b2a3c", light="#ffffff", xmldecl=False)
        wanted.append(drawing.getvalue())
    assert drawn == wanted


async def test_days_until_an_unknown_year_are_called_a_guess(world: World) -> None:
    await world.live()
    question = await (await Wire.open(await world.visitor())).ask()
    verbs, office, deputy = world.app[keys.VERBS], await account(world, "office"), await account(world, "deputy")
    await verbs.broadcasting.end(world.app[keys.MEDIA], world.session, office)
    matter = await verbs.concluding.draft_suggestion(world.session, [question["id"]], "", office)
    for command, values, by in (
        ("offer", {"deputy": "deputy"}, office),
        ("adopt", {"signature": "甲"}, deputy),
        ("register", ADMITTED, office),
        ("assign", {"unit": "water", "due": f"{clock.now().year + 9}-01-05"}, office),
    ):
        await verbs.following_up.step(matter, command, values, by)
    client = await world.sign_in("office")
    await verbs.following_up.step(matter, "accept", {}, await account(world, "unit"))
    for page in ("/suggestions", f"/worklist/{matter}"):
        assert "还有约" in await (await client.get(page)).text()


class Scripted:
    """A room in which every field that anybody can fill holds a script, and all the pages that show it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.verbs, self.media = world.app[keys.VERBS], world.app[keys.MEDIA]
        self.pages = ["/", "/rooms/evil", "/rooms/evil-too", "/suggestions", "/track", "/promises", "/figures?by=unit"]
        self.pages += ["/suggestions/feed", f"/figures/{date.today().year}/notice"]
        self.office_pages = ["/office", "/worklist", "/rooms/evil/outcomes", "/rooms/evil/desk", "/"]
        self.seen: set[str] = set()
        self.taken: set[str] = set()
        self.rows: tuple[Row, ...] = ()

    async def open(self) -> None:
        people, planned = self.world.app[keys.PEOPLE], self.verbs.broadcasting.plan
        await self.world.app[keys.MATTERS].add_unit(Unit("evil", SCRIPT))
        for login, role in (
            ("evil-deputy", Role.DEPUTY),
            ("evil-joint", Role.DEPUTY),
            ("evil-office", Role.OFFICE),
            ("evil-unit", Role.UNIT_HEAD),
        ):
            unit = "evil" if role is Role.UNIT_HEAD else None
            await people.add_account(Account(login, login, SCRIPT, frozenset({role}), unit))
        self.deputy, self.office = await account(self.world, "evil-deputy"), await account(self.world, "evil-office")
        self.unit, self.joint = await account(self.world, "evil-unit"), await account(self.world, "evil-joint")
        for slug in ("evil", "evil-too"):
            await self.world.app[keys.RECORDS].add_room(open_room(slug, SHORT, SCRIPT))
        now = clock.now()
        self.session = (await planned("evil", SCRIPT, now, (self.deputy.id,), self.office)).id
        await planned("evil", SCRIPT, now + timedelta(days=3), (self.deputy.id,), self.office)
        off = await planned("evil", SCRIPT, now + timedelta(days=4), (self.deputy.id,), self.office)
        await self.verbs.broadcasting.cancel(off.id, SCRIPT, self.office)
        self.visitor = await self.world.visitor()
        self.clients = {who: await self.world.sign_in(who) for who in ("evil-office", "evil-deputy", "evil-unit")}
        token = await csrf(self.visitor, "/rooms/evil")
        for n in range(3):
            form = {"csrf": token, "key": f"key-of-{n}-0", "text": SCRIPT + str(n), "nickname": SHORT[:20]}
            kept = await self.visitor.post("/rooms/evil/ask", data={**form, "island": SHORT[:20]})
            assert harmless(await kept.text())
        sitting = await self.verbs.attending.sitting(self.session)
        self.questions = list(sitting.queue.questions.values())
        self.pages += [f"/track/{question.code}" for question in self.questions]
        await self.look()

    async def do(self, command: QuestionCommand) -> None:
        await self.verbs.moderating.do(self.session, command, self.office_and_desk)

    @property
    def office_and_desk(self) -> Actor:
        return replace(self.office, roles=frozenset({Role.OFFICE, Role.LEAD_MODERATOR, Role.HOST}))

    async def look(self, *more: tuple[str, str]) -> None:
        """Every page, in both languages for the public; `more` are pages of one person."""
        for page in self.pages:
            for lang in ("zh", "en"):
                await self._look(self.visitor, page, lang)
        for page in self.office_pages:
            await self._look(self.clients["evil-office"], page)
        await self._look(self.clients["evil-deputy"], "/rooms/evil/studio")
        for who, page in more:
            await self._look(self.clients[who], page)

    async def _look(self, client: TestClient, page: str, lang: str = "zh") -> None:
        headers = {"Accept": "text/html", "Accept-Language": lang}
        answer = await client.get(page, headers=headers)
        text = await answer.text()
        assert answer.status == 200, page
        assert harmless(text), page
        if "&lt;script&gt;alert" in text:
            self.seen.add(re.sub(r"/[^/]*[A-Z0-9_][^/]*$", "/*", page))

    async def suggest(self, question: int, *steps: Step) -> str:
        """Draft from a question and take these steps."""
        by = self.office
        matter = await self.verbs.concluding.draft_suggestion(self.session, [self.questions[question].id], SCRIPT, by)
        await self.look(("evil-office", f"/worklist/{matter}"))
        await self.take(matter, *steps)
        return matter

    async def take(self, matter: str, *steps: Step) -> None:
        """Steps with a script in every field that takes text; after each the pages that tell of it."""
        for command, actor, chosen in steps:
            fields = next(row.fields for row in self.rows if row.command == command)
            values = {f.name: SHORT if f.kind == "line" else SCRIPT for f in fields if f.kind in {"line", "text"}}
            values |= ADMITTED
            after = await self.verbs.following_up.step(matter, command, {**values, **chosen}, actor)
            if after.number and f"/suggestions/{after.number}" not in self.pages and not after.confidential:
                address = f"/suggestions/{after.number}"
                self.pages += [address, f"{address}/card", f"{address}/card.svg"]
            self.taken.add(command)
            await self._look(self.clients["evil-office"], f"/worklist/{matter}")
            if concerns(after, self.unit):
                await self._look(self.clients["evil-unit"], f"/worklist/{matter}")
            for page in self.pages[-1:] if after.number and not after.confidential else []:
                await self._look(self.visitor, page)
        await self.look()


async def test_script_in_every_field_is_shown_harmlessly_on_every_page_in_every_state(world: World) -> None:
    room = Scripted(world)
    await room.open()
    first, second, third = (question.id for question in room.questions)
    broadcasting, session = room.verbs.broadcasting, room.session
    for question in (first, second, third):
        await room.do(commands.Edit(question, "改后 " + SCRIPT))
        await room.do(commands.Publish(question))
    await room.do(commands.Refuse(third, RefusalReason.OFF_TOPIC, SCRIPT))
    await room.look()
    await room.do(commands.Publish(third))
    await broadcasting.media_flows(world.app[keys.MEDIA], session)
    await broadcasting.cut(room.media, session, SCRIPT, room.office)
    await room.look()
    await broadcasting.resume(session, room.office)
    await broadcasting.media_flows(world.app[keys.MEDIA], session)
    await room.do(commands.PutOnAir(first))
    await room.look()
    await room.do(commands.MarkAnswered(first))
    await broadcasting.end(room.media, session, room.office)
    await room.verbs.concluding.give_outcome(session, [first], Outcome.ANSWERED_TEXT, SCRIPT, room.office)
    await room.look()

    room.rows = (await world.app[keys.RULES].current()).kinds["suggestion"].rows
    office, deputy, unit = room.office, room.deputy, room.unit
    mine, beside = {"deputy": deputy.id}, {"others": room.joint.id}
    due = (await room.verbs.following_up.suggested_due()).isoformat()
    later = (clock.now() + timedelta(days=120)).date().isoformat()
    number = f"{clock.now().astimezone(clock.CHINA).year}-0001"

    def steps(line: str, **fields: dict[str, str]) -> list[Step]:
        """“office offer, deputy adopt”: who does what, with the fields of a command where they are not scripts."""
        people = {"office": office, "deputy": deputy, "joint": room.joint, "unit": unit}
        pairs = [part.split() for part in line.split(",")]
        return [(command, people[who], fields.get(command, {})) for who, command in pairs]

    begun = steps(
        "office edit, office offer, deputy decline, office offer, deputy adopt, office return, deputy redraft, "
        "office offer, deputy adopt, deputy invite, joint decline_cosign, deputy invite, joint cosign, "
        "office take_up, office register, office assign, unit request_return, office deny_return, unit ask_extension, "
        "office deny_extension, unit ask_extension, office grant_extension, unit contact, "
        "unit prepare_reply, unit reply",
        offer=mine,
        invite=beside,
        assign={"unit": "evil", "due": due},
        ask_extension={"until": later},
        prepare_reply={"class": "A"},
        reply={"class": "A"},
    )
    bad, good = {"attitude": "satisfied", "result": "dissatisfied"}, {"attitude": "satisfied", "result": "satisfied"}
    again = steps("deputy evaluate, unit contact, unit reply", evaluate=bad, reply={"class": "A"})
    watched = steps("deputy evaluate, office supervise, unit contact, unit reply", evaluate=bad, reply={"class": "A"})
    long = await room.suggest(1, *begun, *again, *watched, *steps("deputy evaluate", evaluate=good))
    await room.verbs.confirming.say(long, room.questions[1].device, {"solved": "no", "comment": SCRIPT})
    room.taken.add("check")
    promised = {"class": "B", "promise_due": due}
    await room.take(long, *steps("unit contact, unit reply, deputy evaluate", reply=promised, evaluate=good))
    linked = steps(
        "office offer, deputy adopt, office take_up, office register, office assign, office consolidate, "
        "office separate, unit request_return, office approve_return, unit give_opinion, office make_confidential, "
        "office make_public, deputy withdraw",
        offer=mine,
        assign={"unit": "evil", "due": due},
        consolidate={"into": number},
        approve_return={"unit": "water", "co_units": "evil"},
    )
    await room.suggest(2, *linked)
    await room.suggest(
        2, *steps("office offer, deputy adopt, office register, office assign, unit accept, deputy withdraw",
                  offer=mine, assign={"unit": "evil"})
    )  # fmt: skip
    await room.take(long, *steps("unit explain"))

    client = room.clients["evil-office"]
    draft = await room.verbs.concluding.draft_suggestion(session, [third], SCRIPT, office)
    work = f"/worklist/{draft}"
    typed = {"csrf": await csrf(client, work), "title": SCRIPT, "body": SCRIPT * 200}
    refused = await client.post(f"{work}/edit", data=typed)
    assert refused.status == 400
    text = await refused.text()
    assert harmless(text)
    assert "&lt;script&gt;" in text, "what was typed is kept"
    # What begins instead of it holds the question from then on.
    await room.take(draft, *steps("office offer, deputy adopt, office not_admit", offer=mine, not_admit=REFUSED))
    assert room.taken == {row.command for row in room.rows if not row.begins and not row.at_end_of} | {"accept"}
    shown = {"/", "/rooms/evil", "/suggestions", "/suggestions/*", "/track/*", "/worklist", "/worklist/*", "/office"}
    assert room.seen >= shown | {"/rooms/evil/outcomes"}


async def step(world: World, matter: str, *steps: tuple[str, dict[str, str], str]) -> None:
    for command, values, login in steps:
        await world.app[keys.VERBS].following_up.step(matter, command, values, await account(world, login))


async def test_a_question_that_was_never_public_is_not_made_so_by_its_suggestion(world: World) -> None:
    name = "西屿村东头的老周"  # what no detector knows
    await world.live()
    stranger, unit = await world.visitor(), await world.sign_in("unit")
    question = await (await Wire.open(await world.visitor())).ask(f"我是{name}，码头灯坏了")
    verbs, by = world.app[keys.VERBS], await account(world, "office")
    await verbs.broadcasting.end(world.app[keys.MEDIA], world.session, by)
    matter = await verbs.concluding.draft_suggestion(world.session, [question["id"]], "码头照明", by)
    edited = ("edit", {"title": "码头照明", "body": "请修好码头的灯。"}, "office")
    offered, adopted = ("offer", {"deputy": "deputy"}, "office"), ("adopt", {"signature": "甲"}, "deputy")
    assigned = ("assign", {"unit": "water", "due": (await verbs.following_up.suggested_due()).isoformat()}, "office")
    await step(world, matter, edited, offered, adopted, ("register", ADMITTED, "office"), assigned)
    number = (await verbs.following_up.public_list()).rows[0].number
    for page in ("/", "/rooms/r", "/suggestions", f"/suggestions/{number}"):
        assert name not in await (await stranger.get(page)).text(), page
    assert "没有公开过" in await (await stranger.get(f"/suggestions/{number}")).text()
    assert name in await (await unit.get(f"/worklist/{matter}")).text()


async def test_what_a_moderator_took_out_is_read_by_the_desk_alone(world: World) -> None:
    name = "西屿村东头的老周"
    await world.live()
    visitor, office, unit = await world.visitor(), await world.sign_in("office"), await world.sign_in("unit")
    asker, desk = await Wire.open(visitor), await Wire.open(await world.sign_in("moderator"), "desk")
    question = await asker.ask(f"我是{name}，码头灯坏了")
    await desk.wish(type="edit", question=question["id"], text="码头灯坏了")
    await desk.wish(type="publish", question=question["id"])
    verbs, by = world.app[keys.VERBS], await account(world, "office")
    await verbs.broadcasting.end(world.app[keys.MEDIA], world.session, by)
    matter = await verbs.concluding.draft_suggestion(world.session, [question["id"]], "", by)
    offered, adopted = ("offer", {"deputy": "deputy"}, "office"), ("adopt", {"signature": "甲"}, "deputy")
    assigned = ("assign", {"unit": "water", "due": (await verbs.following_up.suggested_due()).isoformat()}, "office")
    await step(world, matter, offered, adopted, ("register", ADMITTED, "office"), assigned)
    number = (await verbs.following_up.public_list()).rows[0].number
    for page in ("/", "/rooms/r", "/suggestions", f"/suggestions/{number}", f"/track/{question['code']}", "/metrics"):
        text = await (await visitor.get(page, headers={"Accept-Encoding": "identity"})).text()
        assert name not in text, page
        if number in page or "track" in page:
            assert "码头灯坏了" in text, page
    snapshot = await (await Wire.open(await world.visitor())).hear("snapshot")
    assert "码头灯坏了" in str(snapshot)
    assert name not in str(snapshot)
    assert name not in await (await unit.get(f"/worklist/{matter}")).text()
    assert name in await (await office.get(f"/worklist/{matter}")).text()


async def test_a_question_whose_suggestion_came_to_nothing_gets_another_outcome(world: World) -> None:
    await world.live()
    question = await (await Wire.open(await world.visitor())).ask()
    verbs, by = world.app[keys.VERBS], await account(world, "office")
    await verbs.broadcasting.end(world.app[keys.MEDIA], world.session, by)
    matter = await verbs.concluding.draft_suggestion(world.session, [question["id"]], "", by)
    await step(world, matter, ("offer", {"deputy": "deputy"}, "office"), ("adopt", {"signature": "甲"}, "deputy"))
    office = await world.sign_in("office")
    form = {"csrf": await csrf(office, "/rooms/r/outcomes"), "session": world.session, "question": question["id"]}
    order = {**form, "action": "work_order"}
    assert (await office.post("/rooms/r/outcomes", data=order)).status == 409, "the suggestion holds it"
    await step(world, matter, ("withdraw", {"reason": "不属于建议"}, "deputy"))
    board = await (await office.get("/rooms/r/outcomes")).text()
    assert f'name="question" value="{question["id"]}"' in board
    assert f"/worklist/{matter}" in board
    archive = {**form, "action": "archive"}
    assert (await office.post("/rooms/r/outcomes", data=archive)).status == 409, "it waits for its outcome again"
    assert (await office.post("/rooms/r/outcomes", data=order)).status == 200
    assert (await office.post("/rooms/r/outcomes", data=archive)).status == 200
    kept = (await world.app[keys.RECORDS].load(world.session)).queue.questions[question["id"]]
    assert kept.outcome == "work_order"
    assert kept.matter not in {"", matter}


def choices(board: str) -> list[str]:
    """The outcomes that the board offers by themselves."""
    return re.findall(r'<option value="(\w+)"', board.split('id="outcome"', 1)[1].split("</select>", 1)[0])


async def test_a_refused_outcome_keeps_what_was_typed_and_names_the_questions_it_does_not_fit(world: World) -> None:
    await world.live()
    asker, desk = await Wire.open(await world.visitor()), await Wire.open(await world.sign_in("moderator"), "desk")
    asked = [await asker.ask(f"提问 {n}") for n in range(4)]
    for wish in ("publish", "put_on_air", "answered"):
        await desk.wish(type=wish, question=asked[0]["id"])
    await desk.wish(type="refuse", question=asked[3]["id"], reason="off_topic")
    verbs, by = world.app[keys.VERBS], await account(world, "office")
    await verbs.broadcasting.end(world.app[keys.MEDIA], world.session, by)
    client = await world.sign_in("office")
    board = await (await client.get("/rooms/r/outcomes")).text()
    assert choices(board) == ["answered_live", "answered_text", "project_lead", "referred"], "what fits nothing is not"
    typed = [("csrf", await csrf(client, "/rooms/r/outcomes")), ("session", world.session), ("action", "commitment")]
    typed += [
        ("commitment.unit", "water"),
        ("commitment.title", "装净水器"),
        ("note", "很长的说明"),
        ("title", "标题二"),
    ]
    refused = await client.post("/rooms/r/outcomes", data=typed + [("question", q["id"]) for q in asked[:3]])
    text = await refused.text()
    assert refused.status == 409
    alert = text.split('role="alert"', 1)[1].split("</div>", 1)[0]
    assert [q["label"] in alert for q in asked] == [False, True, True, False]
    assert [f'value="{q["id"]}" checked' in text for q in asked] == [True, True, True, False]
    assert 'value="water" selected' in text
    assert 'value="装净水器"' in text
    assert 'value="很长的说明"' in text
    assert 'value="标题二"' in text
    draft = [(name, value if name != "action" else "draft") for name, value in typed]
    refused = await client.post("/rooms/r/outcomes", data=[*draft, ("question", asked[3]["id"])])
    assert refused.status == 409, "what was refused becomes no suggestion"
    given = await client.post("/rooms/r/outcomes", data=[*typed, ("question", asked[0]["id"])])
    assert "answered_live" not in choices(await given.text())
    by_itself = [("outcome", "commitment") if name == "title" else (name, value) for name, value in typed]
    by_itself = [(name, "outcome" if name == "action" else value) for name, value in by_itself]
    refused = await client.post("/rooms/r/outcomes", data=[*by_itself, ("question", asked[1]["id"])])
    assert refused.status == 400, "a commitment without a unit is none"


@pytest.mark.parametrize("letter", ["A", "B", "C", "D"])
@pytest.mark.parametrize("evaluation", ["satisfied", "dissatisfied"])
async def test_a_suggestion_can_be_read_after_any_evaluation(world: World, letter: str, evaluation: str) -> None:
    await world.live()
    question = await (await Wire.open(await world.visitor())).ask()
    verbs, by = world.app[keys.VERBS], await account(world, "office")
    await verbs.broadcasting.end(world.app[keys.MEDIA], world.session, by)
    matter = await verbs.concluding.draft_suggestion(world.session, [question["id"]], "", by)
    due = (await verbs.following_up.suggested_due()).isoformat()
    offered, adopted = ("offer", {"deputy": "deputy"}, "office"), ("adopt", {"signature": "甲"}, "deputy")
    assigned = ("assign", {"unit": "water", "due": due}, "office")
    await step(world, matter, offered, adopted, ("register", ADMITTED, "office"), assigned, ("accept", {}, "unit"))
    replied = ("reply", {"class": letter, "text": "答复", "promise_due": due}, "unit")
    evaluated = ("evaluate", {"attitude": "satisfied", "result": evaluation}, "deputy")
    await step(world, matter, ("contact", {"contact": "电话"}, "unit"), replied, evaluated)
    client = await world.sign_in("office")
    number = (await verbs.following_up.public_list()).rows[0].number
    for page in (f"/suggestions/{number}", f"/track/{question['code']}", f"/worklist/{matter}"):
        answer = await client.get(page)
        assert answer.status == 200
        assert ("重新办理。" in await answer.text()) == (evaluation == "dissatisfied")


async def account(world: World, login: str) -> Actor:
    found = await world.app[keys.PEOPLE].account(login)
    assert found is not None
    return found.actor


async def test_a_refused_form_keeps_what_was_typed_and_its_key(world: World) -> None:
    client = await world.visitor()
    token = await csrf(client, "/rooms/r")
    form = {"csrf": token, "key": "my-key-1234", "text": "长" * 400, "island": "西屿"}
    refused = await client.post("/rooms/r/ask", data=form)
    text = await refused.text()
    assert refused.status == 400
    assert "长" * 400 in text
    assert "西屿" in text
    assert "my-key-1234" in text
    for _ in range(2):
        kept = await client.post("/rooms/r/ask", data={**form, "text": "短一些"})
        assert "已收到，编号" in await kept.text()
    assert len((await world.app[keys.RECORDS].load(world.session)).queue.questions) == 1


async def test_questions_stand_in_the_order_in_which_the_script_puts_them(world: World) -> None:
    await world.live()
    client = await world.visitor()
    asker, desk = await Wire.open(client), await Wire.open(await world.sign_in("moderator"), "desk")
    asked = {name: (await asker.ask(f"提问{name}")) for name in ("甲", "乙", "丙", "丁", "戊", "己")}
    for name, question in asked.items():
        await desk.wish(type="publish", question=question["id"])
        if name in "甲丙丁":
            await desk.wish(type="put_on_air", question=question["id"])
        if name in "甲丙":
            await desk.wish(type="answered", question=question["id"])
    await (await Wire.open(await world.visitor())).wish(type="second", question=asked["己"]["id"])
    await desk.wish(type="enqueue", question=asked["戊"]["id"])
    page = await (await client.get("/rooms/r")).text()
    rows = re.findall(r'<li class="card question".*?<p class="text">提问(.)</p>', page, re.S)
    assert rows == ["戊", "己", "乙", "丙", "甲"], "queued, by seconders, answered last; on air stands above the list"


@IN_ONE_LOOP
@pytest.mark.parametrize("path", ["/rooms/r/ask", "/rooms/r/second", "/sign-in", "/sign-out", "/office/rooms"])
async def test_a_form_of_another_site_is_refused(standing: World, path: str) -> None:
    client = await standing.sign_in("office")
    response = await client.post(path, data={"text": "x", "key": "k" * 10}, headers={"Accept": "text/html"})
    assert response.status == 403
    assert (await client.get("/office")).status == 200, "still signed in"


async def test_a_link_signs_in_once_and_an_open_redirect_goes_home(world: World) -> None:
    client = await world.sign_in("office", "//elsewhere.example/")
    assert (await client.get("/office")).status == 200
    response = await client.get("/sign-in?next=https://elsewhere.example/", allow_redirects=False)
    assert response.headers["Location"] == "/"


async def test_guessing_codes_and_passwords_is_slowed(world: World) -> None:
    client = await world.visitor()
    answers = [(await client.get(f"/track/ABCDEFGHJKLM{c}")).status for c in "23456789ABCDEFGHJKLMNPQRS"]
    assert answers[0] == 404
    assert answers[-1] == 429
    token = await csrf(client, "/sign-in")
    # A slow machine takes so long over a password that another try is earned meanwhile.
    tries = [
        (await client.post("/sign-in", data={"csrf": token, "name": "office", "password": str(n)})).status
        for n in range(16)
    ]
    assert tries[:10] == [403] * 10
    assert 429 in tries


async def test_the_office_plans_and_cancels_a_session(world: World) -> None:
    client = await world.sign_in("office")
    token = await csrf(client, "/office")
    start = f"{clock.now() + timedelta(days=40):%Y-%m-%d}T19:30"
    form = {"csrf": token, "room": "r", "topic": "", "starts_at": start, "deputy": "deputy"}
    refused = await client.post("/office/sessions", data=form)
    assert refused.status == 400
    assert start in await refused.text()
    assert (
        await client.post("/office/sessions", data={**form, "topic": "新的一场", "starts_at": "soon"})
    ).status == 400
    assert (await client.post("/office/sessions", data={**form, "topic": "新的一场", "deputy": "unit"})).status == 400
    planned = await client.post("/office/sessions", data={**form, "topic": "新的一场"})
    assert "新的一场" in await planned.text()
    for slug, status in (("R-2", 200), ("r-2", 409), ("bad slug", 400), ("", 400)):
        opened = await client.post("/office/rooms", data={"csrf": token, "slug": slug, "name": "另一个"})
        assert opened.status == status
    sessions = await world.app[keys.RECORDS].sessions("r")
    cancelled = await client.post(f"/office/sessions/{sessions[-1].id}/cancel", data={"csrf": token})
    assert "已取消" in await cancelled.text()


async def test_the_office_cuts_off_lifts_and_ends_from_its_page(world: World) -> None:
    await world.live()
    client = await world.sign_in("office")
    address = f"/office/sessions/{world.session}"
    form = {"csrf": await csrf(client, "/office")}

    async def offered() -> set[str]:
        return set(re.findall(rf'action="{address}/(\w+)"', await (await client.get("/office")).text()))

    assert await offered() == {"cut", "end"}
    refused = await client.post(f"{address}/cut", data={**form, "reason": " "})
    assert (refused.status, "请写明原因" in await refused.text()) == (400, True)
    cut = await client.post(f"{address}/cut", data={**form, "reason": "内容需要核实"})
    assert (cut.status, "内容需要核实" in await cut.text()) == (200, True)
    assert await offered() == {"resume", "end"}
    assert (await client.post(f"{address}/resume", data=form)).status == 200
    await world.app[keys.VERBS].broadcasting.media_lost(world.session)
    assert await offered() == {"cut", "end"}, "interrupted, and nobody comes back"
    assert (await client.post(f"{address}/fly", data=form)).status == 404
    assert "已结束" in await (await client.post(f"{address}/end", data=form)).text()
    assert await offered() == set()
    assert (await client.post(f"{address}/end", data=form)).status == 409


async def test_the_office_page_and_its_steps_are_for_the_office(world: World) -> None:
    await world.live()
    for login in ("moderator", "deputy", "producer", "unit"):
        client = await world.sign_in(login)
        form = {"csrf": await csrf(client, "/rooms/r"), "reason": "x"}
        for path in ("", "/nothing/cancel", *(f"/{world.session}/{step}" for step in ("cut", "end", "cancel"))):
            answer = await client.post("/office/sessions" + path, data=form)
            assert answer.status == 403
            assert "主题" not in await answer.text(), "not even a look at the page"
    await world.app[keys.PEOPLE].set_roles("unit", frozenset({Role.ADMIN}), None)
    admin = await world.sign_in("unit")
    page = await (await admin.get("/office")).text()
    assert f"{world.session}/end" not in page
    assert (
        await admin.post(f"/office/sessions/{world.session}/end", data=form | {"csrf": await csrf(admin, "/office")})
    ).status == 403


async def test_archiving_is_refused_while_a_question_has_no_outcome(world: World) -> None:
    await world.live()
    question = await (await Wire.open(await world.visitor())).ask()
    await world.app[keys.VERBS].broadcasting.end(world.app[keys.MEDIA], world.session, await account(world, "office"))
    client = await world.sign_in("office")
    token = await csrf(client, "/rooms/r/outcomes")
    form = {"csrf": token, "session": world.session}
    refused = await client.post("/rooms/r/outcomes", data={**form, "action": "archive"})
    assert refused.status == 409
    assert f"#{question['label']}" in await refused.text()
    given = {**form, "action": "outcome", "question": question["id"], "outcome": "answered_text", "note": "会上已说明"}
    assert (await client.post("/rooms/r/outcomes", data=given)).status == 200
    assert (await client.post("/rooms/r/outcomes", data=given)).status == 200, "an outcome may be corrected"
    archived = await client.post("/rooms/r/outcomes", data={**form, "action": "archive"})
    assert archived.status == 200
    assert (await client.post("/rooms/r/outcomes", data=given)).status == 409
    tracked = await (await client.get(f"/track/{question['code']}")).text()
    assert "会上已说明" in tracked


async def test_archiving_waits_until_nobody_can_appeal_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shifted = Shifted(monkeypatch)
    world = await World.make(tmp_path / "evening")
    await world.live()
    asker, desk = await Wire.open(await world.visitor()), await Wire.open(await world.sign_in("moderator"), "desk")
    first, last = await asker.ask("先问的"), await asker.ask("后问的")
    await desk.wish(type="refuse", question=first["id"], reason="off_topic")
    shifted.step(timedelta(hours=2))
    await desk.wish(type="refuse", question=last["id"], reason="off_topic")
    by = await account(world, "office")
    await world.app[keys.VERBS].broadcasting.end(world.app[keys.MEDIA], world.session, by)
    shifted.step(timedelta(hours=21, minutes=59))
    concluding = world.app[keys.VERBS].concluding
    with pytest.raises(Refused) as refused:
        await concluding.archive(world.session, by)
    assert (refused.value.code, refused.value.detail["questions"]) == ("appeals_open", [first["label"], last["label"]])
    shifted.step(timedelta(minutes=2))
    client = await world.sign_in("office")
    form = {"csrf": await csrf(client, "/rooms/r/outcomes"), "session": world.session, "action": "archive"}
    answer = await client.post("/rooms/r/outcomes", data=form)
    page = await answer.text()
    assert answer.status == 409
    assert f"#{last['label']}" in page.split('role="alert"')[1].split("</div>")[0]
    assert f"#{first['label']}" not in page.split('role="alert"')[1].split("</div>")[0], "its day is over"
    until = (await world.app[keys.RECORDS].load(world.session)).queue.questions[last["id"]].refused_at
    assert until is not None
    assert when(until + timedelta(hours=24), "zh") in page
    assert (await asker.wish(type="appeal", question=last["id"], text="请再看一下"))["type"] == "done"
    assert (await client.post("/rooms/r/outcomes", data=form)).status == 409, "an appeal is to be decided"
    lead = await account(world, "lead")
    await world.app[keys.VERBS].moderating.do(world.session, RejectAppeal(last["id"], "看过了"), lead)
    assert (await client.post("/rooms/r/outcomes", data=form)).status == 200
    await world.close()


async def test_preferences_are_kept_and_lead_back(world: World) -> None:
    client = await world.visitor()
    response = await client.post("/preferences", data={"lang": "en", "size": "l", "theme": "dark", "next": "/track"})
    text = await response.text()
    assert response.url.path == "/track"
    assert 'lang="en" data-size="l" data-theme="dark"' in text


async def test_a_flood_of_offers_is_slowed_and_hinders_no_delete(tmp_path: Path) -> None:
    world = await World.make(tmp_path, publish_per_minute=3, watch_per_minute=2)
    client = await world.visitor()
    token = {"Authorization": "Bearer token"}
    for path, allowed in (("/rooms/r/whip", 3), ("/rooms/r/whep", 2)):
        for method in ("POST", "PATCH", "DELETE"):
            target = path if method == "POST" else path + "/nobody"
            seen = [await client.request(method, target, data=b"x", headers=token) for _ in range(allowed + 1)]
            assert 429 not in [response.status for response in seen[:-1]]
            assert seen[-1].status == 429
            assert int(seen[-1].headers["Retry-After"]) > 0
            assert "Retry-After" in seen[-1].headers["Access-Control-Expose-Headers"]
    await world.close()


async def test_only_a_publisher_with_a_right_may_publish(world: World) -> None:
    client = await world.visitor()
    offer = {"Content-Type": "application/sdp"}
    for headers, status in (
        (offer, 401),
        ({**offer, "Authorization": "Bearer wrong"}, 401),
        ({**offer, "Authorization": "Basic token"}, 401),
        ({**offer, "Authorization": "Bearer token"}, 400),
    ):
        response = await client.post("/rooms/r/whip", data="v=0", headers=headers)
        assert response.status == status
        assert response.content_type == "application/problem+json"
    moderator = await world.sign_in("moderator")
    assert (await moderator.post("/rooms/r/whip", data="v=0", headers=offer)).status == 403
    deputy = await world.sign_in("deputy")
    foreign = {**offer, "Origin": "https://elsewhere.example"}
    assert (await deputy.post("/rooms/r/whip", data="v=0", headers=foreign)).status == 403
    assert (await client.post("/rooms/r/whep", data="v=0", headers=offer)).status == 400
    assert (await client.post("/rooms/nowhere/whep", data="v=0", headers=offer)).status == 404


LOADED = re.compile(
    rb"""<(?:link|script|img)[^>]*\s(?:href|src)="([^"]+)"|\b(?:from|import)\s*['"](\.[^'"]+)|\burl\(["']?([^"')]+)"""
)


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_viewers_page_is_small(world: World, figures: list[str], lang: str) -> None:
    """The page and all that it loads, as it goes over the line."""
    client = await world.visitor()
    wire = aiohttp.ClientSession(auto_decompress=False, headers={"Accept-Encoding": "gzip", "Accept-Language": lang})
    waiting, sizes = ["/rooms/r"], dict[str, int]()
    async with wire:
        while waiting:
            path = waiting.pop()
            async with wire.get(client.make_url(path)) as response:
                assert response.status == 200, path
                sizes[path] = len(body := await response.read())
                if response.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
            found = {urljoin(path, b"".join(names).decode()) for names in LOADED.findall(body)}
            waiting += [name for name in found if name not in sizes and name not in waiting]
    figures.append(
        f"first load of the viewer's page, {lang}: {sum(sizes.values()) / 1000:.1f} kB in {len(sizes)} files"
    )
    assert {path.rsplit("/", 1)[-1] for path in sizes} >= {
        "r",
        "qr.svg",
        "room.css",
        "room.js",
        "socket.js",
        "mark.svg",
    }
    assert sum(sizes.values()) < 60_000


async def test_an_operator_enters_what_was_said_on_the_telephone_and_prints_a_slip(world: World) -> None:
    client, caller = await world.sign_in("moderator"), await world.visitor()
    token = await csrf(client, "/rooms/r/operator")
    form = {"csrf": token, "key": "key-0000001", "source": "phone", "text": "电话里问：几点停航？", "nickname": "老陈"}
    refused = await client.post("/rooms/r/operator", data=form)
    assert refused.status == 400
    assert "几点停航" in await refused.text()
    slips = []
    for _ in range(2):
        answer = await client.post("/rooms/r/operator", data=form | {"consent": "yes"}, allow_redirects=False)
        assert answer.status == 303
        slips.append(answer.headers["Location"])
    assert slips[0] == slips[1]
    page = await (await client.get(slips[0])).text()
    assert "<svg" in page
    code = slips[0].rsplit("/", 1)[1]
    assert "正在审核" in await (await caller.get(f"/track/{code}")).text()
    assert (await caller.get(slips[0], allow_redirects=False)).status == 401
    assert (await (await world.sign_in("deputy")).get("/rooms/r/operator")).status == 403


@pytest.mark.parametrize("source", ["web", "fax", ""])
async def test_an_operators_question_comes_from_somewhere(world: World, source: str) -> None:
    client = await world.sign_in("moderator")
    token = await csrf(client, "/rooms/r/operator")
    form = {"csrf": token, "key": "key-0000001", "source": source, "text": "问", "consent": "yes"}
    assert (await client.post("/rooms/r/operator", data=form)).status == 400


async def test_the_figures_of_a_session_are_public(world: World) -> None:
    client = await world.visitor()
    assert "收到" in await (await client.get("/rooms/r/figures")).text()
    assert (await client.get("/rooms/r/figures?session=nothing")).status == 404


async def test_whoever_has_the_code_of_a_refused_question_appeals_once(world: World) -> None:
    asker = await world.visitor()
    await asker.get("/rooms/r")
    wire = await Wire.open(asker)
    question = await wire.ask()
    desk = await Wire.open(await world.sign_in("moderator"), view="desk")
    await desk.wish(type="refuse", question=question["id"], reason="off_topic", note="请到联络站")
    path = f"/track/{question['code']}"
    assert "之前可以申诉一次" in await (await asker.get("/rooms/r")).text()
    stranger = await world.visitor()
    assert "之前可以申诉一次" in await (await stranger.get(path)).text()
    token = await csrf(stranger, path)
    empty = await stranger.post(f"{path}/appeal", data={"csrf": token, "text": " "})
    assert empty.status == 400
    assert (await stranger.post(f"{path}/appeal", data={"csrf": token, "text": "请再看一看"})).status == 200
    for page in (await (await stranger.get(path)).text(), await (await asker.get("/rooms/r")).text()):
        assert "审核组长" in page
        assert "之前可以申诉一次" not in page
        assert "请到联络站" not in page, "what was said of the refusal is no answer to the appeal"
    again = await stranger.post(f"{path}/appeal", data={"csrf": token, "text": "请再看一看"})
    assert again.status == 409
