"""What a text has in it and what everybody may read of it. Knows no question: texts have names, findings say which."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from liveroom.screening.detectors import VERSION, Kind, detect
from liveroom.screening.folds import Folds
from liveroom.screening.matcher import Matcher
from liveroom.screening.words import SEVERITY, Action, WordList

COVER = "*"
DETECTORS = "detectors"
"""The name under which detectors stand beside the lists."""
FINDINGS_LIMIT = 40


@dataclass(frozen=True, slots=True)
class Finding:
    """A hit: of which version of which list, what it asks for, and where it is in the text as it was sent.

    `what` is the word of the list, or the kind of personal data; `by_sound` says that other characters stand for the
    word.
    """

    source: str
    version: int
    action: Action
    what: str
    start: int
    end: int
    by_sound: bool = False


@dataclass(frozen=True, slots=True)
class Screened:
    """A text after screening: `text` is what may be published, as long as the one that was sent."""

    text: str
    findings: tuple[Finding, ...] = ()

    @property
    def action(self) -> Action | None:
        """The strongest action that any finding asks for."""
        return strongest(self.findings)


def strongest(findings: Iterable[Finding]) -> Action | None:
    """The strongest action of the findings, if there are any."""
    return max((finding.action for finding in findings), key=SEVERITY.__getitem__, default=None)


class Screen:
    """The lists of a moment and the detectors, ready to look at texts."""

    def __init__(self, lists: Iterable[WordList], folds: Folds) -> None:
        self.lists = tuple(lists)
        self._folds = folds
        self._matcher = Matcher(self.lists, folds)

    def look(self, text: str) -> Screened:
        """What is in the text, and the text with what must not be read covered, character by character.

        Everything of a number is covered: on a small island three digits and a name are enough to know whose it is.
        Covering may bring what is around it together to something new: that is looked for until there is nothing.
        """
        found = self._find(text)
        shown = _cover(text, found)
        while shown != text and (more := [f for f in self._find(shown) if f.action is Action.MASK]):
            found += more
            shown = _cover(shown, more)
        return Screened(shown, tuple(found[:FINDINGS_LIMIT]))

    def _find(self, text: str) -> list[Finding]:
        words = [
            Finding(m.source.id, m.source.version, m.entry.action, m.entry.word, m.start, m.end, m.by_sound)
            for m in self._matcher.find(text)
        ]
        data = [
            Finding(DETECTORS, VERSION, Action.FLAG if d.kind is Kind.ADDRESS else Action.MASK, d.kind, d.start, d.end)
            for d in detect(text, self._folds)
        ]
        return sorted(words + data, key=lambda finding: (finding.start, finding.end))


def _cover(text: str, findings: Iterable[Finding]) -> str:
    characters = list(text)
    for finding in findings:
        if finding.action is Action.MASK:
            end = finding.end
            while end < len(text) and unicodedata.category(text[end])[0] in "MC":
                end += 1
            characters[finding.start : end] = COVER * (end - finding.start)
    return "".join(characters)
