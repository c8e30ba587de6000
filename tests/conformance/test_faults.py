"""The suite catches what it is there for: each fault of a server shows at the requirement that it breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from liveroom.conformance.checks import ending
from liveroom.conformance.duties import REQUIREMENTS, Level
from liveroom.conformance.findings import Findings, Verdict
from liveroom.conformance.relay import Relay
from liveroom.conformance.run import Wishes, run
from liveroom.conformance.trial import Endpoint, Pace
from liveroom.media.plane import MediaPlane
from liveroom.media.stream import Stream
from liveroom.server.whip import MediaAddresses
from tests.conformance.toy import TOKEN, Toy
from tests.support.aiortc_clients import publish
from tests.support.media_server import Server

HASTE = Pace(answer=5.0, connect=0.2, live=0.3, echo=0.4, goodbye=0.2)

# "whip" and "whep" are tried alone, "both" without a publisher, and "live" is both with one.
FAULTS = [
    ("says 200 to offers", "C1.created", "whip"),
    ("no address", "C1.location", "whip"),
    ("answers as text", "C1.answer", "whip"),
    ("weak tags", "C1.etag", "whip"),
    ("no tag", "C1.etag", "whip"),
    ("counts sessions", "C1.unguessable", "whip"),
    ("takes any type", "C2.type", "whip"),
    ("says 400 to other types", "C2.type_415", "whip"),
    ("says 422 to what is malformed", "C2.malformed_400", "whip"),
    ("says no more than a status", "C2.problem", "whip"),
    ("stumbles over malformed offers", "C2.malformed", "whip"),
    ("get is reserved", "C3.endpoint", "whip"),
    ("sessions cannot be looked at", "C3.session", "whip"),
    ("hides a type from GET", "C3.head", "whep"),
    ("says no type", "C3.head_type", "whep"),
    ("answers sendrecv", "C4.answer", "whip"),
    ("answers sendrecv", "C4.answer", "whep"),
    ("takes any direction", "C4.wrong", "whep"),
    ("takes inactive offers", "C4.inactive", "whip"),
    ("reads no direction of the session", "C4.default", "whip"),
    ("knows no OPTIONS", "C6.preflight", "whip"),
    ("knows no OPTIONS of sessions", "C6.session", "whip"),
    ("exposes Location alone", "C6.exposed", "whip"),
    ("allows no PATCH", "C6.allowed", "whep"),
    ("no Accept-Post", "C6.accept_post", "whip"),
    ("hides its headers", "C6.readable", "whep"),
    ("stumbles over other types", "C7.type", "whip"),
    ("says 400 to other types", "C7.type_415", "whip"),
    ("says 422 to what is malformed", "C7.malformed_400", "whip"),
    ("takes any fragment", "C7.malformed", "whip"),
    ("knows no trickle", "C7.unsupported", "whip"),
    ("needs no tag", "C8.missing", "whip"),
    ("takes any tag", "C8.differs", "whep"),
    ("takes any tag", "C8.outdated", "whip"),
    ("minds the star", "C8.any", "whip"),
    ("minds the quoted star", "C8.any_quoted", "whip"),
    ("says 200 to candidates", "C9.accepted", "whip"),
    ("tags candidates", "C9.no_etag", "whip"),
    ("minds unusable candidates", "C9.unusable", "whip"),
    ("answers as text", "C10.restarted", "whip"),
    ("keeps its name", "C10.renewed", "whip"),
    ("restarts without candidates", "C10.candidates", "whip"),
    ("keeps its tag", "C10.tag", "whip"),
    ("says another password", "C10.answers", "whip"),
    ("answers another check", "C10.answers", "whip"),
    ("signs no answer", "C10.answers", "whip"),
    ("signs wrongly", "C10.answers", "whip"),
    ("ends with a failed restart", "C10.survives", "whip"),
    ("no candidates", "C11.candidates", "whip"),
    ("bundles one", "C11.bundle", "whip"),
    ("no mux", "C11.mux", "whip"),
    ("no mux only", "C11.mux_only", "whep"),
    ("two streams", "C11.stream", "whep"),
    ("adds feedback", "C11.feedback", "whip"),
    ("takes every track", "C11.kinds", "whip"),
    ("takes every track", "C11.kinds", "whep"),
    ("stumbles over two videos", "C12.tracks", "whip"),
    ("stumbles over active clients", "C12.active", "whip"),
    ("takes a part", "C12.whole", "whip"),
    ("moves by 302", "C13.moved", "whip"),
    ("is busy for good", "C13.busy", "whip"),
    ("an open door", "C14.none", "whip"),
    ("an open door", "C14.session", "whip"),
    ("takes any token", "C14.wrong", "whip"),
    ("takes any token", "C14.stranger", "whip"),
    ("knows no kinds", "C14.kind", "live"),
    ("no challenge", "C14.challenge", "whip"),
    ("asks preflights for the token", "C14.preflight", "whip"),
    ("no limits", "C14.flood", "whip"),
    ("names a page as ICE server", "C15.links", "whip"),
    ("turn without a password", "C15.credentials", "whip"),
    ("passwords for ever", "C15.short_lived", "whep"),
    ("404 without a publisher", "C16.conflict", "both"),
    ("does not say when", "C16.retry", "both"),
    ("answers as text", "C17.offer", "whep"),
    ("counter-offers to receive", "C17.direction", "whep"),
    ("counter-offers nowhere", "C17.location", "whep"),
    ("takes any answer", "C17.malformed", "whep"),
    ("says 200 to an answer", "C17.answered", "whep"),
]


async def look(toy: Toy, key: str, side: str, flood: int = 0) -> set[Verdict]:
    """What is found of one requirement."""
    requirement = REQUIREMENTS[key]
    # Tags are looked at where they are needed: by PATCH.
    duties = [requirement.duty, "C8"] if key == "C1.etag" else [requirement.duty]
    async with toy.run() as base:
        whip = Endpoint("whip", base + "whip", TOKEN) if side != "whep" else None
        whep = Endpoint("whep", base + "whep") if side != "whip" else None
        found = await run(Wishes(whip, whep, duties, silence=False, flood=flood, pace=HASTE))
    return {finding.verdict for finding in found.of(requirement)}


@pytest.mark.parametrize(("fault", "key", "side"), FAULTS)
async def test_a_fault_is_found_and_its_absence_is_not(fault: str, key: str, side: str) -> None:
    live, flood = side != "both", 20 if key == "C14.flood" else 0
    # What a server MAY do and does not is no failure, but it does not pass either.
    shown = {Verdict.NOT_APPLICABLE} if REQUIREMENTS[key].level is Level.MAY else {Verdict.FAILED, Verdict.REMARK}
    assert await look(Toy({fault}, live), key, side, flood) & shown
    if fault != "no limits":  # the toy has none
        nothing_to_say = key in {"C7.unsupported", "C13.busy", "C15.short_lived"}
        found = await look(Toy(set(), live), key, side, flood)
        # The toy's players need no token, and nobody can really publish to it.
        expected = Verdict.NOT_APPLICABLE if nothing_to_say else Verdict.PASSED
        assert found - ({Verdict.NOT_APPLICABLE} if side == "live" else set()) == {expected}


async def test_a_server_that_takes_part_in_nothing_optional_does_not_fail_for_it() -> None:
    class Plain(Toy):
        async def patch(self, *_args: object) -> object:
            return self.say(501)

        def unplayable(self, *_args: object) -> object:
            return self.say(422)

    assert await look(Plain({"no tag"}), "C10.restarted", "whip") == {Verdict.NOT_APPLICABLE}
    assert await look(Plain(), "C17.offer", "whep") == {Verdict.NOT_APPLICABLE}


@pytest.mark.parametrize("status", [401, 403, 404, 429])
async def test_a_closed_door_is_no_refusal_of_what_is_wrong(status: int) -> None:
    class Closed(Toy):
        async def endpoint(self, *_args: object) -> object:
            return self.say(status)

    class Limited(Toy):
        async def patch(self, *_args: object) -> object:
            return self.say(status)

        async def answered(self, *_args: object) -> object:
            return self.say(status)

    wrong = ("C2.type", "C2.malformed", "C4.wrong", "C4.inactive", "C12.tracks", "C12.active", "C12.whole")
    for key in wrong:
        assert await look(Closed(), key, "whip") == {Verdict.NOT_APPLICABLE}, key
    for key, side in (("C7.type", "whip"), ("C7.malformed", "whip"), ("C17.malformed", "whep")):
        assert await look(Limited(), key, side) == {Verdict.NOT_APPLICABLE}, key


@pytest.mark.parametrize("only", [[], ["C13"]])
async def test_a_server_that_is_not_there_passes_nothing(only: list[str]) -> None:
    here, there = Endpoint("whip", "http://127.0.0.1:9/whip"), Endpoint("whep", "http://127.0.0.1:9/whep")
    found = await run(Wishes(here, there, only, pace=HASTE))
    assert not found.good
    assert [sentence.split()[0] for sentence in found.unreachable] == [here.url, there.url]
    for requirement in REQUIREMENTS.values():
        assert {finding.verdict for finding in found.of(requirement)} == {Verdict.NOT_APPLICABLE}, requirement.key


def bad(found: Findings) -> set[str]:
    """Which requirements are not met."""
    return {
        key
        for key, requirement in REQUIREMENTS.items()
        if {Verdict.FAILED, Verdict.REMARK} & {finding.verdict for finding in found.of(requirement)}
    }


def no_media_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stream, "flush", lambda self: self._pending.clear())


def delete_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ignore(self: MediaPlane, door: str, peer_id: str) -> None:
        return None

    monkeypatch.setattr(MediaPlane, "hang_up", ignore)


def delete_minds_tags_and_comes_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: set[str] = set()

    async def delete(self: MediaAddresses, request: web.Request) -> web.Response:
        peer = request.match_info["peer"]
        if "If-Match" in request.headers or peer in ended:
            return web.Response(status=500 if peer in ended else 412)
        ended.add(peer)
        await self._planes.behind(peer).hang_up(request.path.rpartition("/")[0], peer)
        return web.Response(status=204)

    monkeypatch.setattr(MediaAddresses, "_delete", delete)


def delete_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    async def delete(self: MediaAddresses, request: web.Request) -> web.Response:
        return web.Response(status=405)

    monkeypatch.setattr(MediaAddresses, "_delete", delete)


FAULTS_WITH_MEDIA = [
    (no_media_leave, ["C1", "C17"], {"C1.media", "C17.media"}),
    (delete_ends_nothing, ["C5"], {"C5.dtls", "C5.consent"}),
    (delete_minds_tags_and_comes_once, ["C5"], {"C5.tags", "C5.ended_200", "C5.again"}),
    (delete_is_unknown, ["C5"], {"C5.tags", "C5.ended", "C5.ended_200"}),
]


@pytest.mark.parametrize(("fault", "duties", "broken"), FAULTS_WITH_MEDIA)
async def test_a_fault_with_media_is_found_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, fault: Callable[[pytest.MonkeyPatch], None], duties: list[str], broken: set[str]
) -> None:
    fault(monkeypatch)
    async with Server.run() as server:
        whip, whep = Endpoint("whip", server.whip, "token"), Endpoint("whep", server.whep)
        found = await run(Wishes(whip, whep, duties, pace=Pace(connect=3.0, goodbye=0.5)))
    assert bad(found) == broken


def haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own players show more often that they are there, so that less can be called silence."""
    monkeypatch.setattr("aioice.ice.CONSENT_INTERVAL", 1)


