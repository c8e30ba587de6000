from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from liveroom import settings
from liveroom.demo import certificate
from liveroom.errors import SettingsError


def test_defaults_hold_without_an_environment() -> None:
    assert settings.read({}).port == 8080
    assert settings.read({}).announce == ()


def test_values_are_read_by_kind() -> None:
    found = settings.read(
        {"LIVEROOM_PORT": "9000", "LIVEROOM_ANNOUNCE": "10.0.0.1, 10.0.0.2", "LIVEROOM_BEHIND_PROXY": "1"}
    )
    assert (found.port, found.announce, found.behind_proxy) == (9000, ("10.0.0.1", "10.0.0.2"), True)


def test_the_command_line_wins() -> None:
    assert settings.read({"LIVEROOM_PORT": "9000"}, port=1234, host=None).port == 1234


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIVEROOM_PORT", "many"),
        ("LIVEROOM_PORT", "70000"),
        ("LIVEROOM_UDP_PORT", "-1"),
        ("LIVEROOM_BEHIND_PROXY", "yes"),
        ("LIVEROOM_LOG", "loud"),
        ("LIVEROOM_TLS_CERT", "/nowhere.pem"),
        ("LIVEROOM_PUBLIC_URL", "example"),
        ("LIVEROOM_MAX_VIEWERS", "0"),
        ("LIVEROOM_KEEP_LIVE_DAYS", "59"),
        ("LIVEROOM_KEEP_LOOK_DAYS", "179"),
        ("LIVEROOM_KEEP_RECORDING_DAYS", "59"),
        ("LIVEROOM_PROT", "8080"),
        ("LIVEROOM_PORT_FILE", "/run/port"),
        ("LIVEROOM_WATCH_PER_MINUTE", "0"),
        ("LIVEROOM_TURN_SECONDS", "0"),
        ("LIVEROOM_TURN_URLS", "turn.example"),
        ("LIVEROOM_TURN_URLS", "turn:turn.example"),
        ("LIVEROOM_TURN_SECRET_FILE", "/nowhere"),
        ("LIVEROOM_ASK_PER_MINUTE", "0"),
        ("LIVEROOM_ANNOUNCE", "live.example.org"),
        ("LIVEROOM_ANNOUNCE", "203.0.113.7,0.0.0.0"),
        ("LIVEROOM_ANNOUNCE", "203.0.113.700"),
        ("LIVEROOM_ANNOUNCE", "2001:db8::7"),
        ("LIVEROOM_HOST", "::"),
        ("LIVEROOM_HOST", "localhost"),
        ("LIVEROOM_REDIS", "redis.example:6379"),
        ("LIVEROOM_REDIS", "redis://redis.example:many"),
        ("LIVEROOM_REDIS", "redis://"),
        ("LIVEROOM_INTERNAL", "8082"),
        ("LIVEROOM_INTERNAL", "app1:many"),
        ("LIVEROOM_WORKERS", "0"),
        ("LIVEROOM_MEDIA", "yes"),
        ("LIVEROOM_SMS_PROGRAM", "/nowhere/send"),
        ("LIVEROOM_QUIET_HOURS", "21-8"),
        ("LIVEROOM_QUIET_HOURS", "21:00-24:30"),
        ("LIVEROOM_DIGEST_AT", "8"),
    ],
)
def test_a_wrong_setting_is_named_in_a_sentence(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings.read({name: value})
    assert name in str(caught.value)
    assert str(caught.value).endswith((".", "”."))


def test_a_secret_may_come_from_a_file_and_is_never_shown(tmp_path: Path) -> None:
    held = tmp_path / "secret"
    held.write_text("north\n")
    found = settings.read({"LIVEROOM_TURN_URLS": "turn:a,stun:b", "LIVEROOM_TURN_SECRET_FILE": str(held)})
    assert (found.turn_secret, found.turn_urls) == ("north", ("turn:a", "stun:b"))
    assert "north" not in repr(found)
    with pytest.raises(SettingsError, match="set one of them"):
        settings.read({"LIVEROOM_TURN_SECRET": "north", "LIVEROOM_TURN_SECRET_FILE": str(held)})


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://room:s3cret@db.example/room",
        "postgresql://room:s3%2Fcret@10.0.0.1:5433/room?sslmode=verify-full",
        "postgres://room@/room?host=/run/postgresql",
        "postgresql://room:s3cret@[::1]:5432,other:5432/room",
    ],
)
def test_a_database_is_named_as_libpq_does(address: str, tmp_path: Path) -> None:
    held = tmp_path / "secret"
    held.write_text(f"{address}\n")
    found = settings.read({"LIVEROOM_DATABASE_FILE": str(held)})
    assert found.database == settings.read({"LIVEROOM_DATABASE": address}).database == address
    assert address not in repr(found)


@pytest.mark.parametrize(
    "address",
    ["mysql://room:s3cret@db/room", "postgresql://room:s3cret/1@db/room", "postgresql://room:s3cret#@db/room",
     "postgresql://room:s3@cret@db/room", "postgresql://room:s3cret@db", "room"],
)  # fmt: skip
def test_a_database_that_is_written_wrongly_is_refused_without_its_password(address: str) -> None:
    with pytest.raises(SettingsError, match="LIVEROOM_DATABASE must be written like") as caught:
        settings.read({"LIVEROOM_DATABASE": address})
    assert "s3" not in str(caught.value)


def test_every_setting_has_a_meaning() -> None:
    assert all(meaning for _, _, meaning in settings.describe())
    assert isinstance(settings.Settings().data, Path)


def test_a_certificate_and_a_key_that_do_not_serve_are_named(tmp_path: Path) -> None:
    pairs = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        pairs.append(certificate.self_signed(tmp_path / name))
    (cert, key), (_, other_key) = pairs
    garbage, locked = tmp_path / "garbage.pem", tmp_path / "locked.pem"
    garbage.write_text("garbage")
    secret = serialization.BestAvailableEncryption(b"password")
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    locked.write_bytes(private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secret))
    for files, words in (
        ((cert, key), None),
        ((garbage, key), "LIVEROOM_TLS_CERT holds no certificate"),
        ((key, key), "LIVEROOM_TLS_CERT holds no certificate"),
        ((cert, garbage), "LIVEROOM_TLS_KEY holds no private key"),
        ((cert, locked), "LIVEROOM_TLS_KEY holds no private key"),
        ((cert, other_key), "LIVEROOM_TLS_KEY holds the key of another certificate"),
    ):
        environment = {"LIVEROOM_TLS_CERT": str(files[0]), "LIVEROOM_TLS_KEY": str(files[1])}
        if words is None:
            assert settings.read(environment).tls_cert == str(cert)
            continue
        with pytest.raises(SettingsError, match=words):
            settings.read(environment)
