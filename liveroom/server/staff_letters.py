"""Letters to the staff, written from text templates in the language of each. Knows no carrier.

A mail lies in boxes of others: of what is not public it has no title, of what is confidential nothing but the number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from jinja2 import Environment

from liveroom.matters.reminding import Why
from liveroom.ports.notices import Letter
from liveroom.ports.reminders import OwnAddress, Reminded
from liveroom.server.letters import SUBJECT_LIMIT, short

TITLE_LIMIT = 40
LATE = frozenset({Why.LISTED, Why.OVERDUE})


class StaffLetters:
    """Satisfies `liveroom.ports.reminders.StaffWording`."""

    def __init__(self, environments: Mapping[str, Environment], public_url: str) -> None:
        self._environments = {lang: made.overlay(autoescape=False) for lang, made in environments.items()}
        self._public_url = public_url.rstrip("/")

    def staff_mail(self, to: OwnAddress, name: str, told: Sequence[Reminded], key: str, at: datetime) -> Letter:
        subject = self._write("staff_subject.txt", to, name, told)
        return Letter(key, at, short(subject, SUBJECT_LIMIT), self._write("staff_mail.txt", to, name, told), "")

    def staff_sms(self, to: OwnAddress, name: str, told: Sequence[Reminded], key: str, at: datetime) -> Letter:
        return Letter(key, at, "", self._write("staff_sms.txt", to, name, told), "")

    def _write(self, template: str, to: OwnAddress, name: str, told: Sequence[Reminded]) -> str:
        values = {
            "told": told,
            "name": name,
            "late": sum(one.why in LATE for one in told),
            "site": self._public_url or to.site,
            "title": _title,
        }
        text = self._environments[to.language].get_template(f"letters/{template}").render(values)
        return text.strip() + "\n"


def _title(told: Reminded) -> str:
    """The title of what everybody may read. Nobody has read a work order, or what is not registered, before."""
    return short(told.title, TITLE_LIMIT) if told.public else ""
