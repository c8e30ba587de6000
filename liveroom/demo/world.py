"""A small furnished world: rooms, people, sessions of the past with their questions and suggestions.

Everything in it is made by the product's own verbs at invented times, so it is as consistent as the real thing.
All names in it are examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from aiohttp import web

from liveroom import clock, ids
from liveroom.actions.ask import Asking
from liveroom.actions.broadcast import Broadcasting
from liveroom.actions.claim import Claiming
from liveroom.actions.conclude import Concluding
from liveroom.actions.follow_up import FollowingUp
from liveroom.actions.matter_steps import MatterSteps
from liveroom.actions.moderate import Moderating
from liveroom.actions.seal_votes import SealingVotes
from liveroom.actions.sittings import Sittings
from liveroom.media.absent import AbsentMedia
from liveroom.ports.matters import Unit
from liveroom.ports.people import Account, People
from liveroom.ports.rooms import Vote
from liveroom.qa import commands as c
from liveroom.qa.question import Outcome, RefusalReason
from liveroom.rooms.roles import Actor, Role, visitor
from liveroom.rooms.room import Room
from liveroom.rooms.session import SessionState
from liveroom.server import keys
from liveroom.server.identity import hash_secret
from liveroom.server.sign_in import hash_password
from liveroom.storage.workdays import ChineseWorkingDays

SLUG = "haitian"
LINK_LIFE = timedelta(days=7)
_Q = tuple[str, str, str, int]


@dataclass(frozen=True, slots=True)
class World:
    """Identifiers and fresh secrets of the demo."""

    links: dict[str, str]
    whip_token: str


class _Time:
    """A clock that is set by hand while the past is being made."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        self.at += timedelta(milliseconds=7)
        return self.at


UNITS = (Unit("gangkou", "港航事务中心（示例）"), Unit("shuiwu", "水务局（示例）"))
PEOPLE = (
    ("lin", "林代表（示例）", (Role.DEPUTY,), None),
    ("chen", "陈代表（示例）", (Role.DEPUTY,), None),
    ("zhou", "审核员周（示例）", (Role.MODERATOR, Role.HOST), None),
    ("office", "代表工委（示例）", (Role.OFFICE, Role.LEAD_MODERATOR), None),
    ("jiaotong", "港航事务中心（示例）", (Role.UNIT_HEAD, Role.UNIT_OFFICER), "gangkou"),
    ("shuiwu", "水务局（示例）", (Role.UNIT_HEAD, Role.UNIT_OFFICER), "shuiwu"),
)

HARBOUR: Sequence[_Q] = (
    ("台风天停航，能不能提前一天发通知？我们岛上买菜都靠船。", "阿芳", "东礁岛", 46),
    ("晚上七点以后没有回岛的船，看病回来只能住旅馆，能加一班夜航吗？", "", "西屿", 63),
    ("码头候船室没有空调和座椅，老人等船很辛苦。", "老渔民", "东礁岛", 31),
    ("网上买的船票到码头还要换纸票，能不能直接刷身份证？", "小周", "本岛", 22),
    ("冷链船一周只有两班，海鲜运不出去，能增加班次吗？", "", "南塘岛", 38),
    ("码头夜间照明坏了三盏，搬货不安全。", "搬运工", "西屿", 12),
    ("你们是不是只会做样子？", "", "", 0),
)
HEALTH: Sequence[_Q] = (
    ("岛上卫生院没有心电图机，胸口痛要坐两小时船去县里。", "王阿婆的女儿", "西屿", 58),
    ("慢性病的药能不能一次开两个月？", "", "东礁岛", 44),
    ("远程门诊排队太久，能不能增加下午的时段？", "阿明", "南塘岛", 19),
    ("急救直升机什么情况下可以用，向谁申请？", "", "西屿", 27),
    ("出售保健品，加微信……", "", "", 0),
    ("儿童疫苗接种日遇到停航怎么补种？", "年轻妈妈", "东礁岛", 16),
)
WATER: Sequence[_Q] = (
    ("夏天每天只供水四小时，海水淡化站什么时候能扩容？", "", "东礁岛", 71),
    ("水费比本岛贵一倍，有没有补贴？", "阿海", "东礁岛", 52),
    ("自来水有咸味，水质检测结果在哪里看？", "", "南塘岛", 33),
    ("水管经过礁石的地方总是破，能不能换成软管？", "老电工", "西屿", 14),
    ("学校能不能先装净水器？", "家长", "南塘岛", 29),
    ("屋顶集雨的补助还能申请吗？", "", "西屿", 9),
    ("水库边有人倒垃圾，向谁举报？", "路过的人", "本岛", 11),
)


