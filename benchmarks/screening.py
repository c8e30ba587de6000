"""What screening costs: a text of 300 characters against 5,000 words. Knows no server.

python -m benchmarks.screening
"""

from __future__ import annotations

import random
import time

from liveroom import clock
from liveroom.screening.screen import Screen
from liveroom.screening.words import Action, Entry, WordList
from liveroom.storage.characters import folds

WORDS, LENGTH, TEXTS = 5_000, 300, 200
COMMON = [chr(code) for code in range(0x4E00, 0x4E00 + 2_000)]


def main() -> None:
    draw = random.Random(7)
    words = {"".join(draw.choices(COMMON, k=draw.randint(2, 5))) for _ in range(WORDS)}
    entries = tuple(Entry(word, Action.FLAG, sounds=True) for word in sorted(words))
    started = time.perf_counter()
    tables = folds()
    loaded = time.perf_counter()
    screen = Screen([WordList("many", 1, "", entries, clock.now(), "", "", "")], tables)
    ready = time.perf_counter()
    texts = ["".join(draw.choices(COMMON, k=LENGTH)) for _ in range(TEXTS)]
    costs = []
    for text in texts:
        begun = time.process_time()
        screen.look(text)
        costs.append(time.process_time() - begun)
    costs.sort()
    median, p99 = costs[TEXTS // 2] * 1e3, costs[TEXTS * 99 // 100] * 1e3
    print(
        f"{len(entries)} words with their sounds: tables {loaded - started:.2f} s, ready in {ready - loaded:.2f} s; "
        f"{LENGTH} characters: median {median:.2f} ms of CPU, p99 {p99:.2f} ms"
    )
    worst = max((_cost(screen, text), text[:12]) for text in ("1 " * 150, "一三 8-" * 60, "琼a1" * 100, "a@" * 150))
    print(f"the worst of what somebody may type on purpose ({worst[1]}…): {worst[0] * 1e3:.1f} ms")


def _cost(screen: Screen, text: str) -> float:
    begun = time.process_time()
    screen.look(text[:LENGTH])
    return time.process_time() - begun


if __name__ == "__main__":
    main()
