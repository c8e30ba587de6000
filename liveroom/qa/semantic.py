"""The index of similar texts with a sense of meaning: what n-grams find, rescored with sentence vectors.

Knows no model: whoever makes it gives a function from texts to unit vectors. Needs the extra `liveroom[semantic]`.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence

import numpy
from numpy.typing import NDArray

from liveroom.qa.normalise import Fold, fold
from liveroom.qa.similar import CANDIDATES, Index, Match

Vectors = NDArray[numpy.float32]
Encode = Callable[[Sequence[str]], Vectors]
"""Unit vectors, one row for each text."""

FLOOR = 0.3
"""Below this, sentences have in common that they are sentences."""

_BY_MEANING = 0.5
"""How much of the score comes from the vectors; chosen by the labelled set, where 0.3 to 0.7 do as well."""

_FIRST_ROWS = 256


class SemanticIndex:
    """Finds by n-grams at once, and by meaning as soon as `catch_up` has been there."""

    def __init__(self, encode: Encode, fold: Fold = fold) -> None:
        self._encode = encode
        self._index = Index(fold)
        self._behind: dict[str, str] = {}
        self._rows: dict[str, int] = {}
        self._keys: dict[int, str] = {}
        self._free: list[int] = []
        self._vectors: Vectors | None = None

    def put(self, key: str, text: str) -> None:
        """Keep a text, in place of the one that was kept under this key."""
        self.drop(key)
        self._index.put(key, text)
        self._behind[key] = text

    def drop(self, key: str) -> None:
        """Forget a text; one that is not there is forgotten already."""
        self._index.drop(key)
        self._behind.pop(key, None)
        row = self._rows.pop(key, None)
        if row is not None:
            del self._keys[row]
            self._free.append(row)

    def behind(self, count: int) -> dict[str, str]:
        """Some of the texts that have no vector yet, by key."""
        return {key: self._behind[key] for key in list(self._behind)[:count]}

    def encode(self, texts: Sequence[str]) -> Vectors:
        """The vectors of these texts: slow, changes nothing, may run beside everything else."""
        return self._encode(texts)

    def catch_up(self, texts: dict[str, str], vectors: Vectors) -> None:
        """Take up the vectors of texts that were behind; of those that changed or went meanwhile nothing."""
        for (key, text), vector in zip(texts.items(), vectors, strict=True):
            if self._behind.get(key) != text:
                continue
            del self._behind[key]
            row = self._free.pop() if self._free else len(self._keys)
            self._rows[key] = row
            self._keys[row] = key
            self._room_for(row, vector)[row] = vector

    def search(self, text: str, count: int = 3) -> list[Match]:
        """The likeliest texts first, at most `count`; ties in the order of their keys."""
        scores = {match.key: match.score * (1 - _BY_MEANING) for match in self._index.search(text, CANDIDATES)}
        if self._vectors is not None and self._keys:
            close = self._vectors @ self._encode([text])[0]
            top = numpy.argsort(-close, kind="stable")[: CANDIDATES + len(self._free)]
            near = {self._keys[int(row)]: float(close[row]) for row in top if int(row) in self._keys}
            for key in scores.keys() | near.keys():
                closeness = near.get(key)
                if closeness is None:
                    closeness = float(close[self._rows[key]]) if key in self._rows else 0.0
                scores[key] = scores.get(key, 0.0) + _BY_MEANING * closeness
            scores = {key: score for key, score in scores.items() if score >= FLOOR * _BY_MEANING}
        matches = (Match(key, score) for key, score in scores.items())
        return heapq.nsmallest(count, matches, key=lambda m: (-m.score, m.key))

    def _room_for(self, row: int, vector: Vectors) -> Vectors:
        if self._vectors is None:
            self._vectors = numpy.zeros((_FIRST_ROWS, vector.shape[0]), numpy.float32)
        if row >= len(self._vectors):
            self._vectors = numpy.concatenate([self._vectors, numpy.zeros_like(self._vectors)])
        return self._vectors
