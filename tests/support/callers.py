"""Somebody of every role who calls every address there is, and what the door answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiohttp.test_utils import TestClient

from liveroom.ports.people import Account
from liveroom.rooms.roles import Role
from liveroom.server import keys
from tests.support.every_route import Route
from tests.support.world import World, csrf

LOGINS: Mapping[str, str] = {
    "operator": "operator", "deputy": "stranger", "host": "host", "producer": "producer", "moderator": "moderator",
    "lead_moderator": "lead", "office": "office", "unit_officer": "officer", "unit_head": "head", "admin": "admin",
    "auditor": "auditor",
}  # fmt: skip
"""By role, somebody whom no session and no matter of the world concerns."""


async def callers(world: World) -> dict[str, tuple[TestClient, str]]:
    """A browser of everybody, with the token of its forms."""
    for role in (Role.OPERATOR, Role.HOST, Role.ADMIN):
        await world.app[keys.PEOPLE].add_account(Account(role.value, role.value, "某人", frozenset({role})))
    for login, role in (("officer", Role.UNIT_OFFICER), ("head", Role.UNIT_HEAD)):
        await world.app[keys.PEOPLE].add_account(Account(login, login, "某人", frozenset({role}), "port"))
    found = {"anonymous": await world.visitor()}
    found |= {role: await world.sign_in(login) for role, login in LOGINS.items()}
    return {who: (client, await csrf(client, "/verify")) for who, client in found.items()}


async def answer(
    caller: tuple[TestClient, str], route: Route, values: Mapping[str, Sequence[str]], **header: str
) -> str:
    """`sign-in`, `forbidden`, `nothing` (404, 410), or `in` for whatever comes after the door."""
    client, token = caller
    path = route.filled(values)[0]
    data = {"csrf": token} if route.method == "POST" else None
    headers = {"Accept": "text/html", **header}
    response = await client.request(route.method, path, data=data, headers=headers, allow_redirects=False)
    assert response.status < 500, (route, response.status)
    if response.status == 401 or response.headers.get("Location", "").startswith("/sign-in?next="):
        return "sign-in"
    return {403: "forbidden", 404: "nothing", 410: "nothing"}.get(response.status, "in")
