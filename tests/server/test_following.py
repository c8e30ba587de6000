"""Following by the pages: the form, the code, the one link that ends it, the feed, the office's pages, the poster."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from liveroom import ids
from liveroom.actions.work_off import WorkingOff
from liveroom.ids import show_tracking_code
from liveroom.qa.question import Outcome
from liveroom.rooms.station import Station
from liveroom.server import keys
from liveroom.storage import folder
from liveroom.storage.imports import SqlImports
from liveroom.storage.matters import ANNOUNCE
from liveroom.storage.notices import DELIVER
from liveroom.storage.session_log import OUTCOME
from tests.server.test_heard import begun, called_back
from tests.server.test_verify_pages import codes
from tests.support.admission import ADMITTED
from tests.support.followed import Led
from tests.support.world import Wire, World, csrf


def letters(world: World) -> list[dict[str, str]]:
    """What the file driver wrote, oldest first."""
    found = world.app[keys.SETTINGS].data / folder.LETTERS
    return [json.loads(path.read_text()) for path in sorted(found.glob("*.json"))]


async def actor(world: World, login: str) -> Any:
    account = await world.app[keys.PEOPLE].account(login)
    assert account is not None
    return account.actor


async def asked(world: World) -> str:
    """A question of a session that is over; its tracking code."""
    await world.live()
    wire = await Wire.open(await world.visitor())
    answer = await wire.wish(type="ask", key=ids.new_id(), text="晚上有船吗？")
    await world.app[keys.VERBS].broadcasting.end(world.app[keys.MEDIA], world.session, await actor(world, "deputy"))
    return str(answer["question"]["code"])


async def registered(world: World, code: str) -> str:
    """A suggestion of the question, up to its number."""
    verbs, office = world.app[keys.VERBS], await actor(world, "office")
    followed = await verbs.following_up.follow(ids.read_tracking_code(code) or "")
    matter = await verbs.concluding.draft_suggestion(world.session, [followed.question.id], "", office)
    for command, values, by in (
        ("offer", {"deputy": "deputy"}, office),
        ("adopt", {"signature": "甲"}, await actor(world, "deputy")),
        ("register", ADMITTED, office),
    ):
        await verbs.following_up.step(matter, command, values, by)
    return (await world.app[keys.MATTERS].load(matter)).number


async def work(world: World) -> None:
    """Everything that is due; the application's own worker has been stopped, so that nothing is under way."""
    wired = world.app[keys.WORKING_OFF]._works
    works = {kind: wired[kind] for kind in (ANNOUNCE, OUTCOME, DELIVER)}
    worker = WorkingOff(world.app[keys.JOBS], works, world.app[keys.CLOCK])
    while await worker.work_off():
        pass


async def follow(client: TestClient, page: str, **fields: str) -> tuple[int, str, str]:
    """Status, address and text of the page after the form."""
    form = {"csrf": await csrf(client, page), "language": "zh", "way": "mail", **fields}
    response = await client.post(f"{page}/follow", data=form)
    return response.status, response.url.path, await response.text()


async def test_a_follower_confirms_by_a_code_is_told_and_leaves_by_one_click(day: World) -> None:
    code = await asked(day)
    client = await day.visitor()
    status, path, text = await follow(client, f"/track/{code}", contact="wang@example.org")
    assert (status, 'data-step="code"' in text, "w…@example.org" in text) == (200, True, True)
    token = re.search(r'name="csrf" value="([^"]+)"', text)
    assert token is not None
    wrong = await client.post(f"{path}/code", data={"csrf": token[1], "code": "12345"})
    assert (wrong.status, "6 位数字" in await wrong.text()) == (400, True)
    right = await client.post(f"{path}/code", data={"csrf": token[1], "code": codes(day)[-1]["code"]})
    assert 'data-step="active"' in await right.text()
    number = await registered(day, code)
    await work(day)
    sent = letters(day)
    assert [letter["to"] for letter in sent] == ["wang@example.org"] * 4
    assert "登记为第" in sent[-1]["text"]
    assert f"https://live.example.org/suggestions/{number}" in sent[-1]["text"]
    stop = sent[-1]["stop"].removeprefix("https://live.example.org")
    assert stop == path
    # Whatever looks at links changes nothing; the mail program's one POST, without a cookie, ends it.
    stranger = await day.visitor()
    assert 'data-step="active"' in await (await stranger.get(stop)).text()
    body = '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    ended = await (await day.visitor()).post(stop, data=body, headers=headers, allow_redirects=False)
    assert (ended.status, 'data-step="ended"' in await ended.text()) == (200, True)
    office = await actor(day, "office")
    matter = await day.app[keys.MATTERS].by_number(number)
    assert matter is not None
    await day.app[keys.VERBS].following_up.step(matter.id, "assign", {"unit": "water", "due": "2027-06-01"}, office)
    await work(day)
    assert len(letters(day)) == 4


