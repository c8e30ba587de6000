from dataclasses import replace

import msgspec
import pytest

from liveroom.qa import wire
from liveroom.qa.question import Hit
from liveroom.qa.question import QuestionState as Q
from liveroom.qa.wire import Audience
from tests.unit.qa.test_decide import question, queue


def test_the_public_never_sees_what_was_not_published() -> None:
    for state in Q:
        shown = wire.visible(question(state=state), Audience.PUBLIC)
        assert shown == (state in {Q.PUBLISHED, Q.QUEUED, Q.ON_AIR, Q.ANSWERED})
        assert wire.visible(question(state=state), Audience.DESK)


def test_no_view_names_the_device_and_only_the_asker_gets_the_code() -> None:
    one = question(state=Q.QUEUED, place=1)
    for audience in Audience:
        text = msgspec.json.encode(wire.view(queue(one), one, {}, audience)).decode()
        assert "device" not in text
        assert one.code not in text
    assert wire.mine(queue(one), "device", {})[0].code == one.code
    assert wire.mine(queue(one), "other", {}) == []


def test_the_asker_is_told_how_many_are_before() -> None:
    state = queue(question("a", Q.ON_AIR), question("b", Q.QUEUED, 1), question("c", Q.QUEUED, 2))
    assert [wire.mine_view(state, state.questions[name], {}).ahead for name in "abc"] == [None, 0, 1], "b is the next"


@pytest.mark.parametrize(("action", "masked"), [("mask", True), ("flag", False), ("hold", False)])
def test_only_what_is_covered_is_called_so_whoever_else_has_edited_it(action: str, masked: bool) -> None:
    one = replace(question(), original_text="before", hits=(Hit("a list", 1, action, "a word"),))
    assert wire.mine_view(queue(one), one, {}).masked is masked
