"""Who carries codes and letters, by the settings: a mail server, a program, or files. Knows no code and no letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liveroom import clock
from liveroom.contacts import Channel
from liveroom.delivery.file import FileCarrier, FileSender
from liveroom.delivery.program import ProgramSender
from liveroom.notices.followers import Way
from liveroom.ports.notices import Carrier
from liveroom.ports.vault import CodeSender
from liveroom.settings import Settings
from liveroom.storage import folder

if TYPE_CHECKING:
    from liveroom.delivery.mail import MailSender


def of_codes(settings: Settings) -> dict[Channel, CodeSender]:
    """Who carries codes; whatever has no service goes into private files, for the office to pass on."""
    files = FileSender(settings.data / folder.CODES, clock.now)
    return {Channel.MAIL: _mail(settings) or files, Channel.SMS: _program(settings) or files}


def of_letters(settings: Settings) -> dict[Way, Carrier]:
    """Who carries letters to followers; the same."""
    files = FileCarrier(settings.data / folder.LETTERS)
    return {Way.MAIL: _mail(settings) or files, Way.SMS: _program(settings) or files}


def _mail(settings: Settings) -> MailSender | None:
    if not settings.smtp_host:
        return None
    # Offices without a mail server never load what speaks with one.
    from liveroom.delivery.mail import MailSender, MailServer

    server = MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_user,
        settings.smtp_password,
        settings.smtp_from,
    )
    return MailSender(server)


def _program(settings: Settings) -> ProgramSender | None:
    return ProgramSender(settings.sms_program) if settings.sms_program else None
