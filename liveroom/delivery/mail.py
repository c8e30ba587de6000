"""Mail over SMTP (RFC 5321) with STARTTLS or TLS: codes, and letters to followers. Knows no address book."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, formatdate, make_msgid

import aiosmtplib

from liveroom.contacts import Contact
from liveroom.errors import Refused, Unavailable
from liveroom.ports.notices import Letter

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
    """Hands each message to one mail server, over a connection of its own.

    Satisfies `liveroom.ports.vault.CodeSender` and `liveroom.ports.notices.Carrier`.
    """

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._domain = server.sender.rpartition("@")[2].rstrip(">")

    async def send(self, contact: Contact, code: str) -> None:
        message = self._message(contact, SUBJECT, BODY.format(code=code))
        message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=self._domain)
        try:
            await self._hand_over(message)
        except Refused as refused:
            # Whoever asked for a code is not told whether there is such an address.
            raise Unavailable("the mail server did not take the code") from refused

    async def carry(self, contact: Contact, letter: Letter) -> None:
        message = self._message(contact, letter.subject, letter.text)
        # The same however often it is sent: whoever gets it twice has it once.
        message["Date"], message["Message-ID"] = format_datetime(letter.at), f"<{letter.key}@{self._domain}>"
        if letter.stop:
            # RFC 8058: the mail program's own button ends it, by one POST without a question.
            message["List-Unsubscribe"] = f"<{letter.stop}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        await self._hand_over(message)

    def _message(self, contact: Contact, subject: str, text: str) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._server.sender, contact.address, subject
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday notice comes back
        message.set_content(text)
        return message

    async def _hand_over(self, message: EmailMessage) -> None:
        """Raises `Unavailable`, and `Refused("undeliverable")` when the server will never take it for this address."""
        server = self._server
        try:
            await aiosmtplib.send(
                message,
                hostname=server.host,
                port=server.port,
                username=server.user or None,
                password=server.password or None,
                use_tls=server.security == "tls",
                start_tls=server.security == "starttls",
                timeout=PATIENCE,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            if _is_final(error):
                raise Refused("undeliverable") from error
            # The kind only: what a mail server says may name the address.
            raise Unavailable(f"the mail server did not take the message: {type(error).__name__}") from error


def _is_final(error: Exception) -> bool:
    """Whether the server refused this receiver or this message for good (5yz, RFC 5321 section 4.2.1).

    A refusal of ourselves, of our password or our sender, is for the technician to mend: it is tried again.
    """
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(500 <= refused.code < 600 for refused in error.recipients)
    return isinstance(error, aiosmtplib.SMTPDataError) and 500 <= error.code < 600
