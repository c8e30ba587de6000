"""Groups of questions that ask about the same, with a short title each: for a desk with many pending ones.

Pure and repeatable: the same questions in the same order give the same clusters. Knows no question but by its text.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import msgspec

from liveroom.qa.normalise import fold
from liveroom.qa.similar import grams, runs

SMALLEST = 2
"""Questions that make a cluster."""

ALIKE = 0.34
"""The share of a question's weight that it must have in common with a cluster, on average over its members."""

_COMMON = 0.25
"""Grams that more than this share of all questions have tell nothing apart, once there are many questions."""

_MANY = 40
_TITLE_WORDS = 2
_TITLE_TEXTS = 24
"""From so many questions, evenly taken, the words are chosen: more change nothing but the time."""

_TITLE_SHARE = 0.5
"""A word of the title stands in at least this share of the questions."""

_LONGEST_WORD, _LONGEST_NAME = 5, 14
_KEPT_TEXTS, _KEPT_TITLES = 8192, 1024


class Cluster(msgspec.Struct, frozen=True):
    """Questions that belong together: the words they share, and their identifiers in the order they were given in."""

    title: str
    questions: list[str]


def clusters(texts: Mapping[str, str]) -> list[Cluster]:
    """The clusters of these texts by identifier, largest first; who is like nobody is in none."""
    weights = _weights(texts)
    groups: list[list[str]] = []
    sizes: list[int] = []
    having: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for key, text in texts.items():
        known = [(gram, weights[gram]) for gram in _grams(text) if gram in weights]
        group = _closest(known, having, sizes)
        if group is None:
            group = len(groups)
            groups.append([])
            sizes.append(0)
        groups[group].append(key)
        sizes[group] += 1
        for gram, _ in known:
            having[gram][group] = having[gram].get(group, 0) + 1
    found = [
        Cluster(_title(tuple(texts[key] for key in _evenly(keys))), keys) for keys in groups if len(keys) >= SMALLEST
    ]
    return sorted(found, key=lambda cluster: -len(cluster.questions))


def _weights(texts: Mapping[str, str]) -> dict[str, float]:
    """What a gram says, by the texts that have it. Nobody is found by what one text alone has, or a quarter of all."""
    counts = Counter(gram for text in texts.values() for gram in _grams(text))
    most = len(texts) * _COMMON if len(texts) > _MANY else len(texts)
    rarity = {count: math.log((len(texts) + 1) / count) + 0.1 for count in set(counts.values())}
    return {gram: rarity[count] * min(len(gram), 2) / 2 for gram, count in counts.items() if 1 < count <= most}


def _closest(
    known: Sequence[tuple[str, float]],
    having: Mapping[str, Mapping[int, int]],
    sizes: Sequence[int],
) -> int | None:
    """The group with which a text has most in common, None when that is too little; the earlier one of two as close."""
    shared: defaultdict[int, float] = defaultdict(float)
    for gram, weight in known:
        if gram in having:
            for group, count in having[gram].items():
                shared[group] += weight * count / sizes[group]
    most = max(shared.values(), default=0.0)
    if most <= 0 or most < ALIKE * sum(weight for _, weight in known):
        return None
    return min(group for group, weight in shared.items() if weight == most)


@lru_cache(_KEPT_TEXTS)
def _grams(text: str) -> tuple[str, ...]:
    """Two characters or a word: single characters join too much, and three are hardly ever shared."""
    return tuple(gram for gram in grams(text) if len(gram) == 2 or (gram.isascii() and len(gram) > 2))


def _evenly(keys: Sequence[str]) -> Sequence[str]:
    """Of many every second, third …"""
    return keys[:: -(-len(keys) // _TITLE_TEXTS)]


@lru_cache(_KEPT_TITLES)
def _title(texts: tuple[str, ...]) -> str:
    """The longest words that most of the questions share, in the order of the first one; else the start of that."""
    counts = Counter(word for text in texts for word in set(_words(text)))
    wanted = max(2, math.ceil(len(texts) * _TITLE_SHARE))
    shared = [word for word, count in counts.items() if count >= wanted]
    shared.sort(key=lambda word: (-counts[word] * (len(word) - 1), word))
    chosen: list[str] = []
    for word in shared:
        if len(chosen) < _TITLE_WORDS and not any(set(word) & set(other) for other in chosen):
            chosen.append(word)
    if not chosen:
        return texts[0][:_LONGEST_NAME]
    first = fold(texts[0])
    return " ".join(sorted(chosen, key=lambda word: (first.find(word) % (len(first) + 1), word)))


def _words(text: str) -> Iterator[str]:
    """Runs of two to five characters between marks and the way people ask; words of other scripts whole."""
    for run in runs(text):
        if run.isascii():
            yield run
            continue
        for size in range(2, _LONGEST_WORD + 1):
            yield from (run[at : at + size] for at in range(len(run) - size + 1))
