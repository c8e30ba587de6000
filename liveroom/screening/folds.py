"""Texts as they are compared: without the disguises that leave the meaning. Knows no list and no number.

Every fold works character by character of the original, so whatever is found in a folded text has an exact place in
the original, where it can be masked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_LOOK_ALIKES = str.maketrans(
    # Cyrillic and Greek letters, folded to lower case, that are drawn like Latin ones (a choice of Unicode TS 39).
    "авеёзікмнорстухѕјӏԁԛԝѵһαβεικνορτυχωϲϳɑɡɩıƍ",
    "abee3ikmhopctyxsjldqwvhabeiknoptuxwcjagliq",
)
_UNSEEN_LETTERS = "\u115f\u1160\u3164\uffa0"
"""Fillers of Hangul: letters by their category, and nothing to see."""
_FIRST_SYLLABLE = 0xE000
"""Syllables become characters of the private use area, which no fold lets through from a text."""
_LONGEST_SYLLABLE = 6
_PLANE = 0x10000
_LATIN = re.compile("[a-z]")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text; its character `i` comes from `starts[i]` up to `ends[i]` of the original."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` (not empty) lies in the original."""
        return self.starts[start], self.ends[end - 1]


class _Table(dict[str, str]):
    """What each character becomes, worked out when it is first met; kept for one plane, so that nobody can fill it."""

    def __init__(self, work_out: Callable[[str], str]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, character: str) -> str:
        folded = self._work_out(character)
        if ord(character) < _PLANE:
            self[character] = folded
        return folded

    def fold(self, text: str) -> Folded:
        parts = [self[character] for character in text]
        if len("".join(parts)) == len(text) and "" not in parts:
            return Folded("".join(parts), range(len(text)), range(1, len(text) + 1))
        starts = [place for place, part in enumerate(parts) for _ in part]
        return Folded("".join(parts), starts, [place + 1 for place in starts])


class Folds:
    """The folds, with the tables of characters they need.

    `simplified` gives the simplified form of a traditional character, `readings` the syllables (without tones) that a
    character can be read as, the commonest first.
    """

    def __init__(self, simplified: Mapping[str, str], readings: Mapping[str, Sequence[str]]) -> None:
        self._simplified = simplified
        self._readings = readings
        syllables = sorted({syllable for several in readings.values() for syllable in several})
        self._syllables = {syllable: chr(_FIRST_SYLLABLE + number) for number, syllable in enumerate(syllables)}
        self._first = {
            ord(character): self._syllables[several[0]] for character, several in readings.items() if several
        }
        self._letters = _Table(self._letter)
        self._marks = _Table(self._mark)

    def letters(self, text: str) -> Folded:
        """For words: letters and digits alone, in one width, case and script; look-alikes as Latin letters."""
        return self._letters.fold(text)

    def marks(self, text: str) -> Folded:
        """For numbers: as `letters`, but with whatever stands between them, and letters of all scripts."""
        return self._marks.fold(text)

    def sounds(self, folded: Folded) -> Folded:
        """For words by their sound, of what `letters` gave: each character, or syllable in Latin letters, its sound."""
        if not _LATIN.search(folded.text):
            return Folded(folded.text.translate(self._first), folded.starts, folded.ends)
        sounds, starts, ends = [], [], []
        at = 0
        while at < len(folded.text):
            sound, length = self._sound(folded.text, at)
            sounds.append(sound)
            starts.append(folded.starts[at])
            at += length
            ends.append(folded.ends[at - 1])
        return Folded("".join(sounds), starts, ends)

    def readings_of(self, word: str, most: int = 16) -> list[str]:
        """Every way in which a word of a list can sound, folded as `sounds` does; at most so many."""
        ways = [""]
        folded = self.letters(word).text
        at = 0
        while at < len(folded):
            sound, length = self._sound(folded, at)
            several = [self._syllables[s] for s in self._readings.get(folded[at], ())] or [sound]
            ways = [way + one for way in ways for one in several][:most]
            at += length
        return ways

    def _letter(self, character: str) -> str:
        kept = (part for part in _parts(character) if unicodedata.category(part)[0] in "LN")
        return "".join(self._simple(part) for part in kept).translate(_LOOK_ALIKES)

    def _mark(self, character: str) -> str:
        kept = (part for part in _parts(character) if unicodedata.category(part)[0] not in "MC")
        return "".join(self._simple(part) for part in kept)

    def _simple(self, character: str) -> str:
        digit = unicodedata.decimal(character, None)
        return str(digit) if digit is not None else self._simplified.get(character, character)

    def _sound(self, folded: str, at: int) -> tuple[str, int]:
        """The sound at a place of a text of `letters`, and how many characters make it."""
        first = self._first.get(ord(folded[at]))
        if first is not None:
            return first, 1
        for length in range(min(_LONGEST_SYLLABLE, len(folded) - at), 0, -1):
            syllable = self._syllables.get(folded[at : at + length])
            if syllable is not None:
                return syllable, length
        return folded[at], 1


def _parts(character: str) -> str:
    """Compatibility forms taken apart, in lower case (NFKD: what NFKC would put together again are marks only)."""
    if character in _UNSEEN_LETTERS:
        return ""
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