async def furnish(app: web.Application) -> World:
    """Make the world where it is missing, and fresh links into it."""
    if await app[keys.RECORDS].room(SLUG) is None:
        await make_past(app)
    await _coming(app)
    return World(*await _links(app[keys.PEOPLE]))


async def make_past(app: web.Application) -> None:
    """The room, its people and what happened before today: many steps, and half of them are no world."""
    for unit in UNITS:
        await app[keys.MATTERS].add_unit(unit)
    for login, name, roles, unit_id in PEOPLE:
        account = Account(login, login, name, frozenset(roles), unit_id, hash_password(f"{login}-demo"))
        await app[keys.PEOPLE].add_account(account)
    await app[keys.RECORDS].add_room(Room(SLUG, "海田群岛代表直播间", "代表每月两次在线，群众提问，件件有去向。"))
    evening = clock.now().replace(hour=11, minute=30, second=0, microsecond=0)  # 19:30 in China
    await _Past(app, evening - timedelta(days=96)).water()
    await _Past(app, evening - timedelta(days=41)).harbour()
    await _Past(app, evening - timedelta(days=5)).health()


class _Past:
    """One session of the past, played through."""

    def __init__(self, app: web.Application, at: datetime) -> None:
        self.time = _Time(at)
        self.app = app
        records, bus = app[keys.RECORDS], app[keys.BUS]
        sittings = Sittings(records, bus, self.time)
        self.records = records
        self.asking = Asking(records, sittings, app[keys.SCREENING], bus, self.time)
        claiming = Claiming(records, app[keys.CLAIMS], bus, self.time)
        self.moderating = Moderating(records, sittings, claiming, app[keys.PEOPLE], app[keys.SCREENING])
        self.broadcasting = Broadcasting(
            records, sittings, SealingVotes(records, sittings, app[keys.SIGNER]), self.time
        )
        matters, rules, days = app[keys.MATTERS], app[keys.RULES], ChineseWorkingDays()
        self.steps = steps = MatterSteps(matters, app[keys.PEOPLE], rules, bus, self.time, days)
        self.concluding = Concluding(records, sittings, matters, steps)
        self.following = FollowingUp(matters, records, steps, rules, self.time, days)
        self.people: dict[str, Actor] = {}

    async def play(self, topic: str, questions: Sequence[_Q], answered: int, last_refused: bool) -> list[str]:
        """Ask, triage, answer some, end; identifiers of the questions in order."""
        self.people = {a.login: a.actor for a in await self.app[keys.PEOPLE].accounts()}
        moderator, deputy = self.people["zhou"], self.people["lin"]
        session = await self.broadcasting.plan(SLUG, topic, self.time.at, ("lin", "chen"), self.people["office"])
        self.session = session.id
        await self.broadcasting.media_flows(AbsentMedia(), session.id)
        asked: list[str] = []
        for number, (text, nickname, island, votes) in enumerate(questions):
            self.time.at += timedelta(seconds=80)
            asker = visitor(f"demo{len(topic)}x{number}{self.time.at:%j%H}")
            _, question = await self.asking.ask(session.id, asker, ids.new_id(), text, nickname, island)
            asked.append(question.id)
            if last_refused and not votes:
                reason = RefusalReason.ADVERTISING if "微信" in text else RefusalReason.NO_CONTENT
                await self.moderating.do(session.id, c.Refuse(question.id, reason), moderator)
                continue
            await self.moderating.do(session.id, c.Publish(question.id), moderator)
            voters = (f"demo-voter-{voter}" for voter in range(votes))
            await self.records.second_all([Vote(session.id, question.id, voter, self.time.at) for voter in voters])
        open_ones = [q for q, (_, _, _, votes) in zip(asked, questions, strict=True) if votes]
        for question_id in open_ones[:answered]:
            self.time.at += timedelta(minutes=1)
            await self.moderating.do(session.id, c.PutOnAir(question_id), moderator)
            self.time.at += timedelta(minutes=5, seconds=20)
            await self.moderating.do(session.id, c.MarkAnswered(question_id), deputy)
        self.time.at += timedelta(minutes=4)
        await self.broadcasting.end(AbsentMedia(), session.id, deputy)
        self.time.at += timedelta(hours=13)
        return asked

    async def outcome(self, outcome: Outcome, note: str, *questions: str) -> None:
        await self.concluding.give_outcome(self.session, questions, outcome, note, self.people["office"])

    async def promise(self, unit: str, measure: str, days: int, question: str) -> str:
        """A commitment with its unit and its date, kept in the same transaction as the outcome."""
        due = (self.time.at + timedelta(days=days)).date().isoformat()
        values = {"unit": unit, "title": measure, "promise_due": due}
        return await self.concluding.follow_up(
            self.session, [question], Outcome.COMMITMENT, values, self.people["office"]
        )

    async def suggest(self, title: str, *questions: str) -> str:
        return await self.concluding.draft_suggestion(self.session, questions, title, self.people["office"])

    async def step(self, matter: str, command: str, by: str, after: timedelta, **values: str) -> None:
        self.time.at += after
        fields = {name.rstrip("_"): value for name, value in values.items()}
        await self.following.step(matter, command, fields, self.people[by])

    async def silence(self, matter: str, clock_name: str) -> None:
        """A clock ends, and nobody has said anything."""
        waits = await self.following.see(matter, self.people["office"])
        ends = waits.clocks[clock_name]
        self.time.at += timedelta(days=(ends - self.time.at.date()).days + 1)
        await self.steps.expire(waits, clock_name, ends)

    async def to_unit(self, matter: str, unit: str, due: date, wish: str) -> None:
        day = timedelta(days=1)
        draft = await self.following.see(matter, self.people["office"])
        await self.step(matter, "edit", "office", day / 8, title=draft.title, body=draft.body + "\n" + wish)
        await self.step(matter, "offer", "office", day, deputy="lin")
        await self.step(matter, "adopt", "lin", day, signature="林代表（示例）")
        rules = await self.app[keys.RULES].current()
        points = ",".join(f"{point.name}=yes" for point in rules.kind("suggestion").checklist)
        await self.step(matter, "register", "office", day, checklist=points)
        await self.step(matter, "assign", "office", day, unit=unit, due=due.isoformat())

    async def archive(self) -> None:
        self.time.at += timedelta(hours=12)  # refusals may be appealed against for a day
        await self.concluding.archive(self.session, self.people["office"])

    async def water(self) -> None:
        q = await self.play("海岛供水保障", WATER, 5, last_refused=True)
        tap = await self.suggest("关于东礁岛海水淡化站扩容的建议", q[0], q[1])
        await self.outcome(Outcome.ANSWERED_LIVE, "", q[2], q[3])
        filters = await self.promise("shuiwu", "年底前为三所学校装好净水器", 150, q[4])
        await self.outcome(Outcome.ANSWERED_TEXT, "可以，向乡水利站申请，截止到年底。", q[5])
        await self.outcome(Outcome.WORK_ORDER, "已转 12345，由城管当日清理。", q[6])
        await self.archive()
        await self.step(filters, "confirm", "shuiwu", timedelta(days=1))
        wish = "将东礁岛海水淡化站日产水量扩到 400 吨，并对水价差额给予补贴。"
        await self.to_unit(tap, "shuiwu", (self.time.at + timedelta(days=92)).date(), wish)
        await self.step(tap, "accept", "shuiwu", timedelta(days=2))
        await self.step(tap, "contact", "shuiwu", timedelta(days=9), contact="与代表到淡化站现场看过，定下分两期。")
        await self.step(tap, "reply", "shuiwu", timedelta(days=20), class_="A",
                        text="二期设备已经安装，供水时间从每天 4 小时恢复到全天；水价差额由县财政补贴。")  # fmt: skip
        await self.step(
            tap,
            "evaluate",
            "lin",
            timedelta(days=5),
            attitude="satisfied",
            result="satisfied",
            comment="已到岛上核实。",
        )
        await self.silence(tap, "asker_check")

    async def harbour(self) -> None:
        q = await self.play("海上出行与码头服务", HARBOUR, 4, last_refused=True)
        night = await self.suggest("关于开通西屿夜间回岛航班的建议", q[1])
        cold = await self.suggest("关于增加南塘岛冷链船班次的建议", q[4])
        notice = await self.promise("gangkou", "停航通知提前 24 小时发到每个村", 120, q[0])
        await self.outcome(Outcome.ANSWERED_LIVE, "", q[2], q[3])
        lamps = await self.concluding.follow_up(self.session, [q[5]], Outcome.WORK_ORDER, {}, self.people["office"])
        await self.archive()
        hours = timedelta(hours=5)
        for command, by, values in (
            ("accept", "office", {}),
            ("forward", "office", {"unit": "gangkou"}),
            ("accept", "jiaotong", {}),
            ("reply", "jiaotong", {"class": "A", "text": "三盏灯都换好了。"}),
            ("call_back", "office", {"reached": "yes", "note": "本人说灯亮了。"}),
        ):
            await self.step(lamps, command, by, hours, **values)
        await self.step(notice, "confirm", "jiaotong", hours)
        await self.step(notice, "start_work", "jiaotong", timedelta(days=3), note="正在接入短信平台。")
        wish = "每周五、周日各加开一班 20:30 从本岛返回西屿的客船，并给看病的乘客留座。"
        await self.to_unit(night, "gangkou", (self.time.at + timedelta(days=90)).date(), wish)
        await self.step(night, "accept", "jiaotong", timedelta(days=2))
        await self.step(cold, "offer", "office", timedelta(days=1), deputy="chen")
        await self.step(cold, "adopt", "chen", timedelta(days=2), signature="陈代表（示例）")

    async def health(self) -> None:
        q = await self.play("岛上看病", HEALTH, 3, last_refused=True)
        await self.outcome(Outcome.ANSWERED_LIVE, "", q[1])
        machine = await self.suggest("关于为西屿卫生院配备心电图机的建议", q[0])
        await self.step(machine, "offer", "office", timedelta(days=1), deputy="lin")


