"""What people type does nothing in what is not a page: mails, papers, workbooks, programs' answers, webhooks."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, TextStringObject

from liveroom import clock
from liveroom.contacts import read_contact
from liveroom.delivery.mail import MailSender, MailServer
from liveroom.notices.followers import Follower, Way
from liveroom.ports.hooks import HookEvent
from liveroom.ports.notices import Told
from liveroom.server import keys
from liveroom.text import clean_lines
from tests.server.test_hooks import PAGE as HOOKS
from tests.server.test_hooks import Receiver, announced, register, right
from tests.support.followed import Led
from tests.support.works import work_order
from tests.support.world import World, csrf

PAYLOADS: list[str] = json.loads((Path(__file__).parents[1] / "vectors" / "payloads.json").read_text("utf-8"))
SCRIPT = "<script>hit()</script><img src=x onerror=hit()>"
ALL = "\n".join(PAYLOADS)
FORMULAS = ('=HYPERLINK("http://x")', "+cmd|' /C calc'!A0", "-1+1", "@SUM(A1)", "\t=1")
HEADERS = "灯\r\nBcc: everybody@example.org\r\n\r\n<script>hit()</script>"
_RUNS = {"/JS", "/JavaScript", "/Launch", "/OpenAction", "/AA", "/SubmitForm", "/ImportData", "/RichMedia", "/URI"}


async def replied(world: World, title: str) -> Led:
    led = await Led.from_question(world, title="标题", text=f"{SCRIPT} 什么时候修？", nickname=SCRIPT[:20])
    await led.step("edit", "office", title=title, body="\n".join(PAYLOADS)[:1500])
    await led.handled()
    await led.replied(text="\n".join(PAYLOADS)[:1500])
    return led


def names(found: Any, seen: set[int]) -> Iterator[str]:
    """Every name that stands as a key or a value in an object of a PDF and whatever it leads to."""
    if isinstance(found, IndirectObject):
        if found.idnum in seen:
            return
        seen.add(found.idnum)
        found = found.get_object()
    if isinstance(found, DictionaryObject):
        for name, value in found.items():
            yield str(name)
            yield from names(value, seen)
    elif isinstance(found, ArrayObject):
        for value in found:
            yield from names(value, seen)
    elif isinstance(found, str):
        yield found


def test_what_acts_in_a_paper_is_seen() -> None:
    made, written = PdfWriter(), io.BytesIO()
    made.add_blank_page(72, 72)
    action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    made.root_object[NameObject("/OpenAction")] = DictionaryObject(action)
    made.write(written)
    assert {"/JS", "/JavaScript", "/OpenAction"} <= set(names(PdfReader(written).trailer, set()))


async def test_papers_hold_the_text_and_nothing_that_acts(world: World) -> None:
    led = await replied(world, f"{SCRIPT} javascript:hit()")
    visitor, year = await world.visitor(), clock.now().year
    for page, shown in (
        (f"/rooms/r/sessions/{world.session}/report.pdf", "<script>hit()</script>"),
        (f"/figures/{year}/notice.pdf", ""),
    ):
        reader = PdfReader(io.BytesIO(await (await visitor.get(page)).read()))
        assert _RUNS & set(names(reader.trailer, set())) == set(), page
        assert shown in "".join(part.extract_text() for part in reader.pages).replace("\n", ""), page
    assert led.matter


async def test_a_workbook_holds_no_formula(world: World) -> None:
    office = await world.sign_in("office")
    for number, formula in enumerate(FORMULAS):
        await work_order(world, f"{formula}{number}", "正文")
    book = await (await office.get("/worklist/export?form=xlsx&view=open")).read()
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        sheets = [name for name in parts.namelist() if "worksheets/" in name]
        said = "".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml"))
        for name in sheets:
            tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(parts.read(name)).iter()}
            assert {"row", "c"} <= tags
            assert not tags & {"f", "hyperlink", "legacyDrawing", "oleObject"}
    assert "HYPERLINK" in said, "it stands there as text"
    assert not any(name.endswith((".bin", ".vml")) or "external" in name.lower() for name in parts.namelist())


async def test_programs_get_it_as_text_in_well_formed_answers(world: World) -> None:
    led = await replied(world, SCRIPT)
    visitor = await world.visitor()
    number = (await world.app[keys.MATTERS].load(led.matter)).number
    whole = await visitor.get(f"/api/v1/matters/{number}")
    assert (whole.content_type, whole.headers["X-Content-Type-Options"]) == ("application/json", "nosniff")
    assert (await whole.json())["matter"]["title"] == SCRIPT
    for path in (f"/api/v1/matters/{quote(SCRIPT, safe='')}", f"/api/v1/matters?state={quote(SCRIPT)}"):
        refused = await visitor.get(path, headers={"Accept": "text/html"})
        assert (refused.status, refused.content_type) == (404 if "?" not in path else 400, "application/problem+json")
        assert (await refused.json(content_type=None))["status"] == refused.status
    for hostile in (SCRIPT, "]]>", "<!ENTITY x SYSTEM 'file:///etc/passwd'>", "&x;"):
        asked = quote(hostile, safe="")
        for path in (f"/open311/v2/requests/{asked}.xml", f"/open311/v2/requests.xml?jurisdiction_id={asked}"):
            answer = await visitor.get(path)
            assert answer.content_type in {"application/xml", "text/xml"}, path
            tags = {element.tag for element in ElementTree.fromstring(await answer.read()).iter()}
            assert tags <= {"errors", "error", "code", "description"}, path


class Caught(MailSender):
    """What would be handed over."""

    def __init__(self) -> None:
        super().__init__(MailServer("127.0.0.1", 25, "none", "", "", "liveroom@example.org"))
        self.raw: list[bytes] = []

    async def _hand_over(self, message: Any) -> None:
        self.raw.append(message.as_bytes())


@pytest.mark.parametrize(
    "hostile", [HEADERS, SCRIPT, "灯\nList-Unsubscribe: <http://x>", "灯\x0b\x1c\u2028Bcc: x@example.org"]
)
async def test_a_mail_has_our_headers_alone_and_is_text(world: World, hostile: str) -> None:
    led = await replied(world, "码头")
    matter = await world.app[keys.MATTERS].load(led.matter)
    line = (await led.verbs.following_up.history(matter))[-1]
    told = Told.of_matter(matter, line)
    told = type(told)(**{f: getattr(told, f) for f in told.__dataclass_fields__} | {"title": hostile})
    now = datetime(2026, 3, 1, tzinfo=UTC)
    follower = Follower("f", "", led.matter, Way.MAIL, "zh", False, "d", "r", "", "https://live.example.org", now)
    letters, caught = world.app[keys.LETTERS], Caught()
    await caught.carry(read_contact("wang@example.org"), letters.mail(follower, [told], "key", now))
    mail = message_from_bytes(caught.raw[0], policy=policy.default)
    assert sorted(mail.keys()) == sorted({
        "From", "To", "Subject", "Auto-Submitted", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post",
        "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
    })  # fmt: skip
    assert mail["To"] == "wang@example.org"
    assert mail["List-Unsubscribe"] == "<https://live.example.org/following/f>"
    assert (mail.get_content_type(), mail.is_multipart()) == ("text/plain", False)
    assert "码头" in mail.get_content() or "灯" in mail.get_content() or "hit()" in mail.get_content()
    sms = letters.sms(follower, [told], "key", now)
    assert sms.text.count("https://live.example.org/") >= 1
    assert sms.stop == "https://live.example.org/following/f"


OURS = {"webhook-id", "webhook-timestamp", "webhook-signature"}
USUAL = {"host", "accept", "accept-encoding", "content-type", "content-length", "user-agent", "connection"}
IN_AN_ADDRESS = "?a=%0d%0aX-Evil:%201%0d%0a%0d%0a%3Cscript%3Ehit()%3C/script%3E"


async def test_programs_are_told_it_as_plain_strings_and_no_header_holds_a_word_of_it(tmp_path: Path) -> None:
    world, receiver = await World.make(tmp_path, hooks_private=True), Receiver()
    await receiver.server.start_server()
    try:
        _, secret = await register(world, receiver.url + IN_AN_ADDRESS, *HookEvent, name=HEADERS[:40])
        led = await Led.from_question(world, title="标题", text=f"{SCRIPT} 什么时候修？", nickname=SCRIPT[:20])
        await led.step("edit", "office", title=SCRIPT, body=ALL)
        await led.handled()
        await led.replied("A", ALL)
        await led.step("evaluate", "deputy", attitude="satisfied", result="satisfied", comment=HEADERS)
        await announced(world)
        await receiver.hears(6)
    finally:
        await receiver.server.close()
        await world.close()
    for body, headers in receiver.raw:
        names = {name.lower(): value for name, value in headers.items()}
        assert names["content-type"] == "application/json"
        assert names["webhook-signature"] == right(secret, body, names)
        assert names.keys() - USUAL == OURS, "and none that somebody wrote"
        assert not any("hit" in value or not value.isprintable() for value in names.values())
        assert json.loads(body)["data"]["title"] == SCRIPT
        assert not any(byte < 0x20 for byte in body), "whatever controls is written with a backslash"
    (replied,) = [said["data"] for said in receiver.heard if said["data"]["what"] == "reply"]
    assert replied["values"]["text"] == clean_lines(ALL)
    assert all(clean_lines(payload) in replied["values"]["text"] for payload in PAYLOADS)


async def test_no_address_of_a_program_holds_the_end_of_a_line(tmp_path: Path) -> None:
    world = await World.make(tmp_path, hooks_private=True)
    try:
        office = await world.sign_in("office")
        hook = {"csrf": await csrf(office, HOOKS), "name": "x", "event": "matter.step"}
        for between in ("\r\n", "\n", "\r", "\0", "\u2028", "\x85", "\t"):
            answer = await office.post(HOOKS, data=hook | {"url": f"http://127.0.0.1:9/{between}X-Evil: 1"})
            assert (answer.status, "whsec_" in await answer.text()) == (400, False), repr(between)
    finally:
        await world.close()
