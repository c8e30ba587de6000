"""Every step of a suggestion, its public history and the figures. Knows no page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from liveroom.clock import CHINA, Clock
from liveroom.errors import Refused, Stale, Unavailable
from liveroom.matters import suggestion
from liveroom.matters.calendar import WorkingDays, add_months, working_days_until
from liveroom.matters.suggestion import SUGGESTION, Matter
from liveroom.matters.table import DEFAULT, RuleSet
from liveroom.ports.bus import Bus, matter_topic
from liveroom.ports.matters import Line, Matters
from liveroom.ports.people import People
from liveroom.ports.rooms import Records, Sitting
from liveroom.qa.question import Question
from liveroom.rooms.roles import Actor, Permission, Role, may

TRIES = 5
_SHOWN_VALUES = frozenset(
    {"deputy_name", "unit_name", "due", "class", "text", "promise_due", "evaluation", "reason", "number"}
)


@dataclass(frozen=True, slots=True)
class Followed:
    """What the holder of a tracking code may see."""

    sitting: Sitting
    question: Question
    votes: Mapping[str, int]
    matter: Matter | None
    history: list[Line]


class FollowingUp:
    """Suggestions: steps, lists, histories."""

    def __init__(
        self,
        matters: Matters,
        records: Records,
        people: People,
        bus: Bus,
        clock: Clock,
        days: WorkingDays,
        rules: RuleSet = DEFAULT,
    ) -> None:
        self._matters = matters
        self._records = records
        self._people = people
        self._bus = bus
        self._clock = clock
        self._days = days
        self._rules = rules

    async def step(self, matter_id: str, command: str, values: Mapping[str, str], by: Actor) -> Matter:
        """One step of the workflow, committed. Raises what `suggestion.decide` raises."""
        names = await self._names()
        for _ in range(TRIES):
            matter = await self.see(matter_id, by)
            now = self._clock()
            number = await self._matters.next_number(now.astimezone(CHINA).year) if command == "register" else ""
            today = self.today()
            again_due = add_months(today, self._rules.rehandling_months)
            events = suggestion.decide(matter, command, values, by, names, today, number, again_due)
            try:
                after = await self._matters.save(matter, events, by, now)
            except Stale:
                continue
            await self._bus.publish(matter_topic(matter_id))
            return after
        raise Unavailable("too many people changed this suggestion at once")

    async def see(self, matter_id: str, by: Actor) -> Matter:
        """The suggestion, for those whose work it is; to everybody else it does not exist."""
        matter = await self._matters.load(matter_id)
        if not concerns(matter, by):
            raise Refused("not_found")
        return matter

    async def work_list(self, by: Actor) -> list[Matter]:
        """Everything open that concerns this person: what they can do something about first, then by due date."""
        found = [m for m in await self._matters.all(SUGGESTION.open_states) if concerns(m, by)]
        return sorted(found, key=lambda m: (not urgent(m, by), m.due or date.max))

    async def public_list(self, states: frozenset[str] | None = None) -> list[Matter]:
        """Registered suggestions, newest first."""
        return [m for m in await self._matters.all(states) if m.public]

    async def by_number(self, number: str) -> Matter:
        matter = await self._matters.by_number(number)
        if matter is None:
            raise Refused("not_found")
        return matter

    async def history(self, matter: Matter, *, public: bool = True) -> list[Line]:
        """The steps, oldest first; in public without internal ones and without what concerns the staff only."""
        lines = await self._matters.history(matter.id)
        if not public:
            return lines
        return [_public(line) for line in lines if suggestion.is_public(line.event)]

    async def follow(self, code: str) -> Followed:
        """The question behind a tracking code and everything that came of it; `not_found`."""
        found = await self._records.find_question(code)
        if found is None:
            raise Refused("not_found")
        sitting = await self._records.load(found[0])
        question = sitting.queue.questions[found[1]]
        # Whoever was merged follows what becomes of the question that speaks for them.
        root = sitting.queue.root(question)
        votes = await self._records.votes(found[0])
        matter = await self._matters.load(root.matter) if root.matter else None
        history = await self.history(matter) if matter else []
        return Followed(sitting, question, votes, matter, history)

    def today(self) -> date:
        return self._clock().astimezone(CHINA).date()

    def suggested_due(self) -> date:
        """When a reply is due by the rules, counted from today."""
        return add_months(self.today(), self._rules.reply_months)

    def days_left(self, matter: Matter) -> int | None:
        """Working days until the reply is due, negative when overdue; None when nothing is due."""
        if matter.due is None or matter.state not in {"assigned", "handling", "rehandling"}:
            return None
        return working_days_until(self.today(), matter.due, self._days)

    def days_are_known(self, matter: Matter) -> bool:
        """Whether the holidays until then are published; otherwise `days_left` is a guess."""
        return matter.due is None or self._days.covers(matter.due)

    async def figures(self) -> dict[str, int]:
        """Questions and suggestions so far, as the home page shows them."""
        sessions = await self._records.sessions()
        tallies = await self._records.tallies([session.id for session in sessions])
        listed = await self.public_list()
        closed = [m for m in listed if m.state in {"closed", "closed_explained", "closed_unsolved"}]
        return {
            "questions": sum(tally.questions for tally in tallies.values()),
            "answered": sum(tally.questions - tally.without_outcome for tally in tallies.values()),
            "suggestions": len(listed),
            "closed": len(closed),
            "solved": sum(m.state == "closed" and m.reply_class == "A" for m in closed),
        }

    async def recently_replied(self, count: int) -> list[Matter]:
        """Suggestions with a reply, newest first."""
        return [m for m in await self.public_list() if m.reply_class][:count]

    async def _names(self) -> dict[str, str]:
        units = {unit.id: unit.name for unit in await self._matters.units()}
        accounts = await self._people.accounts()
        return units | {account.id: account.name for account in accounts if Role.DEPUTY in account.roles}


def has_work(by: Actor) -> bool:
    """Whether the work list is for this person: whoever may take any step of a suggestion."""
    return any(may(by, row.permission) for row in SUGGESTION.rows)


def concerns(matter: Matter, by: Actor) -> bool:
    """Whose work a suggestion is: drafts of whoever may draft, the office's all, a deputy's own, a unit's own."""
    if may(by, Permission.REVIEW):
        return True
    if matter.state == "draft" and may(by, Permission.DRAFT):
        return True
    if Role.DEPUTY in by.roles and matter.deputy == by.id:
        return True
    return bool(by.unit) and matter.unit == by.unit


def urgent(matter: Matter, by: Actor) -> bool:
    """Whether it is this person's turn."""
    return any(row.command not in {"edit", "withdraw"} for row in suggestion.possible(matter, by))


def _public(line: Line) -> Line:
    values = {name: value for name, value in line.event.values.items() if name in _SHOWN_VALUES}
    if line.event.what in {"contact", "return", "decline"}:
        values.pop("text", None)
    event = suggestion.MatterStep(line.event.what, line.event.to, values)
    return Line(line.seq, line.at, "", "", event)
