"""Which kept texts read most like another one: an index that changes text by text. Knows no question and no state.

Character n-grams find candidates, rapidfuzz looks at those again. Nothing here says that two texts mean the same:
no threshold separates other words for one thing from the same words for another. It puts the likeliest first.
"""

from __future__ import annotations

import heapq
import math
import re
from bisect import insort
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz

from liveroom.qa.normalise import Fold, fold
from liveroom.qa.thesaurus import in_common_words

FLOOR = 0.08
"""Below this, texts share nothing but the way people ask."""

CANDIDATES = 40
VISITS = 8_000
"""Entries of the index that one search may look at: this bounds its time, however long the text, however many texts."""

_RARE = 8.0
"""An index of a few texts cannot tell which grams are rare: it begins as if it held this many texts more."""

_LETTERS = 0.5
"""What three letters of a word count beside a character, two characters in a row or a whole word."""

_PART = "·"
"""Begins three letters of a word, which no word does."""

_BY_GRAMS, _OF_TYPED = 0.75, 0.8
"""How much of the score comes from the grams, and how much of that from what the typed text has in common."""

_ASKING = re.compile(
    "请问|能不能|可不可以|可否|能否|是不是|有没有|要不要|行不行|好不好|怎么办|为什么|什么时候|几时|啥时候|多久|怎么|什么|"
    "哪里|如何|可以|希望|我们|你们|他们|我家|代表|关于|的建议|[的了吗呢吧啊呀嘛么麻着就都也还又很太请我你您]"
)
"""The way people ask, which says nothing about what they ask for."""

_MARKS = re.compile(r"[\W_]+")
_UNIT = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003ffff]|[0-9]+|[^\W\d_㐀-鿿豈-﫿\U00020000-\U0003ffff]+|\d+")
"""A Chinese character, a number, or a word of another script."""


@dataclass(frozen=True, slots=True)
class Match:
    """A kept text that reads like the one looked for; `score` from 0 to 1 orders matches and means nothing else."""

    key: str
    score: float


@dataclass(frozen=True, slots=True)
class _Text:
    bare: str
    grams: tuple[str, ...]


class Index:
    """Texts by key. What it finds depends on the texts that are in it now, not on how they came.

    `fold` gives the one form in which texts are compared; a better one knows traditional characters, too.
    """

    def __init__(self, fold: Fold = fold) -> None:
        self._fold = fold
        self._texts: dict[str, _Text] = {}
        self._having: dict[str, set[str]] = {}

    def __len__(self) -> int:
        return len(self._texts)

    def __contains__(self, key: object) -> bool:
        return key in self._texts

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Index):
            return NotImplemented
        return self._texts == other._texts and self._having == other._having

    __hash__ = None  # type: ignore[assignment]

    def put(self, key: str, text: str) -> None:
        """Keep a text, in place of the one that was kept under this key."""
        self.drop(key)
        kept = _read(text, self._fold)
        self._texts[key] = kept
        for gram in kept.grams:
            self._having.setdefault(gram, set()).add(key)

    def drop(self, key: str) -> None:
        """Forget a text; one that is not there is forgotten already."""
        kept = self._texts.pop(key, None)
        for gram in kept.grams if kept else ():
            having = self._having[gram]
            having.discard(key)
            if not having:
                del self._having[gram]

    def search(self, text: str, count: int = 3, floor: float = FLOOR) -> list[Match]:
        """The likeliest texts first, at most `count`; ties in the order of their keys."""
        wanted = _read(text, self._fold)
        weights = _Weights(self._having, len(self._texts))
        score = _Score(wanted, weights)
        matches: list[Match] = []
        for key in _most(self._shared(wanted, weights), CANDIDATES):
            least = matches[count - 1].score if len(matches) >= count else floor
            found = score.of(self._texts[key], least)
            if found >= least:
                insort(matches, Match(key, found), key=lambda match: (-match.score, match.key))
        return matches[:count]

    def _shared(self, wanted: _Text, weights: _Weights) -> dict[str, float]:
        """How much each text has in common with the wanted one, looking at rare grams first."""
        shared: defaultdict[str, float] = defaultdict(float)
        visits = 0
        for number, gram in sorted((len(self._having[gram]), gram) for gram in wanted.grams if gram in self._having):
            visits += number
            if visits > VISITS:
                break
            weight = weights[gram]
            for key in self._having[gram]:
                shared[key] += weight
        return shared


class _Weights(dict[str, float]):
    """What each gram says during one search: the rarer, the more."""

    def __init__(self, having: Mapping[str, set[str]], texts: int) -> None:
        super().__init__()
        self._having = having
        self._texts = texts + _RARE

    def __missing__(self, gram: str) -> float:
        rarity = max(math.log(self._texts / (len(self._having.get(gram, ())) + 0.5)), 0.1)
        self[gram] = weight = rarity * (_LETTERS if gram[0] == _PART else 1.0)
        return weight


class _Score:
    """How alike a kept text and the wanted one are, from 0 to 1."""

    def __init__(self, wanted: _Text, weights: _Weights) -> None:
        self._bare = wanted.bare
        self._weights = weights
        self._grams = frozenset(wanted.grams)
        self._typed = sum(map(weights.__getitem__, wanted.grams))

    def of(self, kept: _Text, least: float) -> float:
        """Exactly, if it is `least` or more; most texts are known to be less without weighing all that they have."""
        weigh = self._weights.__getitem__
        shared = sum(map(weigh, filter(self._grams.__contains__, kept.grams)))
        by_letters = (1 - _BY_GRAMS) * fuzz.ratio(self._bare, kept.bare) / 100
        if self._by_grams(shared, shared) + by_letters < least:
            return 0.0
        return self._by_grams(shared, sum(map(weigh, kept.grams))) + by_letters

    def _by_grams(self, shared: float, all_of_kept: float) -> float:
        return _BY_GRAMS * shared / (_OF_TYPED * self._typed + (1 - _OF_TYPED) * all_of_kept)


def _most(shared: Mapping[str, float], count: int) -> list[str]:
    """The keys of the largest numbers, largest first; ties in the order of the keys."""
    least = heapq.nlargest(count, shared.values())[-1] if shared else 0.0
    # Comparing pairs of all of them takes longer than everything else.
    found = [key for key, number in shared.items() if number >= least]
    return sorted(found, key=lambda key: (-shared[key], key))[:count]


def grams(text: str) -> tuple[str, ...]:
    """What a text is compared by: each once, in the order of the text."""
    return _read(text, fold).grams


def runs(text: str) -> list[str]:
    """The words of a text between marks and the way people ask, as they are written but for width and case."""
    return [part for run in _ASKING.split(fold(text)) for part in _MARKS.split(run) if part]


def _read(text: str, fold: Fold) -> _Text:
    folded = in_common_words(fold(text))
    runs = [_UNIT.findall(run) for run in _ASKING.split(folded)]
    runs = [run for run in runs if run] or [_UNIT.findall(folded)]
    return _Text(" ".join("".join(run) for run in runs), tuple(dict.fromkeys(_grams(runs))))


def _grams(runs: list[list[str]]) -> Iterator[str]:
    for run in runs:
        for at, unit in enumerate(run):
            yield unit
            if len(unit) > 3 and not unit.isdigit():
                yield from (_PART + unit[i : i + 3] for i in range(len(unit) - 2))
            for size in (2, 3):
                if at + size <= len(run):
                    yield "".join(run[at : at + size])
