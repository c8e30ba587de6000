from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from liveroom.actions.broadcast import choose
from liveroom.clock import CHINA
from liveroom.errors import Refused
from liveroom.rooms import session as s
from liveroom.rooms.roles import SYSTEM, Actor, Permission, Role, may

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
COMMANDS: list[s.SessionCommand] = [
    s.GoLive(),
    s.Interrupt(),
    s.CutOff("reason"),
    s.LiftCut(),
    s.End(),
    s.BeginDisposition(),
    s.Archive(),
    s.Cancel(),
]


def session(state: s.SessionState) -> s.Session:
    started = NOW if state in s.ON_THE_AIR | {s.SessionState.ENDED} else None
    return s.Session("s", "r", "topic", NOW, ("d",), state, started_at=started)


def somebody(role: Role) -> Actor:
    return SYSTEM if role is Role.SYSTEM else Actor("d", "D", frozenset({role}))


@pytest.mark.parametrize(("command", "state", "role"), list(product(COMMANDS, s.SessionState, Role)))
def test_every_command_is_granted_exactly_where_the_table_says(
    command: s.SessionCommand, state: s.SessionState, role: Role
) -> None:
    rule = s.RULES[type(command)]
    allowed = may(somebody(role), rule.permission) or (role is Role.SYSTEM and isinstance(command, s.GoLive))
    if allowed and state in rule.sources:
        after = session(state)
        for event in s.decide(after, command, somebody(role), NOW):
            after = s.apply(after, event)
        assert after.state is not state
    else:
        with pytest.raises(Refused) as caught:
            s.decide(session(state), command, somebody(role), NOW)
        assert caught.value.code == ("wrong_state" if allowed else "forbidden")


def test_archiving_lists_the_questions_without_an_outcome() -> None:
    office = somebody(Role.OFFICE)
    with pytest.raises(Refused) as caught:
        s.decide(session(s.SessionState.ENDED), s.Archive(), office, NOW, without_outcome=("A7K2", "B3M9"))
    assert caught.value.detail == {"questions": ["A7K2", "B3M9"]}


def test_a_deputy_broadcasts_only_where_named() -> None:
    deputy = Actor("d", "D", frozenset({Role.DEPUTY}))
    assert s.may_broadcast(session(s.SessionState.SCHEDULED), deputy)
    assert not s.may_broadcast(session(s.SessionState.SCHEDULED), Actor("e", "E", frozenset({Role.DEPUTY})))


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("state", s.SessionState)
def test_a_deputy_who_is_not_named_has_no_say(command: s.SessionCommand, state: s.SessionState) -> None:
    other = Actor("e", "E", frozenset({Role.DEPUTY}))
    with pytest.raises(Refused, match="forbidden"):
        s.decide(session(state), command, other, NOW)
    assert s.in_session(session(state), replace(other, roles=frozenset({Role.DEPUTY, Role.HOST}))).roles == {Role.HOST}


@pytest.mark.parametrize(("topic", "deputies"), [("", ("d",)), ("  ", ("d",)), ("x" * 81, ("d",)), ("x", ())])
def test_a_session_needs_a_topic_and_a_deputy(topic: str, deputies: tuple[str, ...]) -> None:
    with pytest.raises(Refused):
        s.schedule(topic, NOW, deputies, somebody(Role.OFFICE), NOW)


@pytest.mark.parametrize("year", [1, 226, 2020, 2029, 9999])
def test_a_start_in_a_mistyped_year_is_refused_with_the_days_that_are_right(year: int) -> None:
    for zone in (UTC, CHINA):
        start = datetime(year, 12, 31, 23, 59, tzinfo=zone) if year > 1 else datetime(1, 1, 1, tzinfo=zone)
        with pytest.raises(Refused) as caught:
            s.schedule("topic", start, ("d",), somebody(Role.OFFICE), NOW)
        assert caught.value.code == "date_out_of_range"
        assert caught.value.detail == {"first": "2026-02-28", "last": "2028-03-01"}


def test_the_room_shows_the_session_that_matters() -> None:
    live = session(s.SessionState.LIVE)
    coming = s.Session("c", "r", "t", NOW + timedelta(hours=5), ("d",))
    ended = s.Session("e", "r", "t", NOW, ("d",), s.SessionState.ENDED, NOW, NOW)
    assert choose([coming, live, ended], NOW) is live
    assert choose([coming, ended], NOW) is ended
    assert choose([coming, ended], NOW + timedelta(hours=4, minutes=30)) is coming
    assert choose([ended], NOW + timedelta(days=30)) is ended
    assert choose([], NOW) is None


def planned(name: str, hours: float) -> s.Session:
    return s.Session(name, "r", "t", NOW + timedelta(hours=hours), ("d",))


@pytest.mark.parametrize(
    ("sessions", "shown"),
    [
        ([planned("last week", -168), planned("today", 0.1)], "today"),
        ([planned("last week", -168), planned("next week", 160)], "next week"),
        ([planned("not begun", -2), planned("soon", 1)], "soon"),
        ([planned("late", -1), planned("tomorrow", 24)], "late"),
        ([planned("last month", -720), planned("last week", -168)], "last week"),
    ],
)
def test_a_session_that_nobody_began_does_not_hold_the_room(sessions: list[s.Session], shown: str) -> None:
    chosen = choose(sessions, NOW)
    assert chosen is not None
    assert chosen.id == shown
    ended = s.Session("e", "r", "t", NOW, ("d",), s.SessionState.ENDED, NOW, NOW - timedelta(days=2))
    after = choose([*sessions, ended], NOW)
    assert after is (ended if shown == "last week" else chosen)


def test_an_office_may_end_but_a_visitor_may_not() -> None:
    assert may(somebody(Role.OFFICE), Permission.END)
    assert not may(somebody(Role.VISITOR), Permission.END)
