"""A merged question of the test world, brought by the verbs as far as a story begins: quick, and without a page."""

from __future__ import annotations

from collections.abc import Mapping

from liveroom import ids
from liveroom.matters.matter import Matter
from liveroom.ports.matters import Unit
from liveroom.ports.people import Account
from liveroom.qa import commands as c
from liveroom.qa.question import Outcome, Question
from liveroom.rooms.roles import Actor, Role, visitor
from liveroom.server import keys
from tests.support.admission import ADMITTED
from tests.support.world import World

UNIT, OTHER_UNIT = "water", "harbour"
TITLE = "关于停航提前一晚通知的建议"
ASKER, NEIGHBOUR = visitor("device-asker"), visitor("device-neighbour")


class Journey:
    """One suggestion and everybody who has to do with it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.verbs = world.app[keys.VERBS]
        self.people: dict[str, Actor] = {}
        self.matter = ""
        self.code = ""
        self.title = TITLE
        self.asked: list[Question] = []

    @classmethod
    async def begin(cls, world: World, title: str = TITLE) -> Journey:
        """Two questions for the same, merged, answered live, and a draft of them."""
        journey = cls(world)
        await journey.furnish()
        journey.asked = await journey.answer(
            (ASKER, "停航能不能提前一晚通知？"),
            (NEIGHBOUR, "停航的通知太晚了，能提前一晚吗？"),
            (NEIGHBOUR, "码头的灯坏了。"),
        )
        await journey.draft(title, journey.asked[0])
        return journey

    @classmethod
    async def again(cls, before: Journey, title: str = TITLE) -> Journey:
        """Another suggestion in the same world, of another question of the same session."""
        journey = cls(before.world)
        journey.people = before.people
        await journey.draft(title, before.asked[2])
        return journey

    @classmethod
    async def evening(cls, world: World, *subjects: str, seconder: Actor | None = None) -> list[Journey]:
        """A session with two questions for each subject, merged, perhaps seconded, and answered live; nothing is
        drafted yet. The code is that of the question that was merged."""
        first = cls(world)
        await first.furnish()
        verbs, moderator = first.verbs, first.people["moderator"]

        async def ask(asker: Actor, text: str) -> Question:
            return (await verbs.asking.ask(world.session, asker, ids.new_id(), text, "", "西屿"))[1]

        asked = [(await ask(ASKER, f"{one}什么时候办？"), await ask(NEIGHBOUR, f"请办好{one}。")) for one in subjects]
        await world.live()
        journeys = []
        for subject, (question, same) in zip(subjects, asked, strict=True):
            await verbs.moderating.do(world.session, c.Publish(question.id), moderator)
            if seconder:
                await verbs.asking.second(world.session, question.id, seconder)
            for wish in (c.Merge(same.id, question.id), c.PutOnAir(question.id), c.MarkAnswered(question.id)):
                await verbs.moderating.do(world.session, wish, moderator)
            journey = cls(world)
            journey.people, journey.asked, journey.code = first.people, [question, same], same.code
            journey.title = f"关于{subject}的建议"
            journeys.append(journey)
        await verbs.broadcasting.end(world.app[keys.MEDIA], world.session, first.people["office"])
        return journeys

    async def begun(self, outcome: Outcome = Outcome.SUGGESTION, **values: str) -> Journey:
        """A draft, a commitment or a work order of the evening's question."""
        concluding, question, office = self.verbs.concluding, self.asked[0].id, self.people["office"]
        if outcome is Outcome.SUGGESTION:
            self.matter = await concluding.draft_suggestion(self.world.session, [question], self.title, office)
        else:
            self.matter = await concluding.follow_up(self.world.session, [question], outcome, values, office)
        self.world.set_up.add((self.matter, 1))
        return self

    async def answer(self, *asked: tuple[Actor, str]) -> list[Question]:
        """Questions that are answered in a session that ends; the second one is merged into the first."""
        world, moderator = self.world, self.people["moderator"]
        questions = []
        for asker, text in asked:
            questions.append((await self.verbs.asking.ask(world.session, asker, ids.new_id(), text, "", "西屿"))[1])
        await world.live()
        first, second, *others = [question.id for question in questions]
        wishes: list[c.QuestionCommand] = [c.Publish(first), c.Merge(second, into=first)]
        for one in (first, *others):
            wishes += [c.Publish(one)] * (one != first) + [c.PutOnAir(one), c.MarkAnswered(one)]
        for wish in wishes:
            await self.verbs.moderating.do(world.session, wish, moderator)
        await self.verbs.broadcasting.end(world.app[keys.MEDIA], world.session, self.people["office"])
        return questions

    async def draft(self, title: str, question: Question) -> None:
        self.code, self.title, self.asked[:1] = question.code, title, [question]
        await self.begun()

    async def furnish(self) -> None:
        """Another unit with its head, an officer who is no head, and everybody as actors."""
        people, matters = self.world.app[keys.PEOPLE], self.world.app[keys.MATTERS]
        if await people.account("harbour") is None:
            await matters.add_unit(Unit(OTHER_UNIT, "港航中心"))
            head = frozenset({Role.UNIT_HEAD, Role.UNIT_OFFICER})
            await people.add_account(Account("harbour", "harbour", "harbour 甲", head, OTHER_UNIT))
            await people.add_account(Account("officer", "officer", "officer 甲", frozenset({Role.UNIT_OFFICER}), UNIT))
        self.people = {account.id: account.actor for account in await people.accounts()}

    async def step(self, command: str, by: str, values: Mapping[str, str] | None = None) -> Matter:
        """By the verb, as no story is told of it."""
        matter = await self.verbs.following_up.step(self.matter, command, values or {}, self.people[by])
        self.world.set_up.add((matter.id, matter.seq))
        return matter

    async def registered(self) -> Journey:
        await self.step("offer", "office", {"deputy": "deputy"})
        await self.step("adopt", "deputy", {"signature": "deputy 甲"})
        await self.step("register", "office", ADMITTED)
        return self

    async def assigned(self, unit: str = UNIT, **more: str) -> Journey:
        await self.registered()
        await self.step("assign", "office", {"unit": unit, **more})
        return self

    async def handled(self) -> Journey:
        await self.assigned()
        await self.step("accept", "unit")
        return self

    async def replied(self, letter: str = "A", promise_due: str = "") -> Journey:
        await self.handled()
        await self.reply(letter, promise_due)
        return self

    async def reply(self, letter: str = "A", promise_due: str = "") -> None:
        await self.step("contact", "unit", {"contact": "电话沟通过。"})
        await self.step("reply", "unit", {"class": letter, "text": "已经安排。", "promise_due": promise_due})

    async def judged(self, result: str = "satisfied", attitude: str = "satisfied") -> None:
        await self.step("evaluate", "deputy", {"attitude": attitude, "result": result})

    @property
    def page(self) -> str:
        return f"/worklist/{self.matter}"

    async def now(self) -> Matter:
        return await self.world.app[keys.MATTERS].load(self.matter)
