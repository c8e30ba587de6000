"""Our own server, as `liveroom conformance` sees it: one test for each duty."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from liveroom.conformance.duties import DUTIES, Duty
from liveroom.conformance.findings import Findings, Verdict
from liveroom.conformance.run import Wishes, run
from liveroom.conformance.trial import Endpoint
from tests.support.demo import Demo

ENVIRONMENT = {
    "LIVEROOM_TURN_URLS": "turn:127.0.0.1:3478?transport=udp,stun:127.0.0.1:3478",
    "LIVEROOM_TURN_SECRET": "north",
    "LIVEROOM_WATCH_PER_MINUTE": "240",
}
NOT_SEEN_HERE = {
    "C7.unsupported": "trickle and restart are both supported",
    "C13.busy": "tests/media/test_whep.py fills a server",
}


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Findings]:
    demo = Demo(tmp_path_factory.mktemp("conformance") / "data", environment=ENVIRONMENT).start()
    whip = Endpoint("whip", demo["whip"], demo["whip_token"])
    yield asyncio.run(run(Wishes(whip, Endpoint("whep", demo["whep"]), flood=300)))
    demo.stop()


@pytest.mark.parametrize("duty", DUTIES, ids=lambda duty: f"{duty.number} {duty.title}")
def test_the_duty_is_done(findings: Findings, duty: Duty) -> None:
    for requirement in duty.requirements:
        found = findings.of(requirement)
        verdicts = {finding.verdict for finding in found}
        told = "; ".join(f"{f.where} {f.verdict}: {f.seen}" for f in found)
        assert not verdicts & {Verdict.FAILED, Verdict.REMARK}, f"{requirement.key} {requirement.words}: {told}"
        assert Verdict.PASSED in verdicts or requirement.key in NOT_SEEN_HERE, f"{requirement.key}: {told}"
    assert findings.verdict(duty) is Verdict.PASSED