FAULTS_WITH_SILENCE: list[tuple[float, dict[float, set[str]]]] = [
    (3.0, {1.0: set(), 6.0: {"C18.patient"}}),
    (1000.0, {1.0: {"C18.stops"}}),
]


@pytest.mark.alone
@pytest.mark.parametrize(("consent", "by_patience"), FAULTS_WITH_SILENCE, ids=["lets go", "never lets go"])
async def test_a_server_that_lets_go_at_once_or_never_is_noticed(
    monkeypatch: pytest.MonkeyPatch, consent: float, by_patience: dict[float, set[str]]
) -> None:
    haste(monkeypatch)
    monkeypatch.setattr("liveroom.signaling.ice.CONSENT_SECONDS", consent)

    async def look_with(patience: float) -> Findings:
        pace = Pace(connect=8.0, silence=4.0, patience=patience, slack=2.0)
        return await run(Wishes(None, Endpoint("whep", server.whep), ["C18"], pace=pace))

    async with Server.run() as server:
        publisher = await publish(server.whip, "token")
        all_found = await asyncio.gather(*(look_with(patience) for patience in by_patience))
        await publisher.close()
    for found, expected in zip(all_found, by_patience.values(), strict=True):
        assert bad(found) == expected
        assert Verdict.NOT_APPLICABLE not in {finding.verdict for finding in found.of(REQUIREMENTS["C18.stops"])}


