"""Damages samples the same way every time: one number decides all. Knows nothing of what reads them."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

Case = TypeVar("Case", bytes, str)
SEEDS = Path(__file__).parent / "seeds"
SEED = int(os.environ.get("FUZZ_SEED", "20240613"))
CASES = int(os.environ.get("FUZZ_CASES", "20000"))

SLOWEST = 2.0
"""Seconds that no single case may take; all take less than a hundredth, but for a pause of the machine."""

_EDGES = (0, 1, 0x7F, 0x80, 0xC0, 0xFE, 0xFF)
_NUMBERS = ("0", "-1", "1", "64", "95", "127", "128", "65536", "4294967296", "9" * 400, "1_0", "٣", "1e9", "", " ")
_ODD = ("\r", "\0", "\t", "\x85", "\u2028", "\ud800", "=", ":", ";", "/", " ", "é", "\U0001f600", "\x7f")


def samples(name: str) -> dict[str, bytes]:
    """The seeds of a file of named hex lines."""
    lines = (SEEDS / f"{name}.hex").read_text().splitlines()
    return {key: bytes.fromhex(value) for key, value in (line.split(" ") for line in lines)}


def texts(folder: str) -> dict[str, str]:
    """The seeds of a folder, with the line ends that clients send."""
    return {path.stem: path.read_text().replace("\n", "\r\n") for path in sorted((SEEDS / folder).iterdir())}


def damaged(seeds: Sequence[bytes], chance: random.Random) -> bytes:
    """One of the seeds after one to four accidents."""
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        width = chance.randint(1, 24)
        match chance.randrange(8):
            case 0 if data:  # a bit flips
                data[at % len(data)] ^= 1 << chance.randrange(8)
            case 1:  # the end is missing
                del data[at:]
            case 2:  # a piece stands twice
                data[at:at] = data[at : at + width]
            case 3:  # something is inserted
                data[at:at] = chance.randbytes(width)
            case 4:  # the end is another's
                other = chance.choice(seeds)
                data[at:] = other[min(at, len(other)) :]
            case 5 if data:  # a length lies
                data[at % len(data)] = chance.choice(_EDGES)
            case 6 if len(data) > 4:  # a length near the beginning lies, in 16 bits
                place = chance.randrange(min(len(data) - 2, 40))
                data[place : place + 2] = chance.choice((0, 1, 0xFFFF, 0x7FFF, len(data), len(data) - 4)).to_bytes(2)
            case _:  # a piece is missing
                del data[at : at + width]
    return bytes(data)


def damaged_text(seeds: Sequence[str], chance: random.Random) -> str:
    """One of the seeds after one to four accidents to its lines, numbers and characters."""
    lines = chance.choice(seeds).split("\r\n")
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(lines))
        match chance.randrange(9):
            case 0:  # a line is missing
                del lines[at]
            case 1:  # lines stand twice, or very often
                lines[at:at] = lines[at : at + chance.randint(1, 5)] * chance.choice((1, 1, 1, 2, 300))
            case 2:  # a line stands elsewhere
                lines.insert(chance.randrange(len(lines)), lines.pop(at))
            case 3:  # the rest is another's
                other = chance.choice(seeds).split("\r\n")
                lines[at:] = other[chance.randrange(len(other)) :]
            case 4:  # a number lies
                words = lines[at].replace(":", " : ").replace("/", " / ").split(" ")
                numbers = [place for place, word in enumerate(words) if word.isdigit()]
                if numbers:
                    words[chance.choice(numbers)] = chance.choice(_NUMBERS)
                    lines[at] = " ".join(words).replace(" : ", ":").replace(" / ", "/")
            case 5:  # the end is missing
                lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
                del lines[at + 1 :]
            case 6:  # an odd character
                place = chance.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:place] + chance.choice(_ODD) + lines[at][place:]
            case 7 if lines[at]:  # a character is another
                place = chance.randrange(len(lines[at]))
                lines[at] = lines[at][:place] + chr(chance.randrange(1, 0x250)) + lines[at][place + 1 :]
            case _:  # a line grows
                lines[at] += lines[at] * chance.choice((1, 1, 40))
        lines = lines or [""]
    return "\r\n".join(lines)


def run(
    name: str, make: Callable[[random.Random], Case], outcome: Callable[[Case], str], cases: int = CASES
) -> Counter[str]:
    """Feed `cases` cases; what came of them by name. An exception fails with all that is needed to see it again."""
    chance = random.Random(f"{name} {SEED}")
    found: Counter[str] = Counter()
    slowest = 0.0
    for number in range(cases):
        case = make(chance)
        began = time.perf_counter()
        try:
            found[outcome(case)] += 1
        except Exception as error:
            shown = case.hex() if isinstance(case, bytes) else ascii(case)
            error.add_note(f"{name}, FUZZ_SEED={SEED}, case {number}: {shown[:6000]}")
            raise
        slowest = max(slowest, time.perf_counter() - began)
    told = ", ".join(f"{count} {what}" for what, count in found.most_common())
    print(f"{name}: FUZZ_SEED={SEED}, {cases} cases: {told}; slowest {1000 * slowest:.1f} ms")
    if slowest > SLOWEST:
        pytest.fail(f"a case took {slowest:.1f} s")
    return found
