"""One scheduled broadcast (场次) from plan to archive. Knows no media packets, no questions and no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from liveroom.clock import day
from liveroom.errors import Refused
from liveroom.rooms.roles import SYSTEM, Actor, Permission, Role, may, require
from liveroom.text import clean, optional_text, readable

TOPIC_LIMIT = 80
REASON_LIMIT = 200
SHIELD_MINUTES, SHIELD_LONGEST = 10, 60
EARLIEST, LATEST = timedelta(days=1), timedelta(days=731)
"""How long before now a session may have begun that is planned only now, and how far ahead one may be planned."""


class SessionState(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    REHEARSAL = "rehearsal"
    LIVE = "live"
    INTERRUPTED = "interrupted"
    CUT = "cut"
    ENDED = "ended"
    DISPOSITION = "disposition"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"


_S = SessionState
OPEN_FOR_QUESTIONS = frozenset({_S.SCHEDULED, _S.REHEARSAL, _S.LIVE, _S.INTERRUPTED, _S.CUT})
ON_THE_AIR = frozenset({_S.LIVE, _S.INTERRUPTED, _S.CUT})
BEFORE = frozenset({_S.DRAFT, _S.SCHEDULED, _S.REHEARSAL})
OVER = frozenset({_S.ENDED, _S.DISPOSITION, _S.ARCHIVED, _S.CANCELLED})


@dataclass(frozen=True, slots=True)
class Session:
    """A session as it stands. `deputies` are account identifiers; times are aware and in UTC."""

    id: str
    room: str
    topic: str
    starts_at: datetime
    deputies: tuple[str, ...]
    state: SessionState = SessionState.SCHEDULED
    started_at: datetime | None = None
    ended_at: datetime | None = None
    archived_at: datetime | None = None
    cut_reason: str = ""
    shield_until: datetime | None = None

    def shielded(self, now: datetime) -> bool:
        """Whether new questions are held: the shield is up and has not come down by itself."""
        return self.shield_until is not None and now < self.shield_until

    def offset_ms(self, now: datetime) -> int:
        """Milliseconds since the broadcast began; 0 before it."""
        return max(0, int((now - self.started_at).total_seconds() * 1000)) if self.started_at else 0


class SessionCommand(msgspec.Struct, frozen=True, tag_field="type", forbid_unknown_fields=True):
    """A wish concerning the session as a whole."""


class GoLive(SessionCommand, tag="go_live", frozen=True):
    """The publisher's media flow: the broadcast begins, or goes on."""


class Interrupt(SessionCommand, tag="interrupt", frozen=True):
    """The publisher is lost."""


class CutOff(SessionCommand, tag="cut", frozen=True):
    """即时阻断: media and publication stop at once."""

    reason: str


class LiftCut(SessionCommand, tag="resume", frozen=True):
    """The cut is over; the session waits for its publisher."""


class RaiseShield(SessionCommand, tag="raise_shield", frozen=True):
    """A flood: hold what comes in, let everybody ask less often; for some minutes, then it is over by itself."""

    minutes: int = SHIELD_MINUTES


class LowerShield(SessionCommand, tag="lower_shield", frozen=True):
    """The flood is over already."""


class End(SessionCommand, tag="end", frozen=True):
    """The broadcast is over."""


class BeginDisposition(SessionCommand, tag="begin_disposition", frozen=True):
    """Somebody starts to give outcomes."""


class Archive(SessionCommand, tag="archive", frozen=True):
    """Every question has its outcome: close the file."""


class Cancel(SessionCommand, tag="cancel", frozen=True):
    """The session does not take place."""

    reason: str = ""


class SessionEvent(msgspec.Struct, frozen=True, tag_field="type"):
    """A fact about the session."""


class SessionScheduled(SessionEvent, tag="session_scheduled", frozen=True):
    topic: str
    starts_at: datetime
    deputies: tuple[str, ...]


class WentLive(SessionEvent, tag="went_live", frozen=True):
    at: datetime


class Interrupted(SessionEvent, tag="interrupted", frozen=True):
    at: datetime


class CameBack(SessionEvent, tag="came_back", frozen=True):
    at: datetime


class WasCut(SessionEvent, tag="was_cut", frozen=True):
    at: datetime
    reason: str


class CutLifted(SessionEvent, tag="cut_lifted", frozen=True):
    at: datetime


class ShieldRaised(SessionEvent, tag="shield_raised", frozen=True):
    at: datetime
    until: datetime


class ShieldLowered(SessionEvent, tag="shield_lowered", frozen=True):
    at: datetime


class SessionEnded(SessionEvent, tag="session_ended", frozen=True):
    at: datetime


class DispositionBegan(SessionEvent, tag="disposition_began", frozen=True):
    at: datetime


class SessionArchived(SessionEvent, tag="session_archived", frozen=True):
    at: datetime


class SessionCancelled(SessionEvent, tag="session_cancelled", frozen=True):
    at: datetime
    reason: str


