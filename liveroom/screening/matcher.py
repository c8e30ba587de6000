"""All words of all lists, found in one pass over a text. Knows no action and no number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import ahocorasick

from liveroom.screening.folds import Folded, Folds
from liveroom.screening.words import Entry, WordList


@dataclass(frozen=True, slots=True)
class Match:
    """A word of a list, from `start` up to `end` of the text; `by_sound` when other characters stand for it."""

    source: WordList
    entry: Entry
    start: int
    end: int
    by_sound: bool


class Matcher:
    """The words, ready to be looked for: written, and where an entry wishes so by their sound (Aho and Corasick)."""

    def __init__(self, lists: Iterable[WordList], folds: Folds) -> None:
        self._folds = folds
        written: dict[str, list[tuple[WordList, Entry]]] = {}
        spoken: dict[str, list[tuple[WordList, Entry]]] = {}
        for source in lists:
            for entry in source.entries:
                key = folds.letters(entry.word).text
                if key:
                    written.setdefault(key, []).append((source, entry))
                if entry.sounds:
                    for sound in filter(None, dict.fromkeys(folds.readings_of(entry.word))):
                        spoken.setdefault(sound, []).append((source, entry))
        self._written, self._spoken = _automaton(written), _automaton(spoken)

    def find(self, text: str) -> list[Match]:
        """Every word in the text, in order; one that is written is not told again by its sound."""
        letters = self._folds.letters(text)
        matches = list(_matches(letters, self._written, by_sound=False))
        if len(self._spoken):
            matches += _matches(self._folds.sounds(letters), self._spoken, by_sound=True)
        found: dict[object, Match] = {}
        for match in matches:
            found.setdefault((match.start, match.end, match.source.id, match.entry.word), match)
        return sorted(found.values(), key=lambda match: (match.start, -match.end))


def _automaton(words: dict[str, list[tuple[WordList, Entry]]]) -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for word, entries in words.items():
        automaton.add_word(word, (len(word), entries))
    automaton.make_automaton()
    return automaton


def _matches(folded: Folded, automaton: ahocorasick.Automaton, by_sound: bool) -> Iterator[Match]:
    if not len(automaton) or not folded.text:
        return
    for last, (length, entries) in automaton.iter(folded.text):
        first = last - length + 1
        if _torn(folded, first - 1) or _torn(folded, last):
            continue
        start, end = folded.span(first, last + 1)
        for source, entry in entries:
            yield Match(source, entry, start, end, by_sound)


def _torn(folded: Folded, left: int) -> bool:
    """Whether a Latin word or a number goes on across the border right of this place: “class” holds no other word."""
    if left < 0 or left + 1 >= len(folded.text):
        return False
    if folded.ends[left] != folded.starts[left + 1] and folded.starts[left] != folded.starts[left + 1]:
        return False
    a, b = folded.text[left], folded.text[left + 1]
    return (a.isascii() and b.isascii()) and ((a.isalpha() and b.isalpha()) or (a.isdigit() and b.isdigit()))
