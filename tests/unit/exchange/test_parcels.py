"""Webhooks: how they are signed, and to which addresses they may go."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from liveroom.errors import Refused
from liveroom.exchange.parcels import check_url, read_secret, show_secret, signed


def test_the_signature_is_that_of_the_specification() -> None:
    """The example of the specification's own libraries (Standard Webhooks 1.0.0)."""
    secret = read_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}', secret)
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_secret_is_read_as_it_is_shown() -> None:
    assert read_secret(show_secret(b"x" * 32)) == b"x" * 32
    assert show_secret(b"x" * 32).startswith("whsec_" + base64.b64encode(b"x" * 3).decode())
    with pytest.raises(ValueError, match="no secret"):
        read_secret("whsec_!")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook",
        "ftp://example.org",
        "https://",
        "https:///path",
        "https://user:password@example.org/",
        "https://example.org/#part",
        "https://example.org:99999/",
        "https://[::1",
        "https://exa mple.org",
        "https://例子.example",
        "//example.org",
        "",
        "https://example.org/" + "x" * 500,
    ],
)
def test_addresses_that_are_none_are_refused(url: str) -> None:
    with pytest.raises(Refused, match="hook_address"):
        check_url(url, private=False)


def test_plain_http_is_for_the_house_alone() -> None:
    assert check_url(" https://example.org:8443/hook?x=1 ", private=False) == "https://example.org:8443/hook?x=1"
    assert check_url("http://10.0.0.5/hook", private=True) == "http://10.0.0.5/hook"
