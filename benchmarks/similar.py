"""How well similar questions are found, and how fast: `python -m benchmarks.similar`. Knows no page.

The labelled set is tests/vectors/similar.json. Weights were chosen by looking at its pairs with even numbers only, so
the line of the odd ones is what to expect of questions that nobody has seen.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

from rich.console import Console
from rich.table import Table

from liveroom.qa.similar import Index

SET = Path(__file__).resolve().parents[1] / "tests" / "vectors" / "similar.json"
MANY = 5_000
Search = Callable[[str], Sequence[str]]
"""The likeliest texts first, at least three where there are."""


@dataclass(frozen=True, slots=True)
class Found:
    """What became of some pairs, as shares of them; `confused` is a share of those with a look-alike."""

    pairs: int
    first: float
    top: float
    confused: float


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
    alike = sum("look_alike" in pair for pair in pairs) or 1
    return Found(len(pairs), first / len(pairs), top / len(pairs), confused / alike)


def by_grams(texts: Sequence[str]) -> Search:
    index = Index()
    for text in texts:
        index.put(text, text)
    return lambda typed: [match.key for match in index.search(typed)]


def milliseconds(search: Search, typed: Sequence[str]) -> tuple[float, float]:
    """Median and 99th percentile of a search."""
    taken = []
    for text in typed:
        began = time.perf_counter()
        search(text)
        taken.append((time.perf_counter() - began) * 1000)
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


def main() -> None:
    pairs, texts = labelled()
    ways = {"n-grams": by_grams}
    table = Table("way", "pairs", "recall@1", "recall@3", "confused", f"ms a search of {MANY}", "p99")
    for name, way in ways.items():
        search = way(texts)
        typical, worst = milliseconds(way(many(texts)), [pair["typed"] for pair in pairs])
        for which, some in (("all", pairs), ("even", pairs[::2]), ("odd", pairs[1::2])):
            found = measure(some, search)
            figures = (f"{found.first:.1%}", f"{found.top:.1%}", f"{found.confused:.1%}")
            table.add_row(f"{name}, {which}", str(found.pairs), *figures, f"{typical:.2f}", f"{worst:.2f}")
        for kind in dict.fromkeys(pair["kind"] for pair in pairs):
            found = measure([pair for pair in pairs if pair["kind"] == kind], search)
            table.add_row(f"  {kind}", str(found.pairs), f"{found.first:.1%}", f"{found.top:.1%}", "", "", "")
    Console().print(table)
    if "--misses" in sys.argv:
        for pair in pairs:
            found_texts = list(search(pair["typed"]))
            if pair["meant"] not in found_texts:
                print(f"{pair['typed']}\n  meant {pair['meant']}\n  found {found_texts}")


if __name__ == "__main__":
    main()
