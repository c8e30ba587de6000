"""Word lists (词表) as data, and their lines as people write them. Knows no text that is screened and no storage."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from liveroom.errors import Refused

WORD_LIMIT = 40
ENTRIES_LIMIT = 5_000
WHY_LIMIT = 200
NAME_LIMIT = 30
_HEADER = "word"
_FORMULA = "=+-@"
_SEPARATOR = re.compile(r"[,，\t]")


class Action(StrEnum):
    """What a hit does, the mildest first. None of them refuses a question: that is for people."""

    MASK = "mask"  # 遮盖: published without the word
    FLAG = "flag"  # 提醒: pending as any other, with a mark for the moderator
    HOLD = "hold"  # 拦下: apart from the pending ones, and the sender is told
    ESCALATE = "escalate"  # 紧急: held, and the lead moderator sees it first


SEVERITY = {action: number for number, action in enumerate(Action)}
_ACTIONS = {
    **{action.value: action for action in Action},
    "遮盖": Action.MASK,
    "提醒": Action.FLAG,
    "拦下": Action.HOLD,
    "紧急": Action.ESCALATE,
}
_SOUNDS = {"sounds", "谐音"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A word that is looked for; with `sounds` also where other characters of the same sound stand for it."""

    word: str
    action: Action
    sounds: bool = False


@dataclass(frozen=True, slots=True)
class WordList:
    """One version of a list: what it holds, who made it so, when and why. Versions are never changed."""

    id: str
    version: int
    name: str
    entries: tuple[Entry, ...]
    at: datetime
    by: str
    by_name: str
    why: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that cannot be read: its number from 1, and why.

    `code` is one of `no_action`, `unknown_action`, `unknown_option`, `nothing_left`, `word_too_long`, `twice`.
    """

    line: int
    code: str
    text: str


def read(lines: str) -> tuple[tuple[Entry, ...], list[Problem]]:
    """Entries as people write them, one a line: `word,action` or `word,action,sounds`; `#` begins a remark.

    A table with the heading `word,action,options` is read as well. What cannot be read is told, line by line.
    """
    entries: dict[str, Entry] = {}
    problems: list[Problem] = []
    for number, line in enumerate(lines.removeprefix("\ufeff").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        word, *rest = (part.strip().strip('"').strip() for part in _SEPARATOR.split(line))
        if word.casefold() == _HEADER and rest[:1] == ["action"]:
            continue
        word = word.removeprefix("'")
        code = _problem(word, rest) or ("twice" if word in entries else "")
        if code:
            problems.append(Problem(number, code, line.strip()[:WORD_LIMIT]))
        else:
            entries[word] = Entry(word, _ACTIONS[rest[0].casefold()], any(rest[1:]))
    if len(entries) > ENTRIES_LIMIT:
        raise Refused("too_many_words", limit=ENTRIES_LIMIT)
    return tuple(entries.values()), problems


def write(entries: Iterable[Entry]) -> str:
    """The lines that `read` reads."""
    return "".join(f"{entry.word},{entry.action.value}{',sounds' if entry.sounds else ''}\n" for entry in entries)


def table(entries: Iterable[Entry]) -> str:
    """The same for a spreadsheet: with a heading, a byte order mark, and nothing that it would take for a formula."""
    rows = (
        f"{chr(39) if entry.word[0] in _FORMULA else ''}{entry.word},{entry.action.value},"
        f"{'sounds' if entry.sounds else ''}\r\n"
        for entry in entries
    )
    return "\ufeffword,action,options\r\n" + "".join(rows)


def difference(before: Sequence[Entry], after: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Entries that came and entries that went; one that was changed is in both."""
    old, new = set(before), set(after)
    return [entry for entry in after if entry not in old], [entry for entry in before if entry not in new]


def _problem(word: str, rest: list[str]) -> str:
    if not any(character.isalnum() for character in word):
        return "nothing_left"
    if len(word) > WORD_LIMIT:
        return "word_too_long"
    if not rest or not rest[0]:
        return "no_action"
    if rest[0].casefold() not in _ACTIONS:
        return "unknown_action"
    if any(option and option.casefold() not in _SOUNDS for option in rest[1:]):
        return "unknown_option"
    return ""
