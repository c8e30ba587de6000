"""The ways to reach a person, as they are typed and as they are kept. Knows no driver."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from liveroom.errors import Refused

MAIL_LONGEST = 254
"""Characters of a mail address (RFC 5321, section 4.5.3.1.3)."""

_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")


class Channel(StrEnum):
    """How a code reaches its person."""

    MAIL = "mail"
    SMS = "sms"


@dataclass(frozen=True, slots=True)
class Contact:
    """A mail address or a mobile number; never shown in whole, so `repr` keeps it out of logs."""

    channel: Channel
    address: str

    def __repr__(self) -> str:
        return f"Contact({self.hint})"

    @property
    def hint(self) -> str:
        """Enough for its owner to recognise it: `a…@example.org`, `138…21`."""
        if self.channel is Channel.MAIL:
            name, _, domain = self.address.partition("@")
            return f"{name[0]}…@{domain}"
        return f"{self.address[:3]}…{self.address[-2:]}"


def read_contact(written: str) -> Contact:
    """The contact that somebody typed, one form for each person's. Raises `Refused("bad_contact")`."""
    text = written.strip()
    if len(text) <= MAIL_LONGEST and _MAIL.fullmatch(text):
        name, _, domain = text.partition("@")
        return Contact(Channel.MAIL, f"{name}@{domain.lower()}")
    digits = re.sub(r"[\s-]", "", text).removeprefix("+86").removeprefix("0086")
    if _MOBILE.fullmatch(digits):
        return Contact(Channel.SMS, digits)
    raise Refused("bad_contact")
