"""The mail driver against a real mail server."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from liveroom.contacts import read_contact
from liveroom.delivery.mail import MailSender, MailServer
from liveroom.demo.certificate import self_signed
from liveroom.errors import Refused, Unavailable
from liveroom.ports.notices import Letter

TO = read_contact("wang@example.org")
LETTER = Letter(
    "key-1", datetime(2026, 3, 1, tzinfo=UTC), "“夜航”有新进展", "已经答复。\n", "https://live.example.org/following/x"
)


class Box:
    """Takes mail for everybody but those at a domain that is full."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address.startswith("nobody@"):
            return "550 no such box"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        if any(address.endswith("@full.example.org") for address in envelope.rcpt_tos):
            return "452 no room"
        if any(address.endswith("@strict.example.org") for address in envelope.rcpt_tos):
            return "554 no such thing here"
        self.taken.append(envelope)
        return "250 OK"


async def serve(box: Box, **options: Any) -> tuple[asyncio.Server, int]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, hostname="localhost", **options), "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


def sender(port: int, *, security: str = "none", user: str = "", password: str = "") -> MailSender:
    return MailSender(MailServer("127.0.0.1", port, security, user, password, "liveroom@example.org"))


async def test_a_code_arrives_as_a_mail_in_both_languages() -> None:
    box = Box()
    server, port = await serve(box)
    await sender(port).send(TO, "042042")
    server.close()
    (envelope,) = box.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("liveroom@example.org", [TO.address])
    assert isinstance(envelope.content, bytes)
    mail = message_from_bytes(envelope.content, policy=policy.default)
    body = mail.get_body()
    assert body is not None
    text = body.get_content()
    assert "您的验证码是 042042" in text
    assert "code is 042042" in text
    assert "042042" not in str(mail["Subject"])
    assert mail["Auto-Submitted"] == "auto-generated"


async def test_a_password_goes_to_nobody_without_the_right_certificate(tmp_path: Path) -> None:
    heard: list[object] = []

    def authenticate(_server: object, _session: object, _envelope: object, _mechanism: str, data: object) -> AuthResult:
        heard.append(data)
        return AuthResult(success=isinstance(data, LoginPassword))

    (tmp_path / "tls").mkdir()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(tmp_path / "tls"))
    server, port = await serve(Box(), tls_context=context, require_starttls=True, authenticator=authenticate)
    with pytest.raises(Unavailable):
        await sender(port, security="starttls", user="u", password="p").send(TO, "042042")
    server.close()
    assert heard == []


async def test_a_mail_server_that_refuses_or_is_away_is_told_without_the_address() -> None:
    server, port = await serve(Box())
    with pytest.raises(Unavailable) as refused:
        await sender(port).send(read_contact("li@full.example.org"), "042042")
    server.close()
    with pytest.raises(Unavailable) as away:
        await sender(port).send(TO, "042042")
    assert "example.org" not in f"{refused.value}{away.value}"


async def test_a_letter_can_be_ended_by_the_mail_program_and_has_the_same_name_each_time() -> None:
    box = Box()
    server, port = await serve(box)
    for _ in range(2):
        await sender(port).carry(TO, LETTER)
    server.close()
    first, second = box.taken
    assert first.content == second.content
    assert isinstance(first.content, bytes)
    mail = message_from_bytes(first.content, policy=policy.default)
    assert (mail["Message-ID"], mail["Subject"]) == ("<key-1@example.org>", LETTER.subject)
    assert mail["List-Unsubscribe"] == f"<{LETTER.stop}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    body = mail.get_body()
    assert body is not None
    assert body.get_content().splitlines() == LETTER.text.splitlines()


@pytest.mark.parametrize("address", ["nobody@example.org", "wang@strict.example.org"])
async def test_what_is_refused_for_good_is_not_tried_again_and_a_code_does_not_tell(address: str) -> None:
    server, port = await serve(Box())
    with pytest.raises(Refused, match="undeliverable"):
        await sender(port).carry(read_contact(address), LETTER)
    with pytest.raises(Unavailable):
        await sender(port).send(read_contact(address), "042042")
    server.close()


async def test_a_letter_to_a_server_that_is_full_or_away_is_tried_again() -> None:
    server, port = await serve(Box())
    with pytest.raises(Unavailable):
        await sender(port).carry(read_contact("li@full.example.org"), LETTER)
    server.close()
    with pytest.raises(Unavailable):
        await sender(port).carry(TO, LETTER)


async def test_a_password_that_is_wrong_is_for_the_technician_and_tried_again(tmp_path: Path) -> None:
    def authenticate(*_: object) -> AuthResult:
        return AuthResult(success=False, handled=False)

    server, port = await serve(Box(), authenticator=authenticate, auth_require_tls=False)
    with pytest.raises(Unavailable, match="SMTPAuthenticationError"):
        await sender(port, user="u", password="p").carry(TO, LETTER)
    server.close()
