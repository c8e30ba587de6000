"""Letters to followers, written from text templates in the language of each. Knows no contact and no carrier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from jinja2 import Environment

from liveroom.ids import show_tracking_code
from liveroom.matters.matter import Matter
from liveroom.matters.sight import everybody_reads
from liveroom.notices.followers import Follower
from liveroom.ports.matters import Line
from liveroom.ports.notices import Letter, Told

SUBJECT_LIMIT = 70


class TextLetters:
    """Satisfies `liveroom.ports.notices.Wording`."""

    def __init__(self, environments: Mapping[str, Environment], public_url: str) -> None:
        # What is text is not escaped, though the words of steps stand in the templates of the pages.
        self._environments = {lang: made.overlay(autoescape=False) for lang, made in environments.items()}
        self._public_url = public_url.rstrip("/")

    def mail(self, follower: Follower, told: Sequence[Told], key: str, at: datetime) -> Letter:
        several = len({t.about for t in told})
        subject = self._write(follower.language, "subject.txt", told=told, several=several, short=short)
        return self._letter("mail.txt", follower, told, key, at, short(subject, SUBJECT_LIMIT), digest=several > 1)

    def sms(self, follower: Follower, told: Sequence[Told], key: str, at: datetime) -> Letter:
        return self._letter("sms.txt", follower, told, key, at, "", digest=len(told) > 1)

    def step(self, lang: str, line: Line, kind: str) -> str:
        """A step in words; of one that has no words of its own, that there was one."""
        words = self._write(lang, "step.txt", line=line, kind=kind)
        return words or self._write(lang, "state.txt")

    def _letter(
        self,
        template: str,
        follower: Follower,
        told: Sequence[Told],
        key: str,
        at: datetime,
        subject: str,
        *,
        digest: bool,
    ) -> Letter:
        site = self._public_url or follower.site
        # What tells of several matters is ended for all of them.
        stop = f"{site}/following/{follower.id}{'?all=1' if digest else ''}"
        lang = follower.language
        text = self._write(
            lang,
            template,
            told=told,
            site=site,
            stop=stop,
            short=short,
            step=lambda t: self.step(lang, t.line, t.kind),
            # Where its receiver has their say now: they had this code when they began to follow.
            say=lambda t: f"{site}/track/{show_tracking_code(t.code)}" if t.asks and t.code else "",
        )
        return Letter(key, at, subject, text + "\n", stop)

    def _write(self, lang: str, template: str, **values: object) -> str:
        return self._environments[lang].get_template(f"letters/{template}").render(values).strip()


def page_of(matter: Matter) -> str:
    """Where everybody reads it; empty where only those whose it is do."""
    return f"/suggestions/{matter.number}" if everybody_reads(matter) else ""


def short(text: str, longest: int) -> str:
    """The beginning of a text, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
