"""Clusters of pending questions: who belongs together, under which title."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from liveroom.qa.clusters import clusters

FERRY = {
    "1": "冬天停航能不能提前一晚通知？",
    "2": "停航通知太晚了，请提前发",
    "3": "希望停航提前通知到村里",
}
OTHERS = {"x": "卫生院的药什么时候能直接拿？", "y": "学校热水够不够？", "z": "村里的路灯坏了"}


def test_questions_about_the_same_belong_together_and_others_to_none() -> None:
    (found,) = clusters({**FERRY, **OTHERS})
    assert found.questions == ["1", "2", "3"]
    assert "停航" in found.title


def test_the_largest_cluster_comes_first() -> None:
    found = clusters({"a": "药什么时候到岛上卫生院", "b": "岛上卫生院的药不够", **FERRY})
    assert [len(cluster.questions) for cluster in found] == [3, 2]


def test_the_same_questions_give_the_same_clusters() -> None:
    assert clusters({**FERRY, **OTHERS}) == clusters({**FERRY, **OTHERS})


def test_of_questions_that_share_no_word_the_first_gives_the_title() -> None:
    (found,) = clusters({"a": "Night ferry", "b": "The ferries at night"})
    assert found.title


@given(st.dictionaries(st.text(max_size=4), st.text(max_size=30), max_size=12))
def test_nobody_is_in_two_clusters_and_every_cluster_has_a_title(texts: dict[str, str]) -> None:
    found = clusters(texts)
    members = [key for cluster in found for key in cluster.questions]
    assert len(members) == len(set(members))
    assert set(members) <= texts.keys()
    assert all(cluster.title.strip() for cluster in found)