async def _coming(app: web.Application) -> None:
    """A session that is about to start, unless one is waiting already."""
    sessions = await app[keys.RECORDS].sessions(SLUG)
    waiting = {
        SessionState.SCHEDULED,
        SessionState.REHEARSAL,
        SessionState.LIVE,
        SessionState.INTERRUPTED,
        SessionState.CUT,
    }
    if any(session.state in waiting for session in sessions):
        return
    office = await app[keys.PEOPLE].account("office")
    if office is not None:
        start = (clock.now() + timedelta(minutes=20)).replace(second=0, microsecond=0)
        await app[keys.VERBS].broadcasting.plan(SLUG, "冬季海上出行安全", start, ("lin", "chen"), office.actor)


async def _links(people: People) -> tuple[dict[str, str], str]:
    links = {}
    for name, login, target in (
        ("studio", "lin", f"/rooms/{SLUG}/studio"),
        ("desk", "zhou", f"/rooms/{SLUG}/desk"),
        ("office", "office", "/office"),
        ("unit", "jiaotong", "/worklist"),
        ("deputy", "chen", "/worklist"),
    ):
        token = ids.new_token()
        await people.add_link(hash_secret(token), login, target, clock.now() + LINK_LIFE)
        links[name] = f"/sign-in/{token}"
    token = ids.new_token()
    await people.add_token(hash_secret(token), "lin")
    return links, token
