"""Personal data in a text: numbers of telephones, identity, bank cards and plates; addresses. Knows no word list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from liveroom.screening.folds import Folds
from liveroom.screening.numbers import JOINTS, Row, plain, rows

VERSION = 1
"""Goes up when the detectors find something else than before: it is kept with every hit."""


class Kind(StrEnum):
    """What was found."""

    IDENTITY = "identity"  # 身份证号
    MOBILE = "mobile"  # 手机号
    LANDLINE = "landline"  # 座机号
    BANK_CARD = "bank_card"  # 银行卡号
    NUMBER = "number"  # a long number that is none of these, or hides one
    PLATE = "plate"  # 车牌号
    EMAIL = "email"  # 邮箱
    ACCOUNT = "account"  # 微信号, QQ 号
    ADDRESS = "address"  # 住址: told to the moderator, not masked


@dataclass(frozen=True, slots=True)
class Detection:
    """A kind of personal data, from `start` up to `end` of the text."""

    kind: Kind
    start: int
    end: int


def detect(text: str, folds: Folds) -> list[Detection]:
    """All personal data in a text, in order. What overlaps is told as one: of the kind that comes first among them."""
    folded = folds.marks(text)
    order = list(Kind)
    found: list[Detection] = []
    everything = sorted((*_numbers(folded.text), *_patterns(folded.text)), key=lambda hit: order.index(hit[0]))
    for kind, start, end in everything:
        detection = Detection(kind, *folded.span(start, end))
        touched = [d for d in found if d.start < detection.end and detection.start < d.end]
        if not touched:
            found.append(detection)
        elif kind is not Kind.ADDRESS:
            whole = [detection, *touched]
            found = [d for d in found if d not in touched]
            found.append(Detection(touched[0].kind, min(d.start for d in whole), max(d.end for d in whole)))
    return sorted(found, key=lambda detection: detection.start)


Found = tuple[Kind, int, int]

_MOBILE = re.compile(r"(?:(?:00)?86)?1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"(?:010|02[0-9]|0[3-9][0-9]{2})[2-8][0-9]{6,7}")
_AREA = re.compile(r"010|02[0-9]|0[3-9][0-9]{2}")
_LOCAL = re.compile(r"(?!19|20)[2-8][0-9]{6,7}")
_ASKS_TO_CALL = re.compile(r"(?:电话|座机|固话|致电|拨打?|打给?|联系|回电|tel|phone)[^0-9]{0,6}$")
_LOCAL_DIGITS = 8
_LONGEST = 20
_LONG_NUMBER = 11
_FEWEST_DIGITS = 7


def _numbers(marks: str) -> list[Found]:
    return [hit for row in rows(marks) for hit in _in_row(row, marks)]


def _in_row(row: Row, marks: str) -> Iterator[Found]:
    groups = row.groups
    for first in range(len(groups)):
        digits = ""
        for last in range(first, len(groups)):
            digits += groups[last].digits
            if len(digits) > _LONGEST and last > first:
                break
            if len(digits) < _FEWEST_DIGITS:
                continue
            start, end = groups[first].start, groups[last].end
            kind = _kind(digits, row, first, last, marks)
            if kind is not None:
                yield kind, start, end
            end_of_identity = _identity_with_letter(digits, marks, end)
            if end_of_identity:
                yield Kind.IDENTITY, start, end_of_identity


def _kind(digits: str, row: Row, first: int, last: int, marks: str) -> Kind | None:
    if len(digits) == 18 and _is_identity(digits):
        return Kind.IDENTITY
    kind = _by_digits(digits)
    joints = [joint for joint in row.joints[first:last] if joint]
    long_number = Kind.NUMBER if not joints and len(digits) >= _LONG_NUMBER else None
    if kind is None:
        return long_number
    blocks = row.blocks(first, last)
    if kind is Kind.LANDLINE and len(digits) <= _LOCAL_DIGITS:
        start = row.groups[first].start
        called = _ASKS_TO_CALL.search(marks[max(0, start - 12) : start])
        return kind if called and len(blocks) <= 2 else None
    fits = kind is not Kind.LANDLINE or len(blocks[0]) in {1, len(digits)} or _AREA.fullmatch(blocks[0])
    return kind if fits and _tidy(blocks, joints) else long_number


def _by_digits(digits: str) -> Kind | None:
    """What the digits alone may be."""
    if _MOBILE.fullmatch(digits):
        return Kind.MOBILE
    if _LANDLINE.fullmatch(digits) or _LOCAL.fullmatch(digits):
        return Kind.LANDLINE
    if 16 <= len(digits) <= 19 and _luhn(digits):
        return Kind.BANK_CARD
    return None


def _tidy(blocks: list[str], joints: list[str]) -> bool:
    """Whether the groups look like one number and not like times, dates and prices beside one another."""
    alike = len(set(joints)) <= 1
    if all(len(block) == 1 for block in blocks):
        return True
    if alike:
        return len(joints) <= 3 or all(len(block) <= 3 for block in blocks)
    return len(joints) <= 3 and len(blocks[0]) >= 3


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10x98765432"
_LETTER = re.compile(rf"{JOINTS}{{0,3}}x(?![a-z0-9])")


def _is_identity(number: str) -> bool:
    """A citizen's number with a date of birth and the right check character (GB 11643-1999)."""
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return number[0] != "0" and 1880 < born.year < 2100 and _CHECK[total % 11] == number[17]


