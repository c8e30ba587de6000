"""Folded texts, and the way back from each of their characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveroom.screening.folds import Folds
from liveroom.storage.characters import folds

FOLDS = folds()


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ＡＢＣ１２", "abc12"),
        ("臺灣後面乾淨", "台湾后面干净"),
        ("a\u200bb\u00adc\u3164d", "abcd"),
        ("А-В_С", "abc"),
        ("①⑫㈠½", "112一12"),
        ("é̶", "e"),
        ("𝓥𝟙", "v1"),
        ("！？…", ""),
        ("Straße", "strasse"),
    ],
)
def test_disguises_are_folded_away(written: str, folded: str) -> None:
    assert FOLDS.letters(written).text == folded


def test_syllables_in_latin_letters_sound_like_characters() -> None:
    sounds = {FOLDS.sounds(FOLDS.letters(text)).text for text in ("微信", "威信", "weixin", "wei 信", "薇xin")}
    assert len(sounds) == 1
    assert FOLDS.sounds(FOLDS.letters("女")).text == FOLDS.sounds(FOLDS.letters("nv")).text


def test_a_word_of_a_list_sounds_in_every_way_it_can_be_read() -> None:
    assert FOLDS.sounds(FOLDS.letters("吟航")).text in FOLDS.readings_of("银行")
    assert FOLDS.sounds(FOLDS.letters("银行")).text in FOLDS.readings_of("银行")
    assert len(FOLDS.readings_of("行" * 12)) == 16


@given(st.text())
def test_every_folded_character_knows_its_place(text: str) -> None:
    letters = FOLDS.letters(text)
    for folded, fold in (
        (letters, FOLDS.letters),
        (FOLDS.marks(text), FOLDS.marks),
        (FOLDS.sounds(letters), lambda part: FOLDS.sounds(FOLDS.letters(part))),
    ):
        assert len(folded.text) == len(folded.starts) == len(folded.ends)
        for at in range(len(folded.text)):
            start, end = folded.span(at, at + 1)
            assert folded.text[at] in fold(text[start:end]).text
        assert list(folded.starts) == sorted(folded.starts)
    assert FOLDS.letters(letters.text).text == letters.text


def test_a_flood_of_rare_characters_does_not_stay_in_memory() -> None:
    few = Folds({}, {})
    few.letters("".join(map(chr, range(0x20000, 0x20400))))
    assert len(few._letters) == 0
