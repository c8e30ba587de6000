"""Everybody calls every address there is, and the door answers as docs/authorisation.md says."""

from __future__ import annotations

from pathlib import Path

import pytest

from liveroom.rooms.roles import Role
from liveroom.server import keys
from liveroom.server.api.operation import PREFIX
from liveroom.server.rights import Right, called, rights
from tests.server.test_confidential import Story
from tests.support.callers import LOGINS, answer, callers
from tests.support.every_route import every_route
from tests.support.works import token
from tests.support.world import World


def allowed(right: Right, role: Role | None) -> set[str]:
    """What the door may answer: to nobody in particular, or to a role that no matter concerns."""
    let_in = {"in", "nothing"} | ({"forbidden"} if right.besides else set())
    if right.who is None:
        return let_in
    if role is None:
        return {"sign-in"}
    if right.hidden:
        # Also for a role that is let in where something concerns it.
        return let_in if role is Role.OFFICE else {"nothing"}
    return let_in if role in right.who else {"forbidden"}


async def test_the_door_of_every_address_answers_as_the_page_says(tmp_path: Path) -> None:
    world = await World.make(tmp_path, quiet_hours="none", public_url="https://live.example.org")
    await world.app[keys.WORKING_OFF].stop()
    story = await Story.told(world)
    limits = world.app[keys.LIMITS].per_minute
    limits |= dict.fromkeys(limits, 10_000_000)
    values = story.values | {"account": ["deputy"], "question": [story.led.question], "command": ["accept"]}
    people = await callers(world)
    assert set(people) == {"anonymous", *(role.value for role in Role if role not in {Role.VISITOR, Role.SYSTEM})}
    tokens = {role: await token(world, login, Role(role)) for role, login in LOGINS.items()}
    known, wrong, asked = rights(), list[str](), 0
    for route in every_route(world.app):
        one = called(route.method, route.path)
        for who, caller in people.items():
            if one == "POST /sign-out":
                continue  # it would end the walk; tests/server/test_sign_in.py signs people out
            role = None if who == "anonymous" else Role(who)
            header = tokens[who] if role and route.path.startswith(PREFIX) else {}
            found = await answer(caller, route, values, **header)
            asked += 1
            if found not in allowed(known[one], role):
                wrong.append(f"{one} as {who}: {found}")
    assert wrong == []
    assert asked == (len(known) - 1) * len(people)
    await world.close()


@pytest.mark.parametrize("role", [Role.UNIT_HEAD, None])
def test_what_is_allowed_can_fail(role: Role | None) -> None:
    assert "in" not in allowed(Right(frozenset({Role.OFFICE})), role)
    assert "in" not in allowed(Right(frozenset({Role.OFFICE}), hidden=True), role)