AnySessionEvent = (
    SessionScheduled
    | WentLive
    | Interrupted
    | CameBack
    | WasCut
    | CutLifted
    | ShieldRaised
    | ShieldLowered
    | SessionEnded
    | DispositionBegan
    | SessionArchived
    | SessionCancelled
)


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may give a command, and in which states it means something."""

    permission: Permission
    sources: frozenset[SessionState]


RULES: Mapping[type[SessionCommand], Rule] = {
    GoLive: Rule(Permission.BROADCAST, frozenset({_S.SCHEDULED, _S.REHEARSAL, _S.INTERRUPTED})),
    Interrupt: Rule(Permission.NOTICE, frozenset({_S.LIVE})),
    CutOff: Rule(Permission.CUT, frozenset({_S.LIVE, _S.INTERRUPTED})),
    LiftCut: Rule(Permission.CUT, frozenset({_S.CUT})),
    RaiseShield: Rule(Permission.SHIELD, OPEN_FOR_QUESTIONS),
    LowerShield: Rule(Permission.SHIELD, OPEN_FOR_QUESTIONS),
    End: Rule(Permission.END, ON_THE_AIR),
    BeginDisposition: Rule(Permission.OUTCOME, frozenset({_S.ENDED})),
    Archive: Rule(Permission.ARCHIVE, frozenset({_S.ENDED, _S.DISPOSITION})),
    Cancel: Rule(Permission.SCHEDULE, BEFORE),
}


def schedule(topic: str, starts_at: datetime, deputies: tuple[str, ...], by: Actor, now: datetime) -> SessionScheduled:
    """The fact of a new session.

    Refuses an empty or overlong topic, a session without a deputy, and a start that is a slip of the pen.
    """
    require(by, Permission.SCHEDULE)
    topic = optional_text(topic, "topic", TOPIC_LIMIT)
    if not readable(topic):
        raise Refused("topic_missing")
    if not deputies:
        raise Refused("deputy_missing")
    first, last = now - EARLIEST, now + LATEST
    if not first <= starts_at <= last:
        days = [day(moment).isoformat() for moment in (first, last)]
        raise Refused("date_out_of_range", first=days[0], last=days[1])
    return SessionScheduled(topic=topic, starts_at=starts_at, deputies=deputies)


def in_session(session: Session, actor: Actor) -> Actor:
    """The actor with the roles that count in this session: a deputy is one only where the session names them."""
    if Role.DEPUTY not in actor.roles or actor.id in session.deputies:
        return actor
    return replace(actor, roles=actor.roles - {Role.DEPUTY})


def possible(session: Session, command: type[SessionCommand], actor: Actor) -> bool:
    """Whether this person may give the command now."""
    rule = RULES[command]
    return session.state in rule.sources and may(in_session(session, actor), rule.permission)


def may_broadcast(session: Session, actor: Actor) -> bool:
    """A deputy broadcasts only in sessions that name them; host and producer in any."""
    return may(in_session(session, actor), Permission.BROADCAST)


def decide(
    session: Session, command: SessionCommand, by: Actor, now: datetime, *, without_outcome: tuple[str, ...] = ()
) -> list[AnySessionEvent]:
    """The facts that follow from a command.

    `without_outcome` lists the labels of questions that have none yet. Raises `Refused` with `forbidden`,
    `wrong_state`, `reason_missing`, `too_long`, `bad_choice` or `outcomes_missing`.
    """
    rule = RULES[type(command)]
    if not (rule.permission is Permission.BROADCAST and by is SYSTEM):
        require(in_session(session, by), rule.permission)
    if session.state not in rule.sources:
        raise Refused("wrong_state", state=session.state.value)
    match command:
        case GoLive():
            return [CameBack(now) if session.started_at else WentLive(now)]
        case Interrupt():
            return [Interrupted(now)]
        case CutOff(reason=reason):
            return [WasCut(now, _reason(reason))]
        case LiftCut():
            return [CutLifted(now)]
        case RaiseShield(minutes=minutes):
            if not 1 <= minutes <= SHIELD_LONGEST:
                raise Refused("bad_choice", field="minutes")
            return [ShieldRaised(now, now + timedelta(minutes=minutes))]
        case LowerShield():
            return [ShieldLowered(now)] if session.shielded(now) else []
        case End():
            return [SessionEnded(now)]
        case BeginDisposition():
            return [DispositionBegan(now)]
        case Archive():
            if without_outcome:
                raise Refused("outcomes_missing", questions=list(without_outcome))
            return [SessionArchived(now)]
        case Cancel(reason=reason):
            return [SessionCancelled(now, clean(reason)[:REASON_LIMIT])]
    raise TypeError(command)


def apply(session: Session, event: SessionEvent) -> Session:
    """The session after a fact."""
    match event:
        case SessionScheduled(topic=topic, starts_at=starts_at, deputies=deputies):
            return replace(session, topic=topic, starts_at=starts_at, deputies=deputies, state=_S.SCHEDULED)
        case WentLive(at=at):
            return replace(session, state=_S.LIVE, started_at=at)
        case Interrupted():
            return replace(session, state=_S.INTERRUPTED)
        case CameBack():
            return replace(session, state=_S.LIVE)
        case WasCut(reason=reason):
            return replace(session, state=_S.CUT, cut_reason=reason)
        case CutLifted():
            return replace(session, state=_S.INTERRUPTED, cut_reason="")
        case ShieldRaised(until=until):
            return replace(session, shield_until=until)
        case ShieldLowered():
            return replace(session, shield_until=None)
        case SessionEnded(at=at):
            return replace(session, state=_S.ENDED, ended_at=at, shield_until=None)
        case DispositionBegan():
            return replace(session, state=_S.DISPOSITION)
        case SessionArchived(at=at):
            return replace(session, state=_S.ARCHIVED, archived_at=at)
        case SessionCancelled():
            return replace(session, state=_S.CANCELLED)
    raise TypeError(event)


def _reason(text: str) -> str:
    text = optional_text(text, "reason", REASON_LIMIT)
    if not readable(text):
        raise Refused("reason_missing")
    return text
