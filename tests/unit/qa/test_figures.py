"""The public figures of a session."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from liveroom.qa.figures import PARTS, behind, figures
from liveroom.qa.question import Question, Queue, RefusalReason
from liveroom.qa.question import QuestionState as Q

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STANDING = st.tuples(st.sampled_from(Q), st.booleans(), st.sampled_from(RefusalReason))


@given(st.lists(STANDING, max_size=30))
def test_every_question_is_counted_where_it_stands(standing: list[tuple[Q, bool, RefusalReason]]) -> None:
    questions = [
        Question(
            str(n),
            str(n),
            str(n),
            "key",
            "d",
            "text",
            "",
            "",
            NOW,
            state,
            was_public=public,
            refusal=reason if state is Q.REFUSED else None,
        )
        for n, (state, public, reason) in enumerate(standing)
    ]
    found = figures(Queue("s").put(questions))
    assert found.received == len(questions)
    queue = Queue("s").put(questions)
    for part in PARTS:
        counted = found.refused_in_all if part == "refused" else getattr(found, part)
        assert len(behind(queue, part)) == counted, f"the list of {part} is as long as it says"
    for reason in RefusalReason:
        assert len(behind(queue, "refused", reason)) == found.refused.get(reason, 0)
    assert found.published == sum(public for _, public, _ in standing)
    in_progress = sum(state in {Q.PUBLISHED, Q.QUEUED, Q.ON_AIR} for state, _, _ in standing)
    settled = found.merged + found.answered + found.deferred + found.withdrawn + found.refused_in_all
    assert found.waiting + in_progress + settled == found.received
    for reason, count in found.refused.items():
        assert count == sum(state is Q.REFUSED and why is reason for state, _, why in standing) > 0
