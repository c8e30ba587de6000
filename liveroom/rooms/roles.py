"""Who may do what. Knows no accounts and no passwords: an actor arrives here already recognised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from liveroom.errors import Refused


class Role(StrEnum):
    """A role of the domain; one person can hold several."""

    VISITOR = "visitor"  # 群众
    OPERATOR = "operator"  # 话务员, 民情联络员
    DEPUTY = "deputy"  # 代表
    HOST = "host"  # 主持人
    PRODUCER = "producer"  # 导播
    MODERATOR = "moderator"  # 审核员
    LEAD_MODERATOR = "lead_moderator"  # 审核组长
    OFFICE = "office"  # 人大代表工委
    UNIT_OFFICER = "unit_officer"  # 承办单位经办
    UNIT_HEAD = "unit_head"  # 承办单位负责人
    ADMIN = "admin"  # 管理员
    AUDITOR = "auditor"  # 审计员
    SYSTEM = "system"  # the software itself: a lost publisher, a passed deadline


class Permission(StrEnum):
    """Something a role allows."""

    ASK = "ask"
    SECOND = "second"
    WITHDRAW = "withdraw"
    CONFIRM = "confirm"  # say whether what one asked for is solved
    BROADCAST = "broadcast"
    NOTICE = "notice"  # what only the system sees: the publisher is lost, or back
    TRIAGE = "triage"  # publish, refuse, edit
    UNMERGE = "unmerge"
    APPEALS = "appeals"  # decide what an asker thinks of a refusal
    SHIELD = "shield"
    ENTER = "enter"  # questions of people on the telephone, in the hall, without a phone
    ORDER = "order"
    ON_AIR = "on_air"
    ANSWERED = "answered"
    WORDS = "words"  # see and change word lists
    CUT = "cut"
    END = "end"
    SCHEDULE = "schedule"
    OUTCOME = "outcome"
    ARCHIVE = "archive"
    DRAFT = "draft"
    ADOPT = "adopt"
    REVIEW = "review"  # the office's steps of a suggestion: admit, register, assign
    HANDLE = "handle"  # the unit's steps: accept, contact, prepare a reply
    REPLY = "reply"  # the head's signature under a reply
    EVALUATE = "evaluate"
    IMPORT = "import"  # lists from files: deputies, units, stations, holidays
    CONNECT = "connect"  # webhooks: other programs that are told
    ADMINISTER = "administer"
    AUDIT = "audit"


_P = Permission
_MODERATES = frozenset({_P.TRIAGE, _P.SHIELD, _P.ENTER, _P.ORDER, _P.ON_AIR, _P.ANSWERED, _P.OUTCOME, _P.DRAFT})

GRANTS: Mapping[Role, frozenset[Permission]] = {
    Role.VISITOR: frozenset({_P.ASK, _P.SECOND, _P.WITHDRAW, _P.CONFIRM}),
    Role.OPERATOR: frozenset({_P.ASK, _P.ENTER}),
    Role.DEPUTY: frozenset({_P.BROADCAST, _P.ANSWERED, _P.END, _P.DRAFT, _P.ADOPT, _P.EVALUATE}),
    Role.HOST: frozenset({_P.BROADCAST, _P.ORDER, _P.ON_AIR, _P.ANSWERED, _P.END}),
    Role.PRODUCER: frozenset({_P.BROADCAST, _P.CUT, _P.END}),
    Role.MODERATOR: _MODERATES,
    Role.LEAD_MODERATOR: _MODERATES | {_P.UNMERGE, _P.APPEALS, _P.WORDS, _P.CUT},
    Role.OFFICE: frozenset(
        {_P.CUT, _P.END, _P.SCHEDULE, _P.OUTCOME, _P.ARCHIVE, _P.DRAFT, _P.REVIEW, _P.APPEALS, _P.ENTER, _P.WORDS}
        | {_P.IMPORT, _P.CONNECT}
    ),
    Role.UNIT_OFFICER: frozenset({_P.HANDLE}),
    Role.UNIT_HEAD: frozenset({_P.HANDLE, _P.REPLY}),
    Role.ADMIN: frozenset({_P.ADMINISTER, _P.SCHEDULE, _P.WORDS, _P.IMPORT, _P.CONNECT}),
    Role.AUDITOR: frozenset({_P.AUDIT}),
    Role.SYSTEM: frozenset({_P.NOTICE}),
}

STAFF_OF_THE_DESK = frozenset({Role.MODERATOR, Role.LEAD_MODERATOR, Role.OFFICE, Role.HOST})
"""Who sees questions before they are published."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts: a signed-in account, a visitor's device, or the software itself.

    `id` is the account's identifier, or the device's for a visitor; `unit` is the handling unit of a unit's people.
    """

    id: str
    name: str
    roles: frozenset[Role]
    unit: str | None = None

    @property
    def signed_in(self) -> bool:
        return bool(self.roles - {Role.VISITOR})

    @property
    def sees_desk(self) -> bool:
        return bool(self.roles & STAFF_OF_THE_DESK)


SYSTEM = Actor("system", "system", frozenset({Role.SYSTEM}))


def visitor(device: str) -> Actor:
    """An islander, known by the device only."""
    return Actor(device, "", frozenset({Role.VISITOR}))


def may(actor: Actor, permission: Permission) -> bool:
    """Whether any of the actor's roles grants the permission."""
    return any(permission in GRANTS[role] for role in actor.roles)


def require(actor: Actor, permission: Permission) -> None:
    """Raise `Refused("forbidden")` unless the actor may."""
    if not may(actor, permission):
        raise Refused("forbidden", permission=permission.value)