async def test_a_letter_is_in_the_followers_language(day: World) -> None:
    code = await asked(day)
    client = await day.visitor()
    _, path, text = await follow(client, f"/track/{code}", contact="wang@example.org", language="en")
    token = re.search(r'name="csrf" value="([^"]+)"', text)
    assert token is not None
    await client.post(f"{path}/code", data={"csrf": token[1], "code": codes(day)[-1]["code"]})
    await registered(day, code)
    await work(day)
    written = letters(day)[-1]
    assert written["subject"].startswith("Suggestion “")
    chinese = set(re.findall(r"[\u4e00-\u9fff]+", written["subject"] + written["text"]))
    assert chinese <= {"晚上有船吗", "甲"}


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"contact": "wang"}, 400, "请写 11 位手机号"),
        ({"contact": "13800000021"}, 400, "请写 11 位手机号"),
        ({"way": "sms", "contact": "wang@example.org"}, 400, "请写 11 位手机号"),
        ({"way": "pigeon"}, 400, "请从列出的选项中选择"),
        ({"way": "station", "place": " "}, 400, "请写下内容"),
        ({"way": "station", "place": "站" * 41}, 400, "最多 40 个字"),
        ({"language": "fr", "contact": "wang@example.org"}, 400, "请从列出的选项中选择"),
    ],
)
async def test_what_does_not_fit_is_said_beside_the_form_that_keeps_it(
    day: World, fields: dict[str, str], status: int, words: str
) -> None:
    page = f"/track/{await asked(day)}"
    found, path, text = await follow(await day.visitor(), page, **fields)
    assert (found, path, words in text) == (status, f"{page}/follow", True)
    assert all(f'value="{value}"' in text for name, value in fields.items() if name == "contact")
    assert codes(day) == []