async def test_a_publisher_that_stops_is_not_taken_for_being_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Server.run() as server:
        publisher = await publish(server.whip, "token")
        told: list[Relay] = []
        wait = ending._media_after_silence

        async def leave_first(relay: Relay, *rest: Any) -> float | None:
            told.append(relay)
            await publisher.close()
            return await wait(relay, *rest)

        monkeypatch.setattr(ending, "_media_after_silence", leave_first)
        pace = Pace(connect=8.0, silence=2.0, slack=0.5)
        found = await run(Wishes(None, Endpoint("whep", server.whep), ["C18"], pace=pace))
    assert told
    assert [finding.seen for finding in found.of(REQUIREMENTS["C18.stops"])] == [
        "the publisher stopped, or paused, meanwhile"
    ]


def test_every_requirement_is_broken_by_a_fault() -> None:
    broken = {key for _, key, _ in FAULTS}
    broken |= {key for _, _, keys in FAULTS_WITH_MEDIA for key in keys}
    broken |= {key for _, by_patience in FAULTS_WITH_SILENCE for keys in by_patience.values() for key in keys}
    assert broken == set(REQUIREMENTS)


async def test_an_empty_run_takes_no_time() -> None:
    async with asyncio.timeout(5):
        assert isinstance(await run(Wishes(None, None, ["C2"])), Findings)
