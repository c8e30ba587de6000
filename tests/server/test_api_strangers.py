"""Whatever is sent to the API: no errors of the server, no answers but those described, nothing for the wrong eyes."""

from __future__ import annotations

import os

from liveroom.rooms.roles import Role
from liveroom.server import keys
from tests.server.test_api import API, token
from tests.support.strangers import call_everything
from tests.support.world import World

CALLS = int(os.environ.get("API_CALLS", "300"))
"""`API_CALLS=3000` is the long form."""

ROLES = {"office": Role.OFFICE, "unit": Role.UNIT_HEAD, "deputy": Role.DEPUTY, "auditor": Role.AUDITOR}


async def test_nothing_that_is_sent_breaks_it_or_shows_what_is_not_for_the_caller(
    world: World, figures: list[str]
) -> None:
    world.app[keys.LIMITS].per_minute["api"] = 10_000_000
    client = await world.visitor()
    document = await (await client.get(f"{API}/openapi.json")).json()
    callers = {"nobody": {}} | {login: await token(world, login, role) for login, role in ROLES.items()}
    told = await call_everything(
        str(world.server.make_url("")).rstrip("/"),
        document,
        callers,
        dict.fromkeys(callers, ()),
        [world.session],
        CALLS,
    )
    assert told.leaks == []
    assert told.calls >= CALLS
    by_status = {status: sum(n for (_, s), n in told.statuses.items() if s == status) for _, status in told.statuses}
    assert max(by_status) < 500
    figures.append(f"{told.calls:,} calls of the API that nobody foresaw: {dict(sorted(by_status.items()))}")
