"""Contacts and codes: what is taken, how often, how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from liveroom.contacts import Channel, Contact, read_contact
from liveroom.errors import Refused
from liveroom.vault import codes

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "channel", "address"),
    [
        (" wang@Example.ORG ", Channel.MAIL, "wang@example.org"),
        ("138 0000 0021", Channel.SMS, "13800000021"),
        ("+86-138-0000-0021", Channel.SMS, "13800000021"),
    ],
)
def test_a_contact_has_one_form_however_it_is_typed(written: str, channel: Channel, address: str) -> None:
    assert read_contact(written) == Contact(channel, address)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "wang",
        "a@b",
        "a@b.c\nBcc: x@y.org",
        "a b@example.org",
        "12345678901",
        "1380000002",
        "@example.org",
        "王@例.中国",
    ],
)
def test_what_is_no_contact_is_refused(written: str) -> None:
    with pytest.raises(Refused, match="bad_contact"):
        read_contact(written)


def test_neither_hint_nor_log_shows_a_contact_in_whole() -> None:
    for written, hint in (("wang@example.org", "w…@example.org"), ("13800000021", "138…21")):
        contact = read_contact(written)
        assert contact.hint == hint
        assert contact.address not in repr(contact)


def test_a_code_is_read_as_people_type_it() -> None:
    assert codes.read_code(" 123-456 ") == "123456"
    assert codes.read_code("１２３４５６") == "123456"
    for written in ("", "12345", "1234567", "12345a", "½12345"):
        with pytest.raises(Refused, match="code_malformed"):
            codes.read_code(written)


def test_a_code_holds_ten_minutes_and_five_tries() -> None:
    open_ = codes.Challenge(1, "", NOW, 4)
    assert codes.check_open(open_, NOW + codes.LIFE) is open_
    for challenge, now in (
        (None, NOW),
        (open_, NOW + codes.LIFE + timedelta(seconds=1)),
        (open_, NOW - timedelta(seconds=1)),
        (codes.Challenge(1, "", NOW, 5), NOW),
    ):
        with pytest.raises(Refused, match="code_over"):
            codes.check_open(challenge, now)
    assert codes.wrong(codes.Challenge(1, "", NOW, 3)).detail == {"left": 2}
    assert codes.wrong(codes.Challenge(1, "", NOW, 5)).code == "code_over"


def test_a_device_waits_a_minute_between_codes_and_has_six_an_hour() -> None:
    codes.check_pace([], [], NOW)
    with pytest.raises(Refused) as refused:
        codes.check_pace([NOW - timedelta(seconds=20)], [], NOW)
    assert (refused.value.code, refused.value.retry_after) == ("slow_down", 40)
    six = [NOW - timedelta(minutes=5 * n + 2) for n in range(6)]
    with pytest.raises(Refused) as refused:
        codes.check_pace(six, [], NOW)
    assert refused.value.retry_after == 33 * 60
    codes.check_pace(six[:5], [], NOW)


def test_a_network_has_sixty_an_hour_and_a_contact_five() -> None:
    times = [NOW - timedelta(minutes=30)] * codes.FROM_NETWORK
    codes.check_pace([], times[1:], NOW)
    with pytest.raises(Refused, match="slow_down"):
        codes.check_pace([], times, NOW)
    assert codes.may_reach(times[:4], NOW)
    assert not codes.may_reach(times[:5], NOW)
    assert codes.may_reach(times[:5], NOW + timedelta(minutes=31))
