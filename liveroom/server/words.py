"""The languages of the pages: Simplified Chinese as written, English from catalogues. Knows no template."""

from __future__ import annotations

import gettext
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from liveroom.clock import CHINA
from liveroom.server import catalogue

LANGUAGES = ("zh", "en")
"""One time zone, without summer time: no time zone database is needed."""

_WEEKDAYS = "一二三四五六日"


class Words:
    """Translations by language, and the words that scripts need."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the web folder: catalogues are `locale/en/*.po`, scripts are `js/`."""
        self._js = folder / "js"
        english: dict[str, str] = {}
        for path in sorted((folder / "locale" / "en").glob("*.po")):
            english |= catalogue.read(path)
        self._translations = {"zh": gettext.NullTranslations(), "en": catalogue.Sentences(english)}
        self._of_module: dict[str, tuple[str, ...]] = {}

    def translations(self, lang: str) -> gettext.NullTranslations:
        return self._translations[lang]

    def say(self, lang: str, words: str, **values: object) -> str:
        """A sentence in a language; `{name}` is replaced by the value of that name."""
        text = self._translations[lang].gettext(words)
        return text.format(**values) if values else text

    def of_modules(self, lang: str, modules: Sequence[str]) -> dict[str, str]:
        """What scripts say, by their Chinese words; empty in Chinese, which stands in the scripts themselves."""
        if lang == "zh":
            return {}
        say = self._translations[lang].gettext
        return {words: say(words) for module in modules for words in self._in(module)}

    def _in(self, module: str) -> tuple[str, ...]:
        if module not in self._of_module:
            from babel.messages.extract import extract

            with (self._js.parent / module).open("rb") as file:
                found = extract("javascript", file, keywords={"t": None}, options={"template_string": "True"})
                self._of_module[module] = tuple(str(words) for _, words, _, _ in found)
        return self._of_module[module]


def choose_language(wanted: str | None, accepted: str) -> str:
    """The cookie's language, else the first that the browser accepts and we speak, else Simplified Chinese."""
    if wanted in LANGUAGES:
        return wanted
    for part in accepted.split(","):
        tag = re.split(r"[;-]", part.strip().lower(), maxsplit=1)[0]
        if tag in LANGUAGES:
            return tag
    return LANGUAGES[0]


def when(moment: datetime, lang: str) -> str:
    """A date and time as people say it, in Chinese time: 11月29日（周日）19:30."""
    local = moment.astimezone(CHINA)
    if lang == "zh":
        day = f"{local.month}月{local.day}日（周{_WEEKDAYS[local.weekday()]}）{local:%H:%M}"
        return day if local.year == datetime.now(CHINA).year else f"{local.year}年{day}"
    from babel.dates import format_datetime

    return str(format_datetime(local, "EEE d MMM y, HH:mm", tzinfo=CHINA, locale="en"))


def clock(milliseconds: int | None) -> str:
    """Time into the broadcast: 00:14:32."""
    seconds = (milliseconds or 0) // 1000
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