def _identity_with_letter(digits: str, marks: str, end: int) -> int:
    """Where an identity number ends whose check character is an X; 0 when it is none."""
    letter = _LETTER.match(marks, end) if len(digits) == 17 else None
    return letter.end() if letter and _is_identity(digits + "x") else 0


def _luhn(digits: str) -> bool:
    """The check digit of bank cards (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 * (doubled > 9)
    return total % 10 == 0


_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"
_OLD = r"(?=(?:[a-z]?J?){0,5}[0-9])[a-z0-9](?:J[a-z0-9]){3}J[a-z0-9学警挂港澳领]"
_NEW = r"(?:[a-hjk]J[a-z0-9](?:J[0-9]){4}|(?:[0-9]J){5}[a-hjk])"
_PLATE = re.compile(
    rf"[{_PROVINCES}]J[a-z]J(?:{_NEW}|{_OLD})(?![a-z0-9])".replace("J", rf"{JOINTS}{{0,2}}"),
)
_EMAIL = re.compile(
    r"[a-z0-9][a-z0-9._%+\-]{0,63} ?(?:@|#|[(\[（【]at[)\]）】]|艾特) ?"
    r"[a-z0-9\-]{1,63}(?: ?[.。点·] ?[a-z0-9\-]{1,63}){0,4} ?[.。点·] ?(?:com|cn|net|org|[a-z]{2,6})(?![a-z0-9])"
)
_ACCOUNT = re.compile(
    r"(?:微信|薇信|威信|v信|wx|vx|wechat|qq|扣扣)(?:号|群|id)?[^\w]{0,3}[是为]?[^\w]{0,3}"
    r"(?P<id>(?!(?:12|95)[0-9]{3}(?![a-z0-9]))(?=[a-z_\-]{0,19}[0-9])[a-z0-9][a-z0-9_\-]{4,19})(?![a-z0-9_])"
)
_ADDRESS = re.compile(
    r"[㐀-鿿]{1,6}(?:村|路|街|巷|弄|社区|小区|花园|大道)\s?(?:[一二三四五六七八九十百]{1,5}|[0-9]{1,4})(?:-[0-9]{1,4})?\s?"
    r"(?:号|栋|幢|座|单元|室|组)(?!码头|线|[停开起前后晚早上下之到至举发])"
)


def _patterns(marks: str) -> Iterator[Found]:
    text = plain(marks)
    for kind, pattern, where in (
        (Kind.PLATE, _PLATE, text),
        (Kind.EMAIL, _EMAIL, marks),
        (Kind.ACCOUNT, _ACCOUNT, text),
        (Kind.ADDRESS, _ADDRESS, marks),
    ):
        group = "id" if kind is Kind.ACCOUNT else 0
        for match in pattern.finditer(where):
            yield kind, *match.span(group)
