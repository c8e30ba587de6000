"""The pure parts of the suite: its table, its verdicts, what it reads and what it writes."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from aiortc import sdp as independent
from click.testing import CliRunner
from rich.console import Console

from liveroom.cli import main
from liveroom.conformance import report
from liveroom.conformance.checks.opening import read_links
from liveroom.conformance.command import conformance
from liveroom.conformance.description import read_description, read_fragment
from liveroom.conformance.duties import DUTIES, REQUIREMENTS, Level
from liveroom.conformance.findings import Findings, Verdict
from liveroom.conformance.offers import Offer, fragment
from liveroom.signaling.sdp import parse_offer
from liveroom.signaling.sdpfrag import parse_fragment


def test_the_table_has_every_duty_and_every_requirement_its_source() -> None:
    assert [duty.number for duty in DUTIES] == [f"C{number}" for number in range(1, 19)]
    assert len(REQUIREMENTS) == sum(len(duty.requirements) for duty in DUTIES)
    for requirement in REQUIREMENTS.values():
        assert re.search(r"RFC \d{4}|WHEP|Fetch", requirement.source), requirement.key
        assert requirement.words.strip(), requirement.key


def test_the_page_about_it_names_every_duty_and_option() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "conformance.md").read_text()
    for duty in DUTIES:
        assert f"| {duty.number} | {duty.title} |" in page
    for option in conformance.params:
        assert f"`{option.opts[0]}" in page, option.opts[0]


def test_a_must_fails_a_should_is_a_remark_a_may_is_neither() -> None:
    by_level = {level: next(r for r in REQUIREMENTS.values() if r.level is level) for level in Level}
    expected = {Level.MUST: Verdict.FAILED, Level.SHOULD: Verdict.REMARK, Level.MAY: Verdict.NOT_APPLICABLE}
    for level, requirement in by_level.items():
        findings = Findings()
        findings.judge(requirement.key, "whip", False, "nothing")
        assert [finding.verdict for finding in findings.of(requirement)] == [expected[level]]
        findings.judge(requirement.key, "whep", True, "something")
        assert findings.of(requirement)[1].verdict is Verdict.PASSED


def test_one_failure_fails_the_duty_and_strictness_counts_remarks() -> None:
    c2 = DUTIES[1]
    findings, strict = Findings(), Findings(strict=True)
    assert findings.verdict(c2) is Verdict.NOT_APPLICABLE
    for found in (findings, strict):
        found.judge("C2.type", "whip", True, "415")
        found.judge("C2.type_415", "whip", False, "400")
    assert (findings.verdict(c2), findings.failed) == (Verdict.REMARK, [])
    assert (strict.verdict(c2), strict.failed) == (Verdict.FAILED, ["C2"])
    findings.judge("C2.type", "whep", False, "201")
    assert findings.failed == ["C2"]


def test_skipping_a_duty_leaves_what_was_judged() -> None:
    findings = Findings()
    findings.judge("C16.conflict", "whep", True, "409")
    findings.skip("C16", "whep", "nobody knows")
    assert [f.seen for f in findings.of(REQUIREMENTS["C16.conflict"])] == ["409"]
    assert [f.seen for f in findings.of(REQUIREMENTS["C16.retry"])] == ["nobody knows"]


def test_every_finding_is_told_for_people_and_for_scripts() -> None:
    findings = Findings()
    findings.judge("C11.candidates", "whip", False, "UDP candidates: [none]")
    findings.skip("C15", "whip", "the 201 names no ICE servers")
    page = io.StringIO()
    report.show(findings, Console(file=page, width=200))
    for words in ("MUST (RFC 9725, 4.3.2", "UDP candidates: [none]", "no ICE servers", "1 of 18 duties failed: C11"):
        assert words in page.getvalue()
    told = json.loads(report.as_json(findings))
    assert told["failed"] == ["C11"]
    assert told["duties"][10]["requirements"][0]["findings"][0]["verdict"] == "failed"


def test_our_offers_are_right_ones_for_two_other_readers() -> None:
    offer = Offer("sendonly", "seed")
    foreign = independent.SessionDescription.parse(str(offer))
    assert [media.direction for media in foreign.media] == ["sendonly", "sendonly"]
    assert foreign.media[0].ice.usernameFragment == offer.ufrag
    ours = parse_offer(str(offer))
    assert (ours.ufrag, ours.password, len(ours.sections)) == (offer.ufrag, offer.password, 2)
    assert str(Offer("sendonly", "another")) != str(offer)
    read = parse_fragment(fragment("abcd", "0123456789012345678901"))
    assert (read.ufrag, read.candidates) == ("abcd", 1)


ANSWER = """v=0
a=group:BUNDLE 0
a=sendonly
a=ice-ufrag:top
m=audio 9 UDP/TLS/RTP/SAVPF 111
a=mid:0
a=rtcp-mux
a=msid:one sound
a=candidate:1 1 udp 1 192.0.2.1 9 typ host
a=candidate:2 1 tcp 1 192.0.2.1 9 typ host
a=candidate:1 1 UDP 1 192.0.2.1 9 typ host
m=video 0 UDP/TLS/RTP/SAVPF 96
a=mid:1
a=inactive
"""


def test_an_answer_is_read_as_far_as_it_is_looked_at() -> None:
    answer = read_description(ANSWER)
    assert answer.candidates == (("192.0.2.1", 9),)
    assert [part.kind for part in answer.taken] == ["audio"]
    assert [answer.direction(part) for part in answer.parts] == ["sendonly", "inactive"]
    assert (answer.ufrag, answer.password, answer.bundled, answer.streams) == ("top", "", {"0"}, {"one"})
    assert answer.parts[0].has("rtcp-mux")
    assert not answer.parts[0].has("rtcp-mux-only")


@pytest.mark.parametrize("text", ["", "hello", "v=0\nhello", "v=0\nm=audio", "v=0\na=candidate:1 1 udp 1 x y typ host"])
def test_what_is_no_answer_is_said_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"is malformed|this is no"):
        read_description(text)


def test_a_fragment_needs_no_head() -> None:
    assert read_fragment("a=ice-ufrag:abcd\r\n").ufrag == "abcd"


def test_links_are_read_one_by_one_or_joined() -> None:
    header = '<turn:a?transport=udp>; rel="ice-server"; username="u"; credential="a,b;c", <stun:b>;rel=ice-server'
    assert read_links(header) == [
        ("turn:a?transport=udp", {"rel": "ice-server", "username": "u", "credential": "a,b;c"}),
        ("stun:b", {"rel": "ice-server"}),
    ]


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ([], 2, "give --whip, --whep or both"),
        (["--whip", "example"], 2, "no address"),
        (["--whep", "http://127.0.0.1:9/", "--only", "C19"], 2, "there is no duty C19"),
        (["--whip", "http://127.0.0.1:9/", "--only", "c2"], 1, "http://127.0.0.1:9/ cannot be reached: no answer"),
        (["--whip", "http://127.0.0.1:9/", "--only", "C13"], 1, "Nothing was checked"),
        (["--whep", "http://127.0.0.1:9/", "--json"], 1, '{"unreachable": ["http://127.0.0.1:9/ cannot be reached'),
    ],
)
def test_the_command_says_by_its_status_what_became_of_it(typed: list[str], status: int, words: str) -> None:
    result = CliRunner().invoke(main, ["conformance", *typed])
    assert result.exit_code == status, result.output
    assert words in result.output
