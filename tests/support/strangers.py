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

from liveroom.server.api.operation import PREFIX

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


@dataclass(slots=True)
class Told:
    """What came back: answers by caller and status, and every text that a caller should never have seen."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    leaks: list[str] = field(default_factory=list)

    @property
    def calls(self) -> int:
        return self.statuses.total()


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
    )
    def one(case: Any, real: str | None) -> None:
        if real is not None:
            case.path_parameters = dict.fromkeys(case.path_parameters or {}, real)
        send(case)

    one()
