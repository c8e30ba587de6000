"""Lists the words of the product and what of them has no English yet; `--write` adds skeletons to the catalogue."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "web" / "locale" / "en" / "liveroom.po"
_SOURCES = (
    (ROOT / "web" / "templates", [(f"**.{kind}", "jinja2.ext:babel_extract") for kind in ("html", "txt", "xml")]),
    (ROOT / "web" / "js", [("**.js", "javascript")]),
    (ROOT / "liveroom", [("server/**.py", "python")]),
)
_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
_KEYWORDS = {"_": None, "N_": None, "t": None}


def words_in_use() -> dict[str, str]:
    """Every Chinese sentence of templates, scripts and server, with one file that says it."""
    found: dict[str, str] = {}
    for folder, methods in _SOURCES:
        for name, _, message, _, _ in extract_from_dir(str(folder), methods, keywords=_KEYWORDS):
            found.setdefault(str(message), f"{folder.name}/{name}")
    return found


def translated() -> dict[str, str]:
    """What the English catalogue says."""
    if not CATALOGUE.is_file():
        return {}
    with CATALOGUE.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, "en") if m.id}


def write(english: dict[str, str]) -> None:
    """Write the catalogue: all words in use, in order, with their English where there is some."""
    # One date for ever: a header that changes with every writing is a conflict in every merge.
    catalogue = Catalog("en", project="liveroom", fuzzy=False, creation_date=_SINCE, revision_date=_SINCE)
    for words, place in sorted(words_in_use().items(), key=lambda item: (item[1], item[0])):
        catalogue.add(words, english.get(words, ""), locations=[(place, None)])
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, width=0, omit_header=False)


def main() -> int:
    in_use, known = words_in_use(), translated()
    missing = [words for words in in_use if not known.get(words)]
    unused = [words for words in known if words not in in_use]
    if "--write" in sys.argv:
        write(known)
    print(f"{len(in_use)} sentences, {len(missing)} without English, {len(unused)} no longer used")
    for words in missing:
        print(f"  {in_use[words]}: {words}")
    return 1 if missing or unused else 0


if __name__ == "__main__":
    sys.exit(main())
