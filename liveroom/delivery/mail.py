"""Codes by mail, over SMTP (RFC 5321) with STARTTLS or TLS. Knows one message and no address book."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

import aiosmtplib

from liveroom.errors import Unavailable
from liveroom.vault.contacts import Contact

PATIENCE = 15.0
"""Seconds for the mail server to take the message: somebody looks at the page meanwhile."""

SUBJECT = "代表直播间验证码 · Verification code"
BODY = """您的验证码是 {code}，10 分钟内有效。请不要告诉别人。如果不是您本人在操作，不用理会这封邮件。

Your verification code is {code}. It is valid for 10 minutes; do not pass it on.
If you did not ask for it, simply ignore this mail.
"""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over. `security` is `starttls`, `tls` or `none`."""

    host: str
    port: int
    security: str
    user: str
    password: str
    sender: str


class MailSender:
    """Hands each code to one mail server, over a connection of its own."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def send(self, contact: Contact, code: str) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._server.sender, contact.address, SUBJECT
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self._server.sender.rpartition("@")[2].rstrip(">"))
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday notice comes back
        message.set_content(BODY.format(code=code))
        try:
            await aiosmtplib.send(
                message,
                hostname=self._server.host,
                port=self._server.port,
                username=self._server.user or None,
                password=self._server.password or None,
                use_tls=self._server.security == "tls",
                start_tls=self._server.security == "starttls",
                timeout=PATIENCE,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            # The kind only: what a mail server says may name the address.
            raise Unavailable(f"the mail server did not take the code: {type(error).__name__}") from error
