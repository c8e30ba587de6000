"""Digits as people disguise them, and the rows they stand in. Knows no kind of number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_CHINESE = "〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖弌弍弎幺"
_DIGITS = str.maketrans(_CHINESE, "00123456789123456789" + "123" + "1")
_FEWEST_REAL = 4
"""So many real digits stand in a row before letters between them are taken for digits."""

JOINTS = r"[\s\-‐-―_.·•~/\\|()（）\[\]+＋*]"
_ROW = re.compile(rf"[0-9oil](?:{JOINTS}{{0,3}}[0-9oil])*")
_SCATTERED = re.compile(r"[0-9](?:[^0-9\w]{1,3}[0-9](?![0-9]))+")
_GROUP = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Group:
    """Digits without anything between them, from `start` up to `end`."""

    digits: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Row:
    """Groups that may be one number, and what stands between them: spaces, dashes and the like, or nothing."""

    groups: tuple[Group, ...]
    joints: tuple[str, ...]

    def blocks(self, first: int, last: int) -> list[str]:
        """The digits between joints, from one group to another: groups that touch are one block."""
        blocks = [self.groups[first].digits]
        for joint, group in zip(self.joints[first:last], self.groups[first + 1 : last + 1], strict=True):
            if joint:
                blocks.append(group.digits)
            else:
                blocks[-1] += group.digits
        return blocks


def plain(marks: str) -> str:
    """The text of `Folds.marks` with Chinese numerals as digits, place by place."""
    return marks.translate(_DIGITS)


def rows(marks: str) -> Iterator[Row]:
    """All rows of digits of a text of `Folds.marks`, in part twice; where the script changes a group ends.

    `o`, `i` and `l` stand for 0 and 1 where they are written among digits.
    """
    text = plain(marks)
    whole: list[tuple[int, int]] = []
    for found in _ROW.finditer(text):
        if sum(character.isdigit() for character in found[0]) >= _FEWEST_REAL:
            yield _row(marks, _as_digits(found[0]), found.start())
            whole.append(found.span())
    for found in _SCATTERED.finditer(text):
        if not any(start <= found.start() and found.end() <= end for start, end in whole):
            yield _row(marks, found[0], found.start())


def _row(marks: str, part: str, offset: int) -> Row:
    groups: list[Group] = []
    for found in _GROUP.finditer(part):
        start = found.start()
        # 打一13800138000: where the script changes a number may begin or end.
        borders = [
            at
            for at in range(found.start() + 1, found.end())
            if _is_chinese(marks[offset + at - 1]) != _is_chinese(marks[offset + at])
        ]
        for border in [*borders, found.end()]:
            groups.append(Group(part[start:border], offset + start, offset + border))
            start = border
    return Row(tuple(groups), tuple(part[a.end - offset : b.start - offset] for a, b in pairwise(groups)))


def _as_digits(part: str) -> str:
    return part.translate(str.maketrans("oil", "011"))


def _is_chinese(character: str) -> bool:
    return character in _CHINESE
