"""Matters of a world, brought to where a test needs them. Knows the standard rule set."""

from __future__ import annotations

from datetime import timedelta

from liveroom import clock, ids
from liveroom.matters.matter import Matter
from liveroom.ports.matters import Unit
from liveroom.ports.people import Account
from liveroom.ports.tokens import ApiToken
from liveroom.rooms.roles import Actor, Role
from liveroom.server import keys
from liveroom.server.identity import hash_secret
from tests.support.admission import ADMITTED
from tests.support.world import World

Steps = tuple[tuple[str, dict[str, str], str], ...]
TO_HANDLING: Steps = (
    ("offer", {"deputy": "deputy"}, "office"),
    ("adopt", {"signature": "甲"}, "deputy"),
    ("register", ADMITTED, "office"),
    ("assign", {"unit": "water"}, "office"),
    ("accept", {}, "unit"),
)


async def actor(world: World, login: str) -> Actor:
    account = await world.app[keys.PEOPLE].account(login)
    assert account is not None
    return account.actor


async def suggestion(world: World, title: str, steps: Steps = TO_HANDLING) -> Matter:
    """A suggestion of the world's deputy and unit, after these steps."""
    following = world.app[keys.VERBS].following_up
    values = {"title": title, "body": f"正文：{title}"}
    matter = await following.begin(Matter(ids.new_id()), "draft", values, await actor(world, "office"))
    for command, fields, login in steps:
        matter = await following.step(matter.id, command, fields, await actor(world, login))
    return matter


async def work_order(world: World, title: str, body: str) -> Matter:
    """What the office wrote down of a call."""
    following, values = world.app[keys.VERBS].following_up, {"title": title, "body": body}
    order = Matter(ids.new_id(), kind="work_order")
    return await following.begin(order, "receive", values, await actor(world, "office"))


async def others(world: World) -> tuple[str, str]:
    """A deputy and a unit's head who have nothing to do with the world's own."""
    people = world.app[keys.PEOPLE]
    await world.app[keys.MATTERS].add_unit(Unit("port", "港航中心"))
    await people.add_account(Account("harbour", "harbour", "港航 甲", frozenset({Role.UNIT_HEAD}), "port"))
    return "stranger", "harbour"


async def token(world: World, login: str = "office", role: Role = Role.OFFICE, days: int = 1) -> dict[str, str]:
    """The header with which a program acts for somebody."""
    secret, now = ids.new_token(), clock.now()
    kept = ApiToken(ids.new_id(), login, role, "程序", now - timedelta(days=2), now + timedelta(days=days))
    await world.app[keys.TOKENS].add(hash_secret(secret), kept)
    return {"Authorization": f"Bearer {secret}"}
