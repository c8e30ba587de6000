from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from liveroom.errors import Refused
from liveroom.matters import suggestion as s
from liveroom.rooms.roles import SYSTEM, Actor, Role, may

SOURCE = s.SourceQuestion("q", "s", "A7K2", ("原话",), 12, 1000, 2000)
NAMES = {"u": "水务局", "d": "林代表"}
TODAY = date(2026, 3, 2)
VALUES = {
    "title": "标题",
    "body": "内容",
    "reason": "原因",
    "deputy": "d",
    "signature": "林代表",
    "unit": "u",
    "due": "2026-06-01",
    "contact": "电话沟通",
    "class": "A",
    "text": "答复",
    "promise_due": "2026-12-01",
    "evaluation": "satisfied",
    "comment": "",
}
COMMANDS = sorted({row.command for row in s.SUGGESTION.rows})
STATES = sorted(s.SUGGESTION.states)


def matter(state: str, reply_class: str = "A") -> s.Matter:
    return s.Matter(
        "m",
        state=state,
        deputy="d",
        unit="u",
        contacted=True,
        reply_class=reply_class,
        sources=(SOURCE,),
        number="2026-0001",
    )


def somebody(role: Role) -> Actor:
    return SYSTEM if role is Role.SYSTEM else Actor("d", "D", frozenset({role}), "u")


@pytest.mark.parametrize(("command", "state", "role"), list(product(COMMANDS, STATES, Role)))
def test_every_step_is_granted_exactly_where_the_table_says(command: str, state: str, role: Role) -> None:
    by = somebody(role)
    row = s.SUGGESTION.row(command, state)
    persons_fit = role is Role.DEPUTY or row is None or "lead" not in row.guards
    if row is not None and may(by, row.permission) and persons_fit:
        after = s.apply(matter(state), s.decide(matter(state), command, VALUES, by, NAMES, TODAY, "2026-0002"))
        assert after.state in row.targets(state)
        return
    with pytest.raises(Refused) as caught:
        s.decide(matter(state), command, VALUES, by, NAMES, TODAY, "2026-0002")
    assert caught.value.code in {"forbidden", "wrong_state"}


def test_every_state_can_be_reached_and_final_ones_have_no_way_out() -> None:
    reached, waiting = set(), {s.SUGGESTION.first}
    while waiting:
        state = waiting.pop()
        reached.add(state)
        waiting |= {to for row in s.SUGGESTION.from_state(state) for to in row.targets(state)} - reached
    assert reached == s.SUGGESTION.states
    for state in s.SUGGESTION.final_states:
        assert list(s.SUGGESTION.from_state(state)) == []


def test_only_the_named_unit_and_the_lead_deputy_act() -> None:
    stranger = Actor("other", "O", frozenset({Role.DEPUTY, Role.UNIT_HEAD, Role.UNIT_OFFICER}), "v")
    for command, state in (
        ("accept", "assigned"),
        ("reply", "handling"),
        ("evaluate", "replied"),
        ("withdraw", "handling"),
    ):
        with pytest.raises(Refused, match="forbidden"):
            s.decide(matter(state), command, VALUES, stranger, NAMES, TODAY)
        assert command not in [row.command for row in s.possible(matter(state), stranger)]


def test_a_deputy_who_was_only_offered_a_draft_declines_it_and_cannot_end_it() -> None:
    offered, deputy = matter("awaiting_adoption"), somebody(Role.DEPUTY)
    with pytest.raises(Refused, match="wrong_state"):
        s.decide(offered, "withdraw", VALUES, deputy, NAMES, TODAY)
    assert {row.command for row in s.possible(offered, deputy)} == {"edit", "decline", "adopt"}


def test_a_reply_needs_contact_with_the_deputy_first() -> None:
    head = somebody(Role.UNIT_HEAD)
    with pytest.raises(Refused, match="contact_missing"):
        s.decide(replace(matter("handling"), contacted=False), "reply", VALUES, head, NAMES, TODAY)


def test_class_b_needs_a_date() -> None:
    with pytest.raises(Refused, match="promise_missing"):
        values = {**VALUES, "class": "B", "promise_due": ""}
        s.decide(matter("handling"), "reply", values, somebody(Role.UNIT_HEAD), NAMES, TODAY)


@pytest.mark.parametrize(
    ("reply_class", "evaluation", "state"),
    [
        ("A", "satisfied", "closed"),
        ("A", "no_response", "closed"),
        ("B", "basically_satisfied", "tracking"),
        ("C", "satisfied", "tracking"),
        ("D", "satisfied", "closed_explained"),
        ("A", "dissatisfied", "rehandling"),
    ],
)
def test_an_evaluation_leads_on_by_the_class_of_the_reply(reply_class: str, evaluation: str, state: str) -> None:
    before = matter("replied", reply_class)
    events = s.decide(before, "evaluate", {"evaluation": evaluation}, somebody(Role.DEPUTY), NAMES, TODAY)
    after = s.apply(before, events)
    assert after.state == state
    assert after.round == (2 if evaluation == "dissatisfied" else 1)
    assert after.contacted != (evaluation == "dissatisfied")


def test_handling_again_has_a_new_due_date_and_nothing_else_moves_it() -> None:
    before, again = replace(matter("replied"), due=date(2026, 6, 1)), date(2026, 7, 15)
    for evaluation, due in (("dissatisfied", again), ("satisfied", before.due)):
        wish = {"evaluation": evaluation}
        events = s.decide(before, "evaluate", wish, somebody(Role.DEPUTY), NAMES, TODAY, again_due=again)
        assert s.apply(before, events).due == due


@pytest.mark.parametrize(
    ("command", "state", "values", "code"),
    [
        ("assign", "registered", {**VALUES, "unit": "nobody"}, "bad_choice"),
        ("assign", "registered", {**VALUES, "due": "soon"}, "bad_time"),
        ("assign", "registered", {**VALUES, "due": "0226-12-01"}, "date_out_of_range"),
        ("assign", "registered", {**VALUES, "due": "2026-03-01"}, "date_out_of_range"),
        ("assign", "registered", {**VALUES, "due": "2036-03-03"}, "date_out_of_range"),
        ("assign", "registered", {**VALUES, "due": "9999-12-31"}, "date_out_of_range"),
        ("return", "submitted", {"reason": "  "}, "empty"),
        ("return", "submitted", {"reason": "x" * 301}, "too_long"),
        ("fly", "draft", {}, "not_found"),
    ],
)
def test_bad_fields_are_refused(command: str, state: str, values: dict[str, str], code: str) -> None:
    with pytest.raises(Refused, match=code):
        s.decide(matter(state), command, values, somebody(Role.OFFICE), NAMES, TODAY)


def test_a_deadline_is_today_or_within_ten_years_and_kept_in_one_form() -> None:
    for written, kept in (("2026-03-02", "2026-03-02"), ("2036-03-02", "2036-03-02"), ("20270101", "2027-01-01")):
        (event,) = s.decide(
            matter("registered"), "assign", {**VALUES, "due": written}, somebody(Role.OFFICE), NAMES, TODAY
        )
        assert event.values["due"] == kept


def test_a_draft_begins_with_what_everybody_may_read_with_votes() -> None:
    two = replace(SOURCE, label="B3M9", wordings=("改后的", "原来的"))
    drafted = s.apply(s.Matter("m"), s.draft([SOURCE, two], "", somebody(Role.OFFICE)))
    assert drafted.title == "原话"
    for words in ("原话", "改后的", "A7K2", "附议 12"):
        assert words in drafted.body
    assert "原来的" not in drafted.body
    assert drafted.sources == (SOURCE, two)
