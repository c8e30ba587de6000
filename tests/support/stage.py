"""Everybody who has to do with a matter, each with a page of their own, and the clock that they all look at."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from playwright.async_api import Browser, Page, Response, expect

from liveroom import clock, ids
from liveroom.ports.matters import Unit
from liveroom.ports.people import Account
from liveroom.rooms.roles import Actor, Role, visitor
from liveroom.server import keys
from liveroom.server.identity import DEVICE_COOKIE, SIGN_IN_LIFE, hash_secret
from tests.support.browser import PATIENCE, Person
from tests.support.clocks import Shifted
from tests.support.forms import take
from tests.support.journeys import Journey
from tests.support.world import World

PHONES = frozenset({"asker", "seconder", "deputy"})
"""Who does it on a telephone."""

BAD = ".note.bad[role=alert]"


def ahead(days: int) -> str:
    """A day that many days after today in China, as forms write it."""
    return (clock.now().astimezone(clock.CHINA).date() + timedelta(days=days)).isoformat()


@dataclass
class Stage:
    """Pages are opened when somebody first needs one. `clock` is the world's, and can be set forward."""

    world: World
    browser: Browser
    clock: Shifted
    people: dict[str, Person] = field(default_factory=dict)
    _known_until: dict[str, datetime] = field(default_factory=dict)

    def address(self, path: str) -> str:
        return str(self.world.server.make_url(path))

    async def visit(self, who: str, path: str) -> tuple[Page, Response]:
        """Somebody who is not signed in, at a page."""
        if who not in self.people:
            self.people[who] = await Person.arrive(self.browser, "about:blank", phone=who in PHONES)
        page = self.people[who].page
        response = await page.goto(self.address(path))
        assert response is not None
        return page, response

    async def open(self, login: str, path: str) -> Page:
        """Somebody of the staff, at a page; signed in anew when the clock has ended their sign-in."""
        now = clock.now()
        if self._known_until.get(login, now) <= now:
            token = ids.new_token()
            await self.world.app[keys.PEOPLE].add_link(hash_secret(token), login, path, now + timedelta(hours=1))
            self._known_until[login] = now + SIGN_IN_LIFE - timedelta(hours=1)
            path = f"/sign-in/{token}"
        return (await self.visit(login, path))[0]

    async def take(self, journey: Journey, login: str, command: str, **fields: str | list[str]) -> Page:
        """A step by its form on the page of the matter, which nothing is in the way of."""
        page = await self.open(login, journey.page)
        return await self.go_on(page, command, **fields)

    async def go_on(self, page: Page, command: str, **fields: str | list[str]) -> Page:
        """One more step where somebody already is."""
        await take(page, command, **{name.rstrip("_"): value for name, value in fields.items()})
        refused = page.locator(BAD)
        assert not await refused.count(), f"{command}: {await refused.all_inner_texts()}"
        return page

    async def refused(self, journey: Journey, login: str, command: str, words: str, **fields: str | list[str]) -> Page:
        """The same where something is in the way, which the page says in words."""
        page = await self.open(login, journey.page)
        await take(page, command, **{name.rstrip("_"): value for name, value in fields.items()})
        await expect(page.locator(BAD)).to_contain_text(words)
        return page

    async def on_the_board(self, kind: str) -> Page:
        """The board of the session as the office sees it, its question ticked, the form open that begins a matter."""
        board = await self.open("office", f"/rooms/r/outcomes?session={self.world.session}")
        await board.check("input[name=question]")
        await board.click(f"#begin-{kind} summary")
        return board

    async def begins(self, journey: Journey, board: Page, kind: str) -> None:
        """The form on the board is sent; the journey goes on with the matter that the board names afterwards."""
        async with board.expect_navigation():
            await board.click(f"button[value={kind}]")
        address = await board.locator("main a[href^='/worklist/']").first.get_attribute("href")
        assert address is not None
        journey.matter = address.rsplit("/", 1)[1]

    async def offers(self, journey: Journey, login: str, *commands: str) -> None:
        """The steps that a page shows to somebody, in its order."""
        page = await self.open(login, journey.page)
        shown = await page.locator("[id^=step-]").evaluate_all("all => all.map((one) => one.id.slice(5))")
        assert shown == list(commands), shown

    # What the three groups read

    async def everybody_reads(self, journey: Journey, *words: str, without: str = "") -> Page:
        """The public page of the matter."""
        page, response = await self.visit("everybody", f"/suggestions/{(await journey.now()).number}")
        assert response.status == 200, response.status
        await _reads(page, words, without)
        return page

    async def nobody_reads(self, journey: Journey) -> None:
        """There is no public page, and the list of them does not name it."""
        matter, (page, _) = await journey.now(), await self.visit("everybody", "/suggestions")
        await expect(page.locator("main")).not_to_contain_text(matter.title)
        if matter.number:
            response = await page.request.get(self.address(f"/suggestions/{matter.number}"))
            assert response.status == 404, response.status

    async def asker_reads(self, journey: Journey, *words: str, without: str = "") -> Page:
        """The page behind the code of the question."""
        page, _ = await self.visit("asker", f"/track/{journey.code}")
        await _reads(page, words, without)
        return page

    async def listed(self, journey: Journey, login: str, *words: str, view: str = "turn") -> None:
        """The row of the matter on somebody's work list."""
        page = await self.open(login, f"/worklist?view={view}")
        row = page.locator(".work-row", has_text=(await journey.now()).title)
        assert await row.count() == 1, f"{login} has no such row: {await page.inner_text('main')}"
        for word in words:
            await expect(row).to_contain_text(word)

    async def not_listed(self, journey: Journey, login: str, view: str = "turn") -> None:
        page = await self.open(login, f"/worklist?view={view}")
        await expect(page.locator(".work-row", has_text=(await journey.now()).title)).to_have_count(0)

    # Those who asked

    async def says(self, journey: Journey, answer: str, comment: str = "") -> Page:
        """Whoever has the code says whether it is solved, or how a work order was done."""
        page, _ = await self.visit("asker", f"/track/{journey.code}")
        return await _say(page, answer, comment)

    async def seconder_says(self, journey: Journey, answer: str) -> Page:
        page, _ = await self.visit("seconder", f"/suggestions/{(await journey.now()).number}")
        return await _say(page, answer)

    async def seconder(self) -> Actor:
        """Somebody who has looked at the site once, so that their browser has a name."""
        await self.visit("seconder", "/")
        cookies = await self.people["seconder"].context.cookies()
        return visitor(next(cookie["value"] for cookie in cookies if cookie["name"] == DEVICE_COOKIE).split(".")[0])

    # Time

    async def until_the_end(self, journey: Journey, name: str, state: str) -> None:
        """That clock of the matter ends, everything that is due is done, and it stands there afterwards."""
        ends = (await journey.now()).clocks[name]
        self.clock.step(timedelta(days=(ends - clock.now().astimezone(clock.CHINA).date()).days + 1))
        while await self.world.app[keys.WORKING_OFF].work_off():
            pass
        await self.stands(journey, state)

    async def stands(self, journey: Journey, state: str) -> None:
        """Waits until it does: the program's own worker may be at it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE / 1000):
                while (await journey.now()).state != state:
                    await asyncio.sleep(0.02)
        matter = await journey.now()
        assert matter.state == state, (matter.state, matter.clocks)

    async def someone(self, login: str, role: Role, unit: str = "", name: str = "") -> None:
        """One more account, of a unit that is made when there is none."""
        if unit and unit not in {one.id for one in await self.world.app[keys.MATTERS].units()}:
            await self.world.app[keys.MATTERS].add_unit(Unit(unit, name))
        account = Account(login, login, f"{login} 甲", frozenset({role}), unit or None)
        await self.world.app[keys.PEOPLE].add_account(account)

    @property
    def errors(self) -> list[str]:
        return [error for person in self.people.values() for error in person.errors]


async def _reads(page: Page, words: tuple[str, ...], without: str) -> None:
    shown = await page.inner_text("main")
    for word in words:
        assert word in shown, f"“{word}” is not on {page.url}:\n{shown}"
    assert not without or without not in shown, f"“{without}” is on {page.url}:\n{shown}"


async def _say(page: Page, answer: str, comment: str = "") -> Page:
    if comment:
        await page.get_by_text("想补充几句").click()
        await page.fill("#check-comment", comment)
    async with page.expect_navigation():
        await page.locator(f".answers button[value={answer}]").click()
    return page
