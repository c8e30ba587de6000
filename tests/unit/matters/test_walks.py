"""Random ways through the shipped rule sets: what must be true of every matter, whatever people and clocks do."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from liveroom.errors import Refused
from liveroom.matters import engine, timers
from liveroom.matters.matter import Matter
from liveroom.matters.replay import apply
from liveroom.matters.workflow import Row
from tests.unit.matters.rule_sets import (
    ASKER,
    CO_HEAD,
    DEPUTY,
    HEAD,
    OFFICE,
    OTHER,
    SETS,
    SOURCE,
    TODAY,
    Case,
    Weekdays,
)

PEOPLE = (OFFICE, DEPUTY, OTHER, HEAD, CO_HEAD, ASKER)
BEGIN = {"suggestion": "draft", "commitment": "say", "work_order": "receive"}
DAY = timedelta(days=1)
OTHER_MATTER = Matter("other", number="2026-0002", state="handling")


def filled(case: Case, row: Row, draw: st.DrawFn) -> dict[str, str]:
    """The form of a step as somebody may fill it in."""
    values: dict[str, str] = {}
    for field in row.fields:
        if not field.required and draw(st.booleans()):
            continue
        match field.kind:
            case "choice":
                values[field.name] = draw(st.sampled_from(field.choices))
            case "letter":
                values[field.name] = draw(st.sampled_from(sorted(case.rules.letters)))
            case "unit" | "units":
                values[field.name] = draw(st.sampled_from(("u", "v", "w")))
            case "deputy" | "deputies":
                values[field.name] = draw(st.sampled_from(("d", "e")))
            case "date":
                values[field.name] = (case.today + draw(st.integers(0, 200)) * DAY).isoformat()
            case _:
                values[field.name] = "文字"
    return values


@st.composite
def walks(draw: st.DrawFn) -> list[tuple[Case, Matter, Matter]]:
    """A walk: after each step the case, the matter before it and after it."""
    rules = draw(st.sampled_from(SETS))
    kind = draw(st.sampled_from(sorted(rules.kinds)))
    case = Case(rules, kind)
    values = {"title": "标题", "body": "内容", "unit": "u"}
    case.took(engine.begin(case.new, rules, BEGIN[kind], values, OFFICE, case.at(), [SOURCE]))
    seen = []
    for _ in range(draw(st.integers(1, 25))):
        before = case.matter
        if before.clocks and draw(st.integers(0, 3)) == 0:
            clock = draw(st.sampled_from(sorted(before.clocks)))
            case.on(max(case.today, before.clocks[clock] + DAY))
            case.took(engine.expire(before, rules, clock, case.at()))
        else:
            case.on(case.today + draw(st.integers(0, 20)) * DAY)
            choices = [(by, row) for by in PEOPLE for row in engine.possible(before, rules, by, asks=by is ASKER)]
            if not choices:
                break
            by, row = draw(st.sampled_from(choices))
            try:
                case.step(row.command, by, filled(case, row, draw), asks=by is ASKER, target=OTHER_MATTER)
            except Refused as refused:
                assert refused.code not in {"forbidden", "wrong_state", "not_found"}, "it was offered"
        seen.append((case, before, case.matter))
    return seen


@settings(max_examples=300, deadline=None)
@given(walks())
def test_whatever_happens(walk: list[tuple[Case, Matter, Matter]]) -> None:
    for case, before, after in walk:
        event = case.events[after.seq - 1]
        assert after.sources == (SOURCE,), "followers follow, whatever becomes of it"
        # The clock of the reply never pauses, and nothing but a granted extension moves it.
        for name in set(before.clocks) & set(after.clocks):
            if case.rules.clocks[name].extendable and before.clocks[name] != after.clocks[name]:
                assert after.round > before.round or event.what == "grant_extension"
                assert after.clocks[name] > before.clocks[name] or after.round > before.round
        if "reply" in before.clocks and before.number and case.new.kind == "suggestion" and "reply" not in after.clocks:
            assert event.what in {"reply", "withdraw"}, "it stops with the reply"
        # A promised day is moved later by the office alone.
        if before.promised and after.promised and after.promised > before.promised:
            assert event.what in {"grant_extension", "uphold"}
            assert after.extensions[-1].was == before.promised
        assert after.final or after.clocks, "nothing lies where nobody is ever told"
        if event.what == "close" and after.solved:
            assert all(check.solved or check.reopened for check in before.checks), "nobody has objected in vain"
        # Only a reply whose letter means it ends as solved.
        if after.solved and after.reply is not None:
            assert case.rules.letters[after.reply.letter].solved
            assert after.reply.solved
        assert after.final == (after.state in case.rules.kinds[after.kind].final_states)
        assert not (after.final and after.clocks)
        assert set(after.clocks) <= set(case.rules.kinds[after.kind].states[after.state].clocks)
        # Silence is never satisfaction.
        if event.what in {"evaluate", "rate"} and "no_response" in event.values.values():
            assert after.result == "no_response"
    case = walk[-1][0]
    assert apply(case.new, case.events) == case.matter, "replaying the steps gives the row"
    assert engine.begin(case.new, case.rules, BEGIN[case.new.kind], {"title": "a", "body": "b", "unit": "u"}, OFFICE,
                        case.at())[0].rules == case.rules.reference  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(walks())
def test_timers_that_are_kept_up_step_by_step_are_those_that_must_be_waiting(
    walk: list[tuple[Case, Matter, Matter]],
) -> None:
    days = Weekdays()
    case, first, _ = walk[0]
    kept = {timer.key("m"): timer for timer in timers.waiting(first, case.rules, days)}
    for _case, before, after in walk:
        change = timers.alarms(before, after, case.rules, days)
        void = tuple(timers.prefix("m", name) for name in change.void)
        kept = {key: timer for key, timer in kept.items() if not key.startswith(void)} if void else kept
        kept |= {timer.key("m"): timer for timer in change.timers}
        assert kept == {timer.key("m"): timer for timer in timers.waiting(after, case.rules, days)}
    assert case.today >= TODAY
