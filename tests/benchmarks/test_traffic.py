"""The benchmark's traffic is what it says."""

from __future__ import annotations

from itertools import takewhile

import pytest

from benchmarks.traffic import PROFILES, VIDEO, Due, payload, schedule, sent_at
from liveroom.relay.keyframes import begins_keyframe


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("spread", [0.0, 0.001])
def test_a_second_of_a_profile_holds_its_packets_in_order(name: str, spread: float) -> None:
    profile = PROFILES[name]
    second = list(takewhile(lambda due: due.at < 2, schedule(profile, spread)))
    assert len(second) == 2 * profile.per_second
    assert [due.at for due in second] == sorted(due.at for due in second)
    assert sum(due.last for due in second) == 2 * profile.frames


def test_the_packets_of_a_frame_come_at_once_or_spread() -> None:
    frame = [due.at for due in takewhile(lambda due: due.at < 0.006, schedule(PROFILES["lecture"], 0.001))]
    assert frame == pytest.approx([0, 0.001, 0.002, 0.003])


def test_payloads_are_read_as_pictures_and_carry_their_time() -> None:
    profile = PROFILES["lecture"]
    bodies = [payload(Due(0, VIDEO, number, number == 3), profile, True, 1_234_567) for number in range(4)]
    assert [begins_keyframe("vp8", body) for body in bodies] == [True, False, False, False]
    assert not begins_keyframe("vp8", payload(Due(0, VIDEO, 0, False), profile, False, 0))
    assert [12 + len(body) for body in bodies] == [1100, 1100, 1099, 1099]
    assert {sent_at(body) for body in bodies} == {1_234_567}
