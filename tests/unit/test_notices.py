"""When people are told, and who: quiet hours, digests, one notice for each contact."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveroom.clock import CHINA
from liveroom.notices.followers import Follower, Way, one_each
from liveroom.notices.timing import MARGIN, Quiet, at_once, digest, read_quiet

NIGHT = Quiet(time(21), time(8))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))


def china(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (china(1, 20, 59), china(1, 20, 59)),
        (china(1, 21), china(2, 8)),
        (china(1, 23, 59), china(2, 8)),
        (china(2, 0), china(2, 8)),
        (china(2, 7, 59), china(2, 8)),
        (china(2, 8), china(2, 8)),
    ],
)
def test_nobody_is_told_in_quiet_hours(now: datetime, told: datetime) -> None:
    assert at_once(now, NIGHT) == told
    assert at_once(now.astimezone(UTC), NIGHT) == told
    assert at_once(now, None) == now


def test_quiet_hours_may_lie_within_a_day() -> None:
    noon = read_quiet("12:00-14:30")
    assert at_once(china(1, 13), noon) == china(1, 14, 30)
    assert at_once(china(1, 23), noon) == china(1, 23)
    assert read_quiet("none") is None


@given(now=MOMENTS, begins=st.times(), ends=st.times())
def test_what_is_put_off_is_told_within_a_day_and_not_in_quiet_hours(now: datetime, begins: time, ends: time) -> None:
    quiet = Quiet(begins.replace(second=0, microsecond=0), ends.replace(second=0, microsecond=0))
    told = at_once(now, quiet)
    assert timedelta() <= told - now <= timedelta(days=1)
    assert not quiet.holds(told)


@given(now=MOMENTS, at=st.times())
def test_a_digest_is_never_one_that_may_be_on_its_way(now: datetime, at: time) -> None:
    at = at.replace(second=0, microsecond=0)
    sent = digest(now, at)
    assert MARGIN < sent - now <= MARGIN + timedelta(days=1)
    assert sent.astimezone(CHINA).time() == at


def follower(name: str, receiver: str, minute: int = 0) -> Follower:
    at = china(1, 12, minute)
    return Follower(name, "q", "", Way.MAIL, "zh", False, "d", receiver, "", "https://x", at, at)


def test_whoever_follows_by_two_questions_is_told_once_by_the_first() -> None:
    first, second, other = follower("b", "one"), follower("a", "one", 1), follower("c", "two")
    assert one_each([second, other, first], china(2, 12)) == [first, other]


def test_only_those_are_told_who_followed_when_it_happened_and_still_do() -> None:
    step_at = china(1, 12, 30)
    late, silent = follower("a", "1", 31), replace(follower("b", "2"), confirmed_at=None)
    gone, there = replace(follower("c", "3"), ended_at=china(1, 13)), follower("d", "4", 30)
    assert one_each([late, silent, gone, there], step_at) == [there]
