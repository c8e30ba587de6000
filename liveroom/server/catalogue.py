"""Sentences in another language, read from a catalogue as translators write it (gettext's .po). Knows no page.

Babel reads catalogues, too, and takes a tenth of a second of every start for it.
"""

from __future__ import annotations

import gettext
import json
from collections.abc import Iterator, Mapping
from pathlib import Path


class Sentences(gettext.NullTranslations):
    """Each sentence as its catalogue has it, or as it is."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        super().__init__()
        self._sentences = sentences

    def gettext(self, message: str) -> str:
        return self._sentences.get(message, message)


def read(path: Path) -> dict[str, str]:
    """The sentences of a catalogue that have a translation; the newer one where a sentence stands twice."""
    return {sentence: said for sentence, said in _entries(path) if sentence and said}


def _entries(path: Path) -> Iterator[tuple[str, str]]:
    parts = {"msgid": "", "msgstr": ""}
    name = "msgid"
    for line in [*path.read_text("utf-8").split("\n"), 'msgid ""']:
        if not line or line.startswith("#"):
            continue
        keyword, _, said = ("", "", line) if line.startswith('"') else line.partition(" ")
        if keyword:
            if keyword not in parts:
                raise ValueError(f"{path}: {keyword} is not understood")
            if keyword == "msgid":
                yield parts["msgid"], parts["msgstr"]
                parts = {"msgid": "", "msgstr": ""}
            name = keyword
        # The escapes of a catalogue are those of JSON.
        parts[name] += json.loads(said)
