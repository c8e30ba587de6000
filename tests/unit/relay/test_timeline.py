from __future__ import annotations

import pytest

from liveroom.relay.timeline import APART, ASTRAY, Timeline

RATES = {"audio": 48_000, "video": 90_000}
NTP = 1 << 32


def timeline(picture_late: float = 0.0) -> Timeline:
    """Sound from 100.0 on, the picture of the same moments, which comes so much later."""
    made = Timeline(RATES)
    for n in range(50):
        assert made.note("audio", 960 * n, 100 + n / 50)
        assert made.note("video", 1800 * n, 100 + n / 50 + picture_late)
    return made


def reported(made: Timeline, picture_ahead: float = 0.0) -> Timeline:
    made.report("audio", 5000 * NTP, 0)
    made.report("video", 5000 * NTP + int(picture_ahead * NTP), 0)
    return made


def test_without_reports_arrivals_say_when_a_frame_was_taken() -> None:
    made = timeline(picture_late=0.4)
    assert made.seconds("audio", 48_000) == pytest.approx(101.0)
    assert made.seconds("video", 90_000) == pytest.approx(101.4)
    assert not made.is_sure


def test_reports_say_how_a_late_picture_belongs_to_the_sound() -> None:
    made = reported(timeline(picture_late=0.4))
    assert made.is_sure
    assert made.seconds("video", 90_000) == pytest.approx(101.0)


def test_a_delay_that_changes_does_not_move_what_was_settled() -> None:
    made = Timeline(RATES)
    assert made.note("audio", 0, 100.5)
    made.settle()
    assert made.note("audio", 960, 100.02)
    assert made.seconds("audio", 960) == pytest.approx(100.52)
    made.settle()
    assert made.seconds("audio", 960) == pytest.approx(100.02), "the quickest arrival is the nearest to the truth"


def test_reports_that_cannot_be_are_not_believed() -> None:
    made = reported(timeline(), picture_ahead=APART + 0.1)
    assert made.seconds("video", 90_000) == pytest.approx(101.0)
    made = reported(timeline(), picture_ahead=APART - 0.1)
    assert made.seconds("video", 90_000) == pytest.approx(101.0 + APART - 0.1)


def test_a_jump_of_timestamps_is_noticed_and_a_stall_of_the_network_is_not_one() -> None:
    made = timeline()
    assert made.note("video", 90_000, 101.0 + ASTRAY - 0.1)
    assert not made.note("video", 90_000 * 1000, 102.0)
    assert not made.note("audio", 0, 102.0 + ASTRAY)


def test_a_report_before_any_frame_says_nothing() -> None:
    made = Timeline(RATES)
    made.report("audio", 5000 * NTP, 0)
    assert not made.is_sure


def test_reports_hold_over_the_wrap_of_timestamps() -> None:
    made, far = Timeline(RATES), 1 << 32
    for kind, rate in RATES.items():
        assert made.note(kind, far + rate, 101.0 + (0.3 if kind == "video" else 0.0))
    made.report("audio", 5000 * NTP, 0)
    made.report("video", 5000 * NTP, 0)
    assert made.seconds("video", far + 90_000) == pytest.approx(101.0)
