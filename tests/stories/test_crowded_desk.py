"""The desk while two thousand questions wait: what each key costs, from the press to the frame that shows it."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from statistics import median

import pytest
from playwright.async_api import Browser, expect

from liveroom import clock, ids
from liveroom.actions.sittings import Change, Sittings
from liveroom.bus.memory import MemoryBus
from liveroom.ports.rooms import Sitting
from liveroom.qa.apply import apply
from liveroom.qa.commands import Ask
from liveroom.qa.decide import decide
from liveroom.rooms.roles import visitor
from liveroom.rooms.session import SessionState
from liveroom.settings import Settings
from liveroom.storage.opening import opened
from liveroom.storage.records import SqlRecords
from tests.support.browser import Person
from tests.support.demo import Demo

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
MANY = 2000
PLACES = ("东礁", "西屿", "南塘", "北礁", "本岛", "外屿", "长涂", "衢山", "嵊山", "枸杞")
ABOUT = (
    "码头的灯坏了，晚上下船看不清，什么时候能修好",
    "卫生院能不能直接拿慢性病的药，不用坐船去县里",
    "台风天停航能不能提前一天通知到村里",
    "夏天每天只供水四小时，淡化站什么时候扩容",
    "学校冬天的热水不够用，能不能加一台锅炉",
    "冷链船一周只有两班，海鲜运不出去",
    "网上买的船票能不能直接刷身份证上船",
)

WATCH = """(leaving) => {
  window.taken = new Promise((done) => {
    addEventListener('keydown', (event) => {
      const drawn = () => requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => done(performance.now() - event.timeStamp);
        port2.postMessage(null);  // heard when the frame has been drawn
      });
      if (!leaving) return drawn();
      new MutationObserver((_, observer) => {
        if (document.querySelector(`[data-column=pending] [data-id="${leaving}"]`)) return;
        observer.disconnect();
        drawn();
      }).observe(document.getElementById('columns'), { childList: true, subtree: true });
    }, { capture: true, once: true });
  });
}"""


async def fill(data: Path) -> None:
    """Two thousand questions into the session that a demo is about to begin."""
    database = await opened(Settings(data=data))
    records = await SqlRecords.open(database)
    (session,) = await records.sessions(states={SessionState.SCHEDULED})

    def asking(sitting: Sitting, now: datetime) -> Change:
        queue, facts = sitting.queue, []
        for number in range(MANY):
            text = f"{PLACES[number % 10]}{ABOUT[number % 7]}？第 {number} 次问了"
            label, code = f"{number:04}", ids.new_tracking_code()
            command = Ask(ids.new_id(), label, code, f"key-{number:06}", text, "", PLACES[number % 10])
            facts += decide(queue, sitting.session, command, visitor(f"device-{number}"), now)
        apply(queue, facts)
        return Change(facts)

    await Sittings(records, MemoryBus(), clock.now).change(session.id, asking, visitor("crowd"))
    await database.close()


@pytest.fixture
async def crowded(tmp_path: Path, furnished: Path) -> AsyncIterator[Demo]:
    shutil.copytree(furnished, tmp_path / "data")
    await fill(tmp_path / "data")
    running = Demo(tmp_path / "data").start()
    yield running
    running.stop()


class Watch:
    """Presses keys and keeps what each took, in milliseconds."""

    def __init__(self, desk: Person) -> None:
        self.page = desk.page
        self.taken: dict[str, list[float]] = {}

    async def press(self, what: str, key: str, leaving: str = "") -> None:
        """`leaving` is a pending question: then the watch runs until its card has left."""
        await self.page.evaluate(WATCH, leaving)
        await self.page.keyboard.press(key)
        self.taken.setdefault(what, []).append(float(await self.page.evaluate("window.taken")))

    async def chosen(self) -> str:
        card = self.page.locator("[data-column=pending] .desk-card[aria-current=true]")
        return str(await card.get_attribute("data-id"))

    def figures(self) -> list[str]:
        return [
            f"{MANY} questions, {what}: {median(times):.0f} ms, at most {max(times):.0f} ms, of {len(times)}"
            for what, times in self.taken.items()
        ]


async def test_every_key_works_while_two_thousand_questions_wait(
    crowded: Demo, browser: Browser, figures: list[str]
) -> None:
    desk = await Person.arrive(browser, crowded["desk"])
    pending = desk.page.locator("[data-count=pending]")
    await expect(pending).to_have_text(str(MANY))
    # Whoever has just opened the page still gets its first clusters.
    await expect(desk.page.locator("#clusters")).to_be_visible()
    watch = Watch(desk)
    await desk.page.keyboard.press("j")
    for key in "jjjjjkkkkk":
        await watch.press("J and K", key)
    for _ in range(6):
        await watch.press("X", "x")
        await watch.press("J and K", "j")
    await expect(desk.page.locator("#bulk-count")).to_have_text("已选 6 个")
    await watch.press("Esc", "Escape")
    for _ in range(8):
        await watch.press("P, until it is public", "p", await watch.chosen())
    await watch.press("Z", "z")
    await expect(pending).to_have_text(str(MANY - 7))
    for _ in range(4):
        leaving = await watch.chosen()
        await watch.press("R, the key", "r")
        await expect(desk.page.locator("#refuse-dialog")).to_be_visible()
        await desk.page.locator("#refuse-note").focus()
        await watch.press("refused, until it is gone", "Enter", leaving)
    await expect(pending).to_have_text(str(MANY - 11))
    await desk.page.keyboard.press("/")
    for letter in "1234":
        await watch.press("a letter of a search", letter)
    await expect(pending).to_have_text("1")
    figures += [f"load {os.getloadavg()[0]:.1f}", *watch.figures()]
    assert desk.errors == []
