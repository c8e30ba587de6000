"""What people type is shown as they typed it and runs nowhere: 131 ways to try, in every page, feed and file."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from liveroom.qa import commands
from liveroom.server import keys
from tests.support.followed import Led
from tests.support.markup import foreign
from tests.support.world import Wire, World

PAYLOADS: list[str] = json.loads((Path(__file__).parents[1] / "vectors" / "payloads.json").read_text("utf-8"))
ALL = "\n".join(PAYLOADS)


@pytest.mark.parametrize("payload", [payload for payload in PAYLOADS if "<" in payload][:40])
def test_the_watcher_sees_what_a_browser_would(payload: str) -> None:
    if "<x " in payload or "<p" in payload or "hit()" not in payload:
        return
    assert foreign(f"<p>{payload}</p>") or foreign(f'<input value="{payload}">') or foreign(f"<a title='{payload}'>")


async def test_no_payload_runs_in_any_page_feed_or_file(world: World) -> None:
    asker = await Wire.open(await world.visitor())
    lead = await world.app[keys.PEOPLE].account("lead")
    assert lead is not None
    for number, payload in enumerate(PAYLOADS):
        names = {"nickname": payload[:20], "island": payload[:20]}
        answer = await asker.wish(type="ask", key=f"payload-{number:04}", text=f"{payload} 为什么？", **names)
        assert answer["type"] == "asked", answer
        await world.app[keys.VERBS].moderating.do(world.session, commands.Publish(answer["question"]["id"]), lead.actor)
    led = await Led.from_question(world, title=PAYLOADS[0], text=f"{PAYLOADS[3]} 什么时候修？")
    await led.step("edit", "office", title=PAYLOADS[1], body=ALL)
    await led.handled()
    await led.step("contact", "unit", contact=ALL[:500])
    number = (await led.step("reply", "unit", class_="A", text=ALL)).number
    await led.step("evaluate", "deputy", attitude="satisfied", result="satisfied", comment=ALL[:500])

    visitor, office, unit = await world.visitor(), await world.sign_in("office"), await world.sign_in("unit")
    public = ["/", "/rooms/r", f"/rooms/r/sessions/{world.session}", "/suggestions", f"/suggestions/{number}"]
    public += [f"/suggestions/{number}/card", f"/suggestions/{number}/card.svg", f"/track/{led.code}", "/promises"]
    public += [f"/track/{led.code}/data", "/figures?by=unit", f"/rooms/r/sessions/{world.session}/report"]
    of_the_office = ["/office", "/worklist", f"/worklist/{led.matter}", "/rooms/r/desk", "/rooms/r/outcomes"]
    for client, pages in ((visitor, public), (office, of_the_office), (unit, ["/worklist", f"/worklist/{led.matter}"])):
        for page in pages:
            answer = await client.get(page, headers={"Accept": "text/html"})
            assert answer.status == 200, page
            assert foreign(await answer.text()) == [], page
    shown = await (await visitor.get(f"/suggestions/{number}")).text()
    assert shown.count("hit()") >= len(PAYLOADS) / 2, "they are shown, as text"

    feed = ElementTree.fromstring(await (await visitor.get("/suggestions/feed")).read())
    kinds = {part.get("type", "text") for part in feed.iter() if part.tag.endswith(("title", "summary", "content"))}
    assert kinds <= {"text"}, "nothing in it is markup"
    for page, client in (("/suggestions/export?form=csv", visitor), ("/worklist/export?format=csv", office)):
        answer = await client.get(page)
        assert answer.status == 200, page
        for row in csv.reader(io.StringIO((await answer.read()).decode("utf-8-sig"))):
            assert not any(cell[:1] in {"=", "+", "-", "@", "\t", "\r"} for cell in row), row
    data = await visitor.get("/suggestions/export?form=json")
    assert (data.content_type, data.headers["X-Content-Type-Options"]) == ("application/json", "nosniff")
