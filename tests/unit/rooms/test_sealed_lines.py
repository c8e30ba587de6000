"""A log that was touched anywhere is found out, and it is said where."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveroom.rooms.audit import Head, against, check, head
from liveroom.rooms.chain import START, Link, seal, sealed
from liveroom.rooms.erased import remains, vouch

NOW = datetime(2026, 3, 1, 12, 0, 0, 7, tzinfo=UTC)
CHAIN = "session:s"


def log(length: int) -> list[Link]:
    lines = (Link(n, NOW, "m", "审核员", "q" if n % 2 else None, f'{{"n":{n}}}') for n in range(1, length + 1))
    return list(sealed(CHAIN, START, lines))


def renumbered(links: list[Link]) -> list[Link]:
    return [replace(link, seq=number) for number, link in enumerate(links, 1)]


def test_the_hash_is_the_one_that_the_protocol_describes() -> None:
    link = Link(1, NOW.astimezone(timezone(timedelta(hours=8))), "m", "审核员", None, "{}")
    text = f"64:{START},9:{CHAIN},1:1,27:2026-03-01T12:00:00.000007Z,1:m,9:审核员,0:,2:{{}},"
    assert seal(CHAIN, START, link) == hashlib.sha256(text.encode()).hexdigest()


def test_a_log_that_nobody_touched_is_whole() -> None:
    for length in (0, 1, 2, 40):
        assert check(CHAIN, log(length), length) == []
    assert head(CHAIN, log(0)) == Head(CHAIN, 0, START)


@settings(deadline=None)
@given(st.data(), st.integers(1, 14))
def test_a_change_of_any_part_of_any_line_is_found_and_named(data: st.DataObject, length: int) -> None:
    links = log(length)
    at = data.draw(st.integers(0, length - 1))
    part, value = data.draw(
        st.sampled_from(
            [
                ("at", NOW + timedelta(microseconds=1)),
                ("by", "x"),
                ("by_name", ""),
                ("question", "other"),
                ("event", "{}"),
                ("hash", "f" * 64),
                ("hash", ""),
            ]
        )
    )
    links[at] = replace(links[at], **{part: value})
    assert check(CHAIN, links, length) == [f"line {at + 1} was changed"]


@settings(deadline=None)
@given(st.data(), st.integers(1, 14), st.booleans())
def test_lines_that_are_gone_are_found_and_named(data: st.DataObject, length: int, closed_up: bool) -> None:
    gone = data.draw(st.sets(st.integers(1, length), min_size=1))
    left = [link for link in log(length) if link.seq not in gone]
    wrong = check(CHAIN, renumbered(left) if closed_up else left, length)
    assert wrong
    if not closed_up and len(gone) == 1:
        (number,) = gone
        # Of the last line nobody can tell any more whether it followed the one that is gone.
        alone = [f"line {length} cannot be checked: the line before it is missing"] if number == length - 1 else []
        assert wrong == [*alone, f"line {number} is missing"]


@settings(deadline=None)
@given(st.data(), st.integers(2, 14))
def test_lines_in_another_order_are_found_and_named(data: st.DataObject, length: int) -> None:
    links = log(length)
    a, b = sorted(data.draw(st.lists(st.integers(0, length - 1), min_size=2, max_size=2, unique=True)))
    links[a], links[b] = links[b], links[a]
    wrong = check(CHAIN, renumbered(links), length)
    assert any("reordered" in sentence or "changed" in sentence for sentence in wrong)
    if b - a > 1 or b < length - 1:
        assert f"line {b + 1} was reordered: it was written as line {a + 1}" in wrong


@settings(deadline=None)
@given(st.data(), st.integers(0, 14), st.booleans())
def test_lines_that_were_put_in_are_found_and_named(data: st.DataObject, length: int, knowing: bool) -> None:
    """Whoever puts one in may know the form and seal it well."""
    links = log(length)
    at = data.draw(st.integers(0, length))
    false = Link(at + 1, NOW, "x", "X", None, "{}", "a" * 64)
    if knowing:
        false = next(sealed(CHAIN, links[at - 1].hash if at else START, [false]))
    wrong = check(CHAIN, renumbered([*links[:at], false, *links[at:]]), length)
    assert wrong
    if at < length - 1:
        assert wrong == [f"line {at + 1} was added"]


def test_a_dropped_line_with_the_gap_closed_up_is_called_missing() -> None:
    links = log(9)
    del links[3]
    assert check(CHAIN, renumbered(links), 9) == ["line 4 is missing"]


def test_a_log_sealed_anew_or_cut_short_is_whole_but_not_the_one_of_then() -> None:
    links = log(9)
    then = head(CHAIN, links)
    anew = list(sealed(CHAIN, START, (replace(link, by_name="别人") for link in links)))
    assert check(CHAIN, anew, 9) == check(CHAIN, links[:7], 7) == []
    assert against(then, anew) == ["line 9 is not the one of then: the log was written anew"]
    assert against(then, links[:7]) == ["line 9, which was there then, is missing: the log was cut short"]
    assert against(then, None) == ["the whole log is missing"]
    assert against(then, links) == against(then, log(12)) == against(Head(CHAIN, 0, START), []) == []


@pytest.mark.parametrize("length", [5, 1000])
def test_a_log_of_nothing_but_strangers_is_told_line_by_line(length: int) -> None:
    links = [replace(link, event="{}", hash="0" * 63 + "1") for link in log(length)]
    assert check(CHAIN, links, length) == [f"line {n} was changed" for n in range(1, length + 1)]


def erased(links: list[Link], *seqs: int) -> list[Link]:
    """The log after the contents of some lines were erased, with the line that vouches for what is left."""
    left = [replace(link, by="x", event='{"n":0}') if link.seq in seqs else link for link in links]
    hashes = {0: START, **{link.seq: link.hash for link in links}}
    words = vouch({link.seq: remains(CHAIN, hashes[link.seq - 1], link) for link in left if link.seq in seqs})
    line = Link(len(links) + 1, NOW, "system", "", "q", f'{{"type":"erased","erased":"{words}"}}')
    return [*left, *sealed(CHAIN, links[-1].hash, [line])]


@settings(deadline=None)
@given(st.data(), st.integers(1, 12))
def test_a_log_is_whole_after_contents_were_erased_and_a_change_beside_or_in_them_is_found(
    data: st.DataObject, length: int
) -> None:
    seqs = data.draw(st.sets(st.integers(1, length), min_size=1))
    links = erased(log(length), *seqs)
    assert check(CHAIN, links, length + 1) == []
    assert against(head(CHAIN, log(length)), links) == [], "heads that were kept before still hold"
    again = erased(links, *data.draw(st.sets(st.integers(1, length), min_size=1)))
    assert check(CHAIN, again, length + 2) == []
    at = data.draw(st.integers(0, length))
    part, value = data.draw(st.sampled_from([("by", "y"), ("event", "{}"), ("hash", "f" * 64), ("question", "o")]))
    links[at] = replace(links[at], **{part: value})
    wrong = check(CHAIN, links, length + 1)
    assert f"line {at + 1} was changed" in wrong


def test_a_line_that_nobody_vouches_for_is_not_an_erased_one() -> None:
    links = erased(log(6), 3)
    assert check(CHAIN, [replace(links[1], event='{"n":0}') if n == 1 else link for n, link in enumerate(links)], 7)
    # Whoever seals a line and its neighbour anew cannot hide behind an erased one.
    forged = [*sealed(CHAIN, START, [replace(links[0], event="{}"), links[1]]), *links[2:]]
    assert check(CHAIN, forged, 7) != []
    for words in ("", "3", "x:y", '{"', "3:0", "9:" + "0" * 64):
        line = next(sealed(CHAIN, links[5].hash, [replace(links[6], event=f'{{"erased":"{words}"}}')]))
        assert check(CHAIN, [*links[:6], line], 7) == ["line 3 was changed"], words