async def test_only_stations_that_there_are_put_something_up(day: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stations(_: object) -> list[Station]:
        return [Station("1", "西屿联络站", "西屿"), Station("2", "东礁联络站")]

    page, client = f"/track/{await asked(day)}", await day.visitor()
    monkeypatch.setattr(SqlImports, "stations", stations)
    assert "西屿联络站（西屿）" in await (await client.get(page)).text()
    assert (await follow(client, page, way="station", place="村口小店"))[0] == 400
    status, path, _ = await follow(client, page, way="station", place="东礁联络站")
    assert (status, path.startswith("/following/")) == (200, True)


async def test_following_has_a_limit_for_each_network(day: World) -> None:
    day.app[keys.LIMITS].per_minute["follow"] = 1
    page, client = f"/track/{await asked(day)}", await day.visitor()
    assert (await follow(client, page, way="feed"))[0] == 200
    assert (await follow(client, page, way="feed"))[0] == 429


async def test_a_feed_holds_what_was_told(day: World) -> None:
    code = await asked(day)
    client = await day.visitor()
    _, path, text = await follow(client, f"/track/{code}", way="feed")
    assert f"https://live.example.org{path}/feed" in text
    number = await registered(day, code)
    await work(day)
    response = await client.get(f"{path}/feed")
    feed = await response.text()
    assert (response.status, response.content_type, feed.count("<entry>")) == (200, "application/atom+xml", 4)
    assert f"https://live.example.org/suggestions/{number}" in feed
    await client.post(path)
    assert (await client.get(f"{path}/feed")).status == 410
    assert (await client.get("/following/nobody/feed")).status == 404


async def test_the_office_sees_prints_and_puts_up_what_a_station_is_told(day: World) -> None:
    code = await asked(day)
    await follow(await day.visitor(), f"/track/{code}", way="station", place="西屿联络站")
    number = await registered(day, code)
    await work(day)
    office = await day.sign_in("office")
    page = await (await office.get("/office/deliveries")).text()
    assert page.count("西屿联络站") == 4
    notice = re.search(r'action="/office/deliveries/([^"]+)"', page)
    assert notice is not None
    poster = await (await office.get(f"/office/deliveries/{notice[1]}/poster")).text()
    assert all(words in poster for words in ("西屿联络站", "<svg", "已登记"))
    token = await csrf(office, "/office/deliveries?state=waiting")
    form = {"csrf": token, "action": "posted", "state": "waiting"}
    for status in (200, 409):
        answer = await office.post(f"/office/deliveries/{notice[1]}", data=form)
        assert answer.status == status
    # The newest poster, which stood first, tells of the steps before, too.
    assert "西屿联络站" not in await (await office.get("/office/deliveries?state=waiting")).text()
    assert (await office.post(f"/office/deliveries/{notice[1]}", data=form | {"action": "x"})).status == 400
    public = await day.visitor()
    assert (await public.get(f"/suggestions/{number}/poster")).status == 200
    assert (await public.get("/suggestions/2020-0001/poster")).status == 404
    assert (await public.get(f"/office/deliveries/{notice[1]}/poster")).status == 401


async def test_what_failed_is_tried_again_from_the_page_and_names_nobody(day: World) -> None:
    code = await asked(day)
    client = await day.visitor()
    _, path, text = await follow(client, f"/track/{code}", contact="wang@example.org")
    token = re.search(r'name="csrf" value="([^"]+)"', text)
    assert token is not None
    await client.post(f"{path}/code", data={"csrf": token[1], "code": codes(day)[-1]["code"]})
    data = day.app[keys.SETTINGS].data
    # Not a folder: no letter can be written.
    (data / folder.LETTERS).write_text("")
    await registered(day, code)
    await work(day)
    office = await day.sign_in("office")
    waiting = await (await office.get("/office/deliveries?state=waiting")).text()
    assert waiting.count("the message could not be written") == 4
    assert "example.org" not in waiting.replace("live.example.org", "")


@pytest.mark.parametrize("action", ["again", "discard"])
async def test_work_that_was_given_up_is_shown_and_disposed_of(day: World, action: str) -> None:
    code = await asked(day)
    await registered(day, code)
    taken = await day.app[keys.JOBS].take(day.app[keys.CLOCK](), [ANNOUNCE], 1)
    for job in taken:
        await day.app[keys.JOBS].failed(job, None, "ValueError", day.app[keys.CLOCK]())
    office = await day.sign_in("office")
    page = await (await office.get("/office/deliveries")).text()
    assert ("试了多次仍没做成" in page) == bool(taken)
    for job in taken:
        form = {"csrf": await csrf(office, "/office/deliveries"), "action": action}
        assert (await office.post(f"/office/jobs/{job.id}", data=form)).status == 200
        assert (await office.post(f"/office/jobs/{job.id}", data=form)).status == 409
    assert await day.app[keys.JOBS].dead() == []
    token = await csrf(office, "/office/deliveries?state=failed")
    assert (await office.post("/office/jobs/x", data={"csrf": token, "action": action})).status == 404


async def test_a_confidential_suggestion_is_spoken_of_nowhere(day: World) -> None:
    code = await asked(day)
    client = await day.visitor()
    _, feed, _ = await follow(client, f"/track/{code}", way="feed")
    _, station, _ = await follow(client, f"/track/{code}", way="station", place="西屿联络站")
    number = await registered(day, code)
    await work(day)
    matter = await day.app[keys.MATTERS].by_number(number)
    assert matter is not None
    verbs, office = day.app[keys.VERBS], await actor(day, "office")
    await verbs.following_up.step(matter.id, "make_confidential", {"reason": "涉及未成年人"}, office)
    await work(day)
    for page in (feed, f"{feed}/feed", station):
        text = await (await client.get(page)).text()
        assert not any(words in text for words in (matter.title, number, "登记", "<entry>"))
    assert (await client.get(f"/suggestions/{number}/poster")).status == 404
    printing = await day.sign_in("office")
    listed = await (await printing.get("/office/deliveries?state=waiting")).text()
    notice = re.search(r'action="/office/deliveries/([^"]+)"', listed)
    assert notice is not None
    assert (await printing.get(f"/office/deliveries/{notice[1]}/poster")).status == 404


async def confirmed(world: World, page: str, **fields: str) -> str:
    """Somebody follows by mail or short message, and has typed the code; the address that ends it."""
    client = await world.visitor()
    _, path, text = await follow(client, page, **fields)
    token = re.search(r'name="csrf" value="([^"]+)"', text)
    assert token is not None
    answer = await client.post(f"{path}/code", data={"csrf": token[1], "code": codes(world)[-1]["code"]})
    assert 'data-step="active"' in await answer.text()
    return path


@pytest.mark.parametrize(
    ("lang", "words", "here"),
    [
        ("zh", "承办单位办完了，工委也回访过了，现在请提问的人评价办得怎么样。", "请您说说结果"),
        ("en", "Handled, and called back. Now those who asked rate it.", "Please say what you think"),
    ],
)
async def test_whoever_asked_is_sent_to_the_page_where_a_work_order_is_rated(
    day: World, lang: str, words: str, here: str
) -> None:
    led = await Led.plain(day)
    merged = show_tracking_code(led.merged_code)
    await confirmed(day, f"/track/{led.code}", contact="wang@example.org", language=lang)
    path = await confirmed(day, f"/track/{led.merged_code}", way="sms", contact="13800000021", language=lang)
    await begun(led, Outcome.WORK_ORDER)
    await called_back(led)
    await work(day)
    told = {letter["to"]: letter["text"] for letter in letters(day) if words in letter["text"]}
    assert [letter["text"] for letter in letters(day) if words in letter["text"]] == list(told.values()), "once"
    site = "https://live.example.org"
    mail, message = told["wang@example.org"], told["13800000021"]
    assert words in mail
    assert all(here in letter for letter in told.values())
    assert f"{site}/track/{show_tracking_code(led.code)}\n" in mail, "each the page of the own question"
    assert f"{site}/track/{merged} " in message
    assert f"{site}{path}" in message
    assert "打过电话" not in mail + message, "the note of the call is the office's"
    assert "/suggestions/" not in mail + message
    page = await (await day.visitor()).get(f"/track/{merged}")
    assert "办得怎么样？" in await page.text(), "and there they are asked"
    seen = await (await (await day.visitor()).get(path, headers={"Accept-Language": lang})).text()
    assert words in seen
    assert merged not in seen, "whoever has the link that ends it has no code by it"
    before = len(letters(day))
    await led.step("rate", "office", result="satisfied")
    await work(day)
    assert not any(here in letter["text"] for letter in letters(day)[before:]), "it is rated"


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_letter_holds_the_answer_that_is_given_instead_of_a_suggestion(day: World, lang: str) -> None:
    led = await Led.from_question(day)
    path = await confirmed(day, f"/track/{led.code}", contact="wang@example.org", language=lang)
    await led.step("offer", "office", deputy="deputy")
    await led.step("adopt", "deputy", signature="甲")
    checks = (await led.every_check()).replace("=yes", "=no", 1)
    instead = {"instead": "text_answer", "answer": "路灯已于昨天换新。", "reason": "属于日常维修。"}
    await led.step("not_admit", "office", checklist=checks, **instead)
    await work(day)
    assert sum("路灯已于昨天换新。" in letter["text"] for letter in letters(day)) == 1
    assert "属于日常维修。" in letters(day)[-1]["text"]
    seen = await (await day.visitor()).get(path, headers={"Accept-Language": lang})
    assert "路灯已于昨天换新。" in await seen.text()
