"""A suggestion, a commitment and a work order are each called what they are: in every message, on every page and paper.

Looked for are the words of the other kinds, in what was written for one.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from liveroom import ids
from liveroom.matters.matter import Matter
from liveroom.notices.followers import Follower, Way
from liveroom.ports.notices import Told
from liveroom.qa import commands
from liveroom.qa.question import Outcome
from liveroom.server import keys
from tests.server.test_following import actor, follow, work
from tests.support.admission import ADMITTED
from tests.support.world import Wire, World

WORDS = {
    "zh": {"suggestion": "建议", "commitment": "承诺", "work_order": "工单"},
    "en": {"suggestion": "suggestion", "commitment": "commitment", "work_order": "work order"},
}
KINDS = tuple(WORDS["zh"])
LANGUAGES = tuple(WORDS)


async def answered(world: World) -> str:
    """A question that was answered in a session that is over; its tracking code."""
    await world.live()
    wire, moderating = await Wire.open(await world.visitor()), world.app[keys.VERBS].moderating
    question = await wire.ask("晚上有船吗？")
    for command in (commands.Publish, commands.PutOnAir, commands.MarkAnswered):
        await moderating.do(world.session, command(question["id"]), await actor(world, "lead"))
    await world.app[keys.VERBS].broadcasting.end(world.app[keys.MEDIA], world.session, await actor(world, "deputy"))
    return str(question["code"])


async def begun(world: World, kind: str, code: str) -> Matter:
    """A matter of the question of this code, with several public steps."""
    verbs, office, unit = world.app[keys.VERBS], await actor(world, "office"), await actor(world, "unit")
    question = (await verbs.following_up.follow(ids.read_tracking_code(code) or "")).question.id
    concluding, step = verbs.concluding, verbs.following_up.step
    if kind == "suggestion":
        matter = await concluding.draft_suggestion(world.session, [question], "夜航", office)
        steps: list[tuple[str, dict[str, str], Any]] = [
            ("offer", {"deputy": "deputy"}, office),
            ("adopt", {"signature": "甲"}, await actor(world, "deputy")),
            ("register", ADMITTED, office),
            ("assign", {"unit": "water"}, office),
        ]
    elif kind == "commitment":
        values = {"title": "夜航", "unit": "water", "deputy": "deputy", "promise_due": "2027-06-01"}
        matter = await concluding.follow_up(world.session, [question], Outcome.COMMITMENT, values, office)
        steps = [("confirm", {}, unit), ("start_work", {}, unit), ("report", {"text": "在谈船期"}, unit)]
    else:
        values = {"title": "夜航", "body": "正文"}
        matter = await concluding.follow_up(world.session, [question], Outcome.WORK_ORDER, values, office)
        steps = [
            ("accept", {}, office),
            ("forward", {"unit": "water"}, office),
            ("accept", {}, unit),
            ("reply", {"class": "A", "text": "已经办好"}, unit),
        ]
    for command, fields, by in steps:
        await step(matter, command, fields, by)
    return await world.app[keys.MATTERS].load(matter)


def assert_named(kind: str, lang: str, written: str, where: str) -> None:
    """Called what it is, and nothing that it is not."""
    text = written.lower().replace("/suggestions/", "/")
    assert WORDS[lang][kind] in text, f"{where}: {written}"
    for other, word in WORDS[lang].items():
        assert other == kind or word not in text, f"{where} calls a {kind} {word}: {written}"


async def main_of(client: TestClient, page: str, lang: str) -> str:
    """The words of what a page is about, without head, foot and forms; of what is no page all."""
    answer = await client.get(page, headers={"Accept-Language": lang, "Accept": "text/html"})
    assert answer.status == 200, page
    text = await answer.text()
    main = re.search(r"<main.*?</main>", text, re.S)
    text = re.sub(r"<form.*?</form>|<nav.*?</nav>|<textarea.*?</textarea>", "", main[0] if main else text, flags=re.S)
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)))


@pytest.mark.parametrize("kind", KINDS)
async def test_every_message_page_and_paper_names_the_kind(day: World, kind: str) -> None:
    code = await answered(day)
    client, office = await day.visitor(), await day.sign_in("office")
    pages = {lang: [f"/track/{code}"] for lang in LANGUAGES}
    for lang in LANGUAGES:
        for way in ("feed", "station"):
            _, path, _ = await follow(client, f"/track/{code}", way=way, place="西屿联络站", language=lang)
            pages[lang] += [path, f"{path}/feed"] if way == "feed" else [path]
    before = await main_of(client, pages["zh"][1], "zh")
    assert "还没有去向" in before
    matter = await begun(day, kind, code)
    await work(day)
    listed = await (await office.get("/office/deliveries?state=waiting")).text()
    posters = sorted(set(re.findall(r"/office/deliveries/[^/\"]+/poster", listed)))
    assert posters
    for lang in LANGUAGES:
        public = [
            f"/suggestions/{matter.number}",
            f"/suggestions/{matter.number}/card",
            f"/suggestions/{matter.number}/card.svg",
            f"/suggestions/{matter.number}/poster",
            f"/suggestions/feed?kind={kind}",
        ]
        for page in [*pages[lang], *(public if kind != "work_order" else [])]:
            assert_named(kind, lang, await main_of(client, page, lang), page)
        for page in posters:
            assert_named(kind, lang, await main_of(office, page, lang), page)
    for page in posters:
        paper = await main_of(office, page, "zh")
        assert (f"/suggestions/{matter.number}" in paper) == (kind != "work_order"), (
            "no poster leads to a page that is not"
        )
    assert (await client.get(f"/suggestions/{matter.number}")).status == (404 if kind == "work_order" else 200)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
async def test_every_letter_of_every_step_names_the_kind(day: World, kind: str, lang: str) -> None:
    matter = await begun(day, kind, await answered(day))
    history = await day.app[keys.VERBS].following_up.history(matter)
    assert len(history) >= 4
    writing = day.app[keys.LETTERS]
    for way in (Way.MAIL, Way.SMS):
        follower = Follower("f", "", matter.id, way, lang, False, "d", "r", "", "https://x", history[0].at)
        write = writing.mail if way is Way.MAIL else writing.sms
        for line in history:
            letter = write(follower, [Told.of_matter(matter, line)], "key", line.at)
            where = f"{way.value} of {line.event.what}"
            assert_named(kind, lang, letter.text, where)
            if way is Way.MAIL:
                assert_named(kind, lang, letter.subject, where)
                leads = f"/suggestions/{matter.number}" in letter.text
                assert leads == (kind != "work_order"), "a letter leads to no page that is not there"
