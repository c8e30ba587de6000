"""A suggestion that is led through its life by the people of `World`, from a question that several second."""

from __future__ import annotations

from datetime import date, timedelta

from aiohttp.test_utils import TestClient

from liveroom import clock
from liveroom.matters.matter import Matter
from liveroom.qa import commands
from liveroom.qa.question import Question
from liveroom.rooms.roles import Actor
from liveroom.server import keys
from tests.support.world import Wire, World

PROMISED = (clock.now().date() + timedelta(days=200)).isoformat()


class Led:
    """One suggestion; `asker` and `seconder` are browsers, `code` follows the question."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.verbs = world.app[keys.VERBS]
        self.matter = ""
        self.code = ""

    @classmethod
    async def from_question(
        cls, world: World, title: str = "码头照明", text: str = "码头的灯什么时候修？", **names: str
    ) -> Led:
        """A draft from a question that another one was merged into, and that somebody seconded."""
        led = await cls.plain(world, text, **names)
        office = await led.person("office")
        led.matter = await led.verbs.concluding.draft_suggestion(world.session, [led.question], title, office)
        return led

    @classmethod
    async def plain(cls, world: World, text: str = "码头的灯什么时候修？", **names: str) -> Led:
        """The same without anything that came of the question yet: its session is over."""
        led = cls(world)
        led.asker, led.seconder, led.merged = [await world.visitor() for _ in range(3)]
        for browser in (led.asker, led.seconder, led.merged):
            await browser.get("/rooms/r", headers={"Accept": "text/html"})
        wires = [await Wire.open(browser) for browser in (led.asker, led.seconder, led.merged)]
        led.question = (await wires[0].ask(text, **names))["id"]
        same = await wires[2].ask("码头晚上没有灯")
        led.merged_code = same["code"]
        await led.do(commands.Publish(led.question))
        await led.do(commands.Publish(same["id"]))
        assert (await wires[1].wish(type="second", question=led.question))["type"] == "done"
        await led.do(commands.Merge(same["id"], led.question))
        await world.live()
        await led.do(commands.PutOnAir(led.question))
        await led.do(commands.MarkAnswered(led.question))
        await led.verbs.broadcasting.end(world.app[keys.MEDIA], world.session, await led.person("office"))
        led.code = (await led.asked()).code
        for wire in wires:
            await wire.socket.close()
        return led

    async def person(self, login: str) -> Actor:
        account = await self.world.app[keys.PEOPLE].account(login)
        assert account is not None
        return account.actor

    async def asked(self) -> Question:
        return (await self.verbs.attending.sitting(self.world.session)).queue.questions[self.question]

    async def do(self, command: commands.QuestionCommand) -> None:
        await self.verbs.moderating.do(self.world.session, command, await self.person("lead"))

    async def step(self, command: str, login: str, **values: str) -> Matter:
        fields = {name.rstrip("_"): value for name, value in values.items()}
        return await self.verbs.following_up.step(self.matter, command, fields, await self.person(login))

    async def registered(self) -> Matter:
        await self.step("offer", "office", deputy="deputy")
        await self.step("adopt", "deputy", signature="甲")
        await self.step("take_up", "office")
        return await self.step("register", "office", checklist=await self.every_check())

    async def every_check(self) -> str:
        rules = await self.world.app[keys.RULES].current()
        return ",".join(f"{point.name}=yes" for point in rules.kind("suggestion").checklist)

    async def handled(self) -> Matter:
        await self.registered()
        await self.step("assign", "office", unit="water")
        return await self.step("accept", "unit")

    async def replied(self, letter: str = "A", text: str = "灯已经全部换新。") -> Matter:
        """Once more when it was handled before."""
        await self.step("contact", "unit", contact="到现场看过。")
        promised = PROMISED if letter == "B" else ""
        return await self.step("reply", "unit", class_=letter, text=text, promise_due=promised)

    async def evaluated(self, result: str = "satisfied") -> Matter:
        return await self.step("evaluate", "deputy", attitude="satisfied", result=result)

    async def expire(self, name: str) -> Matter:
        """As if the clock had ended: what the system does then."""
        matter = await self.verbs.following_up.see(self.matter, await self.person("office"))
        ends = matter.clocks[name]
        steps = self.world.app[keys.VERBS].confirming._steps
        real, steps._clock = steps._clock, lambda: clock.now() + (ends - date.today()) + timedelta(days=2)
        assert await steps.expire(matter, name, ends)
        steps._clock = real
        return await self.verbs.following_up.see(self.matter, await self.person("office"))

    asker: TestClient
    seconder: TestClient
    merged: TestClient
    merged_code: str
    question: str
