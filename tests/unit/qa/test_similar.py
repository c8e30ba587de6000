"""Similar texts: what is found on the labelled set, and an index that does not remember how it came to be."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.similar import by_grams, labelled, measure
from liveroom.qa.similar import FLOOR, Index, grams
from liveroom.qa.thesaurus import in_common_words

ANY_TEXT = st.text(max_size=60)
ISLANDERS = st.text("船停航东西礁屿岛水电药，？ 12ab", max_size=12)
MOVES = st.lists(st.tuples(st.sampled_from("abcdef"), st.none() | ISLANDERS), max_size=40)


def test_the_labelled_set_is_found() -> None:
    pairs, texts = labelled()
    assert len(pairs) + sum("look_alike" in pair for pair in pairs) >= 200
    found = measure(pairs, by_grams(texts))
    assert found.top >= 0.89
    assert found.first >= 0.75
    assert found.confused <= 0.07


@given(MOVES, ISLANDERS)
def test_an_index_is_what_is_in_it_however_that_came(moves: list[tuple[str, str | None]], looked_for: str) -> None:
    index, kept = Index(), dict[str, str]()
    for key, text in moves:
        if text is None:
            index.drop(key)
            kept.pop(key, None)
        else:
            index.put(key, text)
            kept[key] = text
    fresh = Index()
    for key in sorted(kept):
        fresh.put(key, kept[key])
    assert index == fresh
    assert len(index) == len(kept)
    assert index.search(looked_for, 10) == fresh.search(looked_for, 10)


@given(st.lists(ANY_TEXT, max_size=8), ANY_TEXT)
def test_whatever_is_typed_the_answer_is_in_order(kept: list[str], typed: str) -> None:
    index = Index()
    for number, text in enumerate(kept):
        index.put(str(number), text)
    found = index.search(typed)
    assert len(found) <= 3
    assert [m.score for m in found] == sorted((m.score for m in found), reverse=True)
    assert all(FLOOR <= m.score <= 1.0001 for m in found)


@given(ANY_TEXT)
def test_a_text_with_letters_finds_itself_first(text: str) -> None:
    index = Index()
    index.put("other", "台风天停航")
    index.put("same", text)
    if grams(text):
        assert index.search(text)[0].score == pytest.approx(max(m.score for m in index.search(text)))
        assert "same" in [m.key for m in index.search(text)]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ＷＩＦＩ什么时候有", "wifi什么时候有"),
        ("台 风 天，停——航！", "台风天停航"),
        ("CAN I TAKE A DOG", "can I take a dog"),
        (unicodedata.normalize("NFD", "café"), "café"),
    ],
)
def test_width_case_and_marks_do_not_matter(typed: str, kept: str) -> None:
    index = Index()
    index.put("meant", kept)
    index.put("other", "养老院床位要排多久")
    assert index.search(typed)[0].key == "meant"


def test_the_way_people_ask_finds_nothing() -> None:
    index = Index()
    index.put("ferry", "请问能不能加开夜航？")
    assert index.search("请问能不能换老师") == []


def test_a_question_of_nothing_but_asking_is_still_compared() -> None:
    index = Index()
    index.put("why", "为什么？")
    assert [m.key for m in index.search("为什么")] == ["why"]


def test_a_text_that_changes_is_found_by_its_new_words_only() -> None:
    index = Index()
    index.put("q", "夜航什么时候开")
    index.put("q", "冷链船几点到")
    assert index.search("夜航") == []
    assert [m.key for m in index.search("冷链")] == ["q"]


def test_of_texts_that_are_as_close_the_first_key_comes_first() -> None:
    index = Index()
    for key in ("b", "a", "c"):
        index.put(key, "停航通知")
    assert [m.key for m in index.search("停航通知")] == ["a", "b", "c"]


def test_words_for_the_same_are_read_as_one() -> None:
    assert in_common_words("渡轮几点开") == in_common_words("班船几点开")
    assert in_common_words("完全不同") == "完全不同"


def test_a_fold_that_knows_traditional_characters_finds_them() -> None:
    simplified = str.maketrans("颱風學書", "台风学书")
    index = Index(lambda text: text.translate(simplified))
    index.put("storm", "台风")
    assert index.search("颱風")[0].score == pytest.approx(1)
    plain = Index()
    plain.put("storm", "台风")
    assert plain.search("颱風") == []
