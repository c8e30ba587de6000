"""Calls that nobody foresaw: made from the API's own document by schemathesis, as every role and as nobody."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import checks

from liveroom import clock
from liveroom.matters.periods import quarter_of
from liveroom.matters.statistics import PARTS
from liveroom.qa import commands
from liveroom.rooms.roles import Role
from liveroom.server import keys
from liveroom.server.api.operation import PREFIX
from tests.support.works import TO_HANDLING, actor, others, suggestion, token, work_order
from tests.support.world import Wire, World

checks.load_all_checks()
_CHECKS = [
    checks.not_a_server_error,
    *(
        checks.CHECKS.get_one(name)
        for name in (
            "status_code_conformance",
            "content_type_conformance",
            "response_schema_conformance",
            "response_headers_conformance",
        )
    ),
]

COMMANDS = (
    "accept",
    "assign",
    "contact",
    "edit",
    "make_confidential",
    "offer",
    "register",
    "reply",
    "return",
    "withdraw",
)
QUARTER = quarter_of(clock.now().date())
FIGURES = tuple(PARTS)
INSIDE, DRAFT, ORDER = "只给承办单位和代表看的沟通", "还没有公开的草稿", "某家的水管坏了"


@dataclass(slots=True)
class Told:
    """What came back: answers by caller and status, and every text that a caller should never have seen."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    leaks: list[str] = field(default_factory=list)

    @property
    def calls(self) -> int:
        return self.statuses.total()

    @property
    def by_status(self) -> dict[int, int]:
        found: Counter[int] = Counter()
        for (_, status), number in sorted(self.statuses.items(), key=lambda one: one[0][1]):
            found[status] += number
        return dict(found)


async def call_a_world(world: World, calls: int) -> Told:
    """So many calls of the office, a deputy and a unit who have their own work, an auditor, and nobody.

    The world's matters hold texts that are for its own deputy and unit, and for the office.
    """
    world.app[keys.LIMITS].per_minute["api"] = 10_000_000
    deputy, unit = await others(world)
    inside = ("contact", {"contact": INSIDE}, "unit")
    matters = [await suggestion(world, "码头的灯", (*TO_HANDLING, inside)), await suggestion(world, DRAFT, ())]
    order = await work_order(world, "水管", ORDER)
    callers: dict[str, dict[str, str]] = {"nobody": {}}
    roles = {
        "office": Role.OFFICE,
        "lead": Role.LEAD_MODERATOR,
        deputy: Role.DEPUTY,
        unit: Role.UNIT_HEAD,
        "auditor": Role.AUDITOR,
    }
    for login, role in roles.items():
        callers[login] = await token(world, login, role)
    everything = (INSIDE, DRAFT, ORDER)
    # Whoever may draft sees drafts.
    secrets = dict.fromkeys(callers, everything) | {"office": (), "lead": (INSIDE, ORDER), deputy: (INSIDE, ORDER)}
    known = [world.session, await _answered(world), order.id, order.number, *(m.id for m in matters), matters[0].number]
    server = str(world.server.make_url("")).rstrip("/")
    document = await (await (await world.visitor()).get(f"{PREFIX}/openapi.json")).json()
    return await call_everything(server, document, callers, secrets, known, calls)


async def _answered(world: World) -> str:
    """A question of the world's session, which is over: something can be begun of it."""
    wire, lead = await Wire.open(await world.visitor()), await actor(world, "lead")
    question: str = (await wire.ask("码头的灯什么时候修？"))["id"]
    await world.live()
    for command in (commands.Publish, commands.PutOnAir, commands.MarkAnswered):
        await world.app[keys.VERBS].moderating.do(world.session, command(question), lead)
    office = await actor(world, "office")
    await world.app[keys.VERBS].broadcasting.end(world.app[keys.MEDIA], world.session, office)
    await wire.socket.close()
    return question


async def call_everything(
    server: str,
    document: dict[str, Any],
    callers: Mapping[str, dict[str, str]],
    secrets: Mapping[str, Sequence[str]],
    known: Sequence[str],
    calls: int,
) -> Told:
    """At least so many calls, spread over all addresses and `callers` (name and headers).

    `known` are identifiers that exist, taken for parts of addresses half of the time. `secrets` are texts that a
    caller must not be told. Raises what schemathesis finds; its settings are fixed, so a run can be had again.
    """
    return await asyncio.to_thread(_call, server, document, callers, secrets, known, calls)


def _call(
    server: str,
    document: dict[str, Any],
    callers: Mapping[str, dict[str, str]],
    secrets: Mapping[str, Sequence[str]],
    known: Sequence[str],
    calls: int,
) -> Told:
    told, wire = Told(), requests.Session()
    operations = [found.ok() for found in schemathesis.openapi.from_dict(document).get_all_operations()]
    each = -(-calls // (len(operations) * len(callers)))
    # Addresses that take nothing are soon through: the others are called again, with other numbers drawn.
    for turn, operation, (name, headers) in itertools.product(range(100), operations, callers.items()):
        if turn and told.calls >= calls:
            break

        def send(case: Any, headers: Mapping[str, str] = headers, name: str = name) -> None:
            case.headers = {k: v for k, v in (case.headers or {}).items() if k.lower() != "authorization"}
            response = case.call(base_url=server + PREFIX, session=wire, headers=headers)
            told.statuses[name, response.status_code] += 1
            told.leaks += [f"{name} {case.method} {case.path}: {s}" for s in secrets[name] if s in response.text]
            case.validate_response(response, checks=_CHECKS)

        _many(operation, each, turn, known, send)
    return told


def _many(operation: Any, examples: int, turn: int, known: Sequence[str], send: Callable[[Any], None]) -> None:
    """So many calls of one address: half of them as they should be, half not; half of them about what exists."""

    @seed(turn)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=st.one_of(operation.as_strategy(generation_mode=mode) for mode in schemathesis.GenerationMode),
        real=st.one_of(st.none(), st.sampled_from(list(known))),
        command=st.sampled_from(COMMANDS),
    )
    def one(case: Any, real: str | None, command: str) -> None:
        if real is not None:
            case.path_parameters = dict.fromkeys(case.path_parameters or {}, real)
            if isinstance(case.body, dict) and "command" in case.body:
                case.body["command"] = command
            if isinstance(case.body, dict) and "questions" in case.body:
                case.body |= {"session": known[0], "questions": [known[1]]}
            if "period" in case.path_parameters:
                case.path_parameters["period"] = QUARTER
                case.path_parameters["measure"] = FIGURES[len(real) % len(FIGURES)]
        send(case)

    one()
