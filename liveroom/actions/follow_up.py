"""What people do about matters and see of them: steps, work lists, public lists, histories, figures. Knows no page."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from liveroom.actions.instead import outcomes_instead
from liveroom.actions.matter_steps import TRIES, MatterSteps
from liveroom.clock import Clock, day
from liveroom.errors import Refused, Stale, Unavailable
from liveroom.matters import engine
from liveroom.matters.calendar import WorkingDays, add_working_days, working_days_until
from liveroom.matters.enclosures import CARRYING
from liveroom.matters.guards import Circumstances
from liveroom.matters.matter import Matter
from liveroom.matters.parties import FOR_EVERYBODY, UNSAID, names_of, reads_drafts, turns_of
from liveroom.matters.replay import apply
from liveroom.matters.rules import RuleSet
from liveroom.matters.sight import Sight, everybody_reads, is_told_of, sight
from liveroom.matters.telling import ASKED, told_of
from liveroom.matters.workflow import Row
from liveroom.ports.matters import PAGE, Line, Listed, MatterChange, Matters, Order, Page, Wanted
from liveroom.ports.rooms import Records, Sitting
from liveroom.ports.rules import RuleBook
from liveroom.qa.question import Question
from liveroom.rooms.roles import Actor, Permission, may
from liveroom.rooms.session import Session

KIND = "suggestion"
"""What the public list and the figures are about."""

_SHOWN_VALUES = frozenset(
    {
        "deputy_name",
        "unit_name",
        "co_units_names",
        "signer_name",
        "due",
        "until",
        "was",
        "late",
        "class",
        "text",
        "promise_due",
        "into",
        "linked",
    }
    | {"evaluation", "attitude", "result", "solved", "found", "outcome", "instead", "reason", "note", "number", "clock"}
    | {"submitted_on", "assigned_on", "replied_on", "closed_on", "referred_to", "answer", "order_number"}
)
_LINKING = {"consolidate": ("into", "into_id"), "took_in": ("linked", "matter"), "let_go": ("linked", "matter")}
"""Steps that name another matter: in which value everybody reads its number, and which one is its identifier."""

_UNSAID = {"contact": {"text", "note"}, "return": {"text"}, "call_back": {"note"}}


@dataclass(frozen=True, slots=True)
class Followed:
    """What the holder of a tracking code may see."""

    sitting: Sitting
    question: Question
    votes: Mapping[str, int]
    matter: Matter | None
    history: list[Line]


class FollowingUp:
    """Matters: steps, lists, histories."""

    def __init__(
        self,
        matters: Matters,
        records: Records,
        steps: MatterSteps,
        rules: RuleBook,
        clock: Clock,
        days: WorkingDays,
    ) -> None:
        self._matters = matters
        self._records = records
        self._steps = steps
        self._rules = rules
        self._clock = clock
        self._days = days

    async def begin(self, matter: Matter, command: str, values: Mapping[str, str], by: Actor) -> Matter:
        """A new matter that comes from no question, such as a work order. Raises what `engine.begin` raises."""
        return await self._steps.begin(matter, command, values, by)

    async def note(self, matter: Matter, what: str, values: Mapping[str, str], by: Actor) -> None:
        """A line of `by` for those whose work it is, which leaves the matter where it stands."""
        for _ in range(TRIES):
            newest = await self._matters.load(matter.id)
            fact = engine.note(newest, what, values, self.today(), internal=True)
            try:
                await self._matters.save([MatterChange(newest, [fact])], by, self._clock())
            except Stale:
                continue
            await self._steps.ring([MatterChange(newest, [fact])])
            return
        raise Unavailable("too many people changed this matter at once")

    async def step(
        self, matter_id: str, command: str, values: Mapping[str, str], by: Actor, *, at: int | None = None
    ) -> Matter:
        """One step, committed. Raises what `engine.decide` raises.

        `at` is the number of steps that the caller has seen: refused with `tag_differs` when there are others.
        """
        for _ in range(TRIES):
            matter = await self.see(matter_id, by)
            if at is not None and matter.seq != at:
                raise Refused("tag_differs")
            try:
                return await self._take(matter, command, values, by)
            except Stale:
                continue
        raise Unavailable("too many people changed this matter at once")

    async def _take(self, matter: Matter, command: str, values: Mapping[str, str], by: Actor) -> Matter:
        """With what becomes of its questions, where something else happens instead of the matter."""
        changes, now = await self._steps.prepare(matter, command, values, by), self._clock()
        outcomes = await outcomes_instead(self._records, changes, by, now)
        if outcomes is None:
            await self._matters.save(changes, by, now)
        else:
            sitting, facts = outcomes
            await self._records.save(sitting, facts, by, now, drafts=changes)
            await self._steps.ring_session(sitting.session.id)
        await self._steps.ring(changes)
        return apply(matter, changes[0].events)

    async def see(self, matter_id: str, by: Actor) -> Matter:
        """The matter, for those whose work it is; to everybody else it does not exist."""
        matter = await self._matters.load(matter_id)
        if sight(matter, by) < Sight.WHOLE:
            raise Refused("not_found")
        return matter

    async def rules_of(self, matter: Matter | Listed) -> RuleSet:
        """The rule set by which it goes."""
        return await self._rules.get(matter.rules)

    async def possible(self, matter: Matter, by: Actor) -> list[Row]:
        """The steps that this person may take now."""
        return engine.possible(matter, await self.rules_of(matter), by)

    async def obstacles(self, matter: Matter, row: Row) -> list[Refused]:
        """What must happen before that step can be taken."""
        at = Circumstances(self.today(), self._days)
        return engine.obstacles(matter, await self.rules_of(matter), row, at)

    async def takes_files(self, matter: Matter, by: Actor) -> bool:
        """Whether a step that takes attachments along is open to this person now."""
        return any(row.command in CARRYING for row in await self.possible(matter, by))

    async def open_steps_of(self, matter_id: str, codes: Collection[str] = ()) -> frozenset[int]:
        """The same by identifier; `not_found`."""
        return await self.open_steps(await self._matters.load(matter_id), codes)

    async def open_steps(self, matter: Matter, codes: Collection[str] = ()) -> frozenset[int]:
        """The steps of which everybody, or whoever holds these codes, may see the whole: nothing of them is unsaid."""
        if sight(matter, codes=codes) < Sight.FACE:
            return frozenset()
        return frozenset(line.seq for line in await self.history(matter) if line.event.what not in _UNSAID)

    async def work_list(
        self,
        by: Actor,
        *,
        turn: bool,
        wanted: Wanted | None = None,
        after: str = "",
        order: Order = Order.DUE,
        limit: int = PAGE,
    ) -> Page:
        """What is open and concerns this person: what is their turn, or else everything; what is due first."""
        wanted = replace(wanted or Wanted(), final=False)
        if turn:
            wanted = replace(wanted, parties=_some(turns_of(by)))
        return await self._matters.find(self._theirs(wanted, by), order, after, limit)

    async def all_of(
        self, by: Actor, wanted: Wanted, order: Order = Order.NEWEST, after: str = "", limit: int = PAGE
    ) -> Page:
        """Open or not, whatever concerns this person."""
        return await self._matters.find(self._theirs(wanted, by), order, after, limit)

    async def turns(self, by: Actor, rows: Sequence[Listed]) -> frozenset[str]:
        """Those of them, by identifier, that are this person's turn."""
        return await self._matters.concerning([row.id for row in rows], turns_of(by))

    async def public_list(self, wanted: Wanted | None = None, after: str = "", limit: int = PAGE) -> Page:
        """Numbered suggestions and commitments that are not confidential, newest first.

        Work orders never: they hold what somebody told a hotline, and nobody has read it before.
        """
        wanted = wanted or Wanted()
        kinds = tuple(kind for kind in wanted.kinds or sorted(FOR_EVERYBODY) if kind in FOR_EVERYBODY)
        if not kinds:
            return Page([])
        return await self._matters.find(replace(wanted, kinds=kinds, public=True), after=after, limit=limit)

    async def by_number(self, number: str) -> Matter:
        """What everybody may see; `not_found`."""
        matter = await self._matters.by_number(number)
        if matter is None or not everybody_reads(matter):
            raise Refused("not_found")
        return matter

    async def history(self, matter: Matter) -> list[Line]:
        """The public steps, oldest first, without what concerns the staff only.

        Of a confidential matter nothing is told, nor its number in the history of one that it is linked with.
        """
        return [line for line in await self.told_of(matter) if line.event.what != ASKED]

    async def told_of(self, matter: Matter) -> list[Line]:
        """The same with what is told of other steps besides: that those who asked have their say now."""
        if not is_told_of(matter):
            return []
        lines = await self._matters.history(matter.id)
        told = zip(lines, told_of(line.event for line in lines), strict=True)
        return [await self._public(replace(line, event=event)) for line, event in told if event is not None]

    async def tells(self, matter_id: str, command: str) -> bool:
        """Whether those who follow a matter are told of such a step of it; `not_found`."""
        history = await self.history(await self._matters.load(matter_id))
        return any(line.event.what == command for line in history)

    async def history_for(self, matter: Matter, by: Actor) -> list[Line]:
        """All steps, as this person may read them whose work it is."""
        lines = await self._matters.history(matter.id)
        return lines if reads_drafts(by) else [line for line in lines if line.event.what not in UNSAID]

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
        if matter is not None and matter.continued_in:
            # The session was archived before: its question names the suggestion still.
            matter = await self._matters.load(matter.continued_in)
        if matter is None or sight(matter, codes=[root.id]) < Sight.FACE:
            return Followed(sitting, question, votes, None, [])
        return Followed(sitting, question, votes, matter, await self.history(matter))

    def today(self) -> date:
        return day(self._clock())

    async def suggested_due(self, matter: Matter | None = None) -> date:
        """When a reply is due by the rules, counted from today; of a suggestion when no matter is given."""
        rules = await self.rules_of(matter) if matter else await self._rules.current()
        kind = rules.kind(matter.kind if matter else KIND)
        clocks = [rules.clocks[name] for state in kind.states.values() for name in state.clocks]
        clock = next((clock for clock in clocks if clock.dated_by == "due"), None)
        return clock.ends(self.today(), self._days) if clock else self.today()

    async def archive_due(self, session: Session) -> date | None:
        """The last day for archiving a session that has ended, by the rules in force; None of any other."""
        if session.ended_at is None or session.archived_at is not None:
            return None
        limits = (await self._rules.current()).limits
        return add_working_days(day(session.ended_at), limits.archive_days, self._days)

    def days_left(self, matter: Matter | Listed) -> int | None:
        """Working days until the running clock ends, negative when it has; None when none runs."""
        return None if matter.due is None else working_days_until(self.today(), matter.due, self._days)

    def days_until(self, due: date) -> int:
        """Working days until then, negative when it is past."""
        return working_days_until(self.today(), due, self._days)

    def is_known(self, due: date) -> bool:
        """Whether the holidays until then are published; otherwise `days_until` is a guess."""
        return self._days.covers(due)

    def days_are_known(self, matter: Matter | Listed) -> bool:
        """Whether the holidays until then are published; otherwise `days_left` is a guess."""
        return matter.due is None or self._days.covers(matter.due)

    async def figures(self) -> dict[str, int]:
        """Questions and suggestions so far, as the home page shows them."""
        sessions = await self._records.sessions()
        tallies = await self._records.tallies([session.id for session in sessions])
        listed = Wanted(kinds=(KIND,), public=True)
        return {
            "questions": sum(tally.questions for tally in tallies.values()),
            "answered": sum(tally.questions - tally.without_outcome for tally in tallies.values()),
            "suggestions": await self._matters.count(listed),
            "closed": await self._matters.count(replace(listed, final=True, replied=True)),
            "solved": await self._matters.count(replace(listed, ends=("solved",), reopened=False)),
        }

    async def recently_replied(self, count: int) -> list[Listed]:
        """Suggestions with a reply, newest first."""
        wanted = Wanted(kinds=(KIND,), public=True, replied=True)
        return list((await self._matters.find(wanted, limit=count)).rows)

    async def _public(self, line: Line) -> Line:
        event = line.event
        unsaid = _UNSAID.get(event.what, set())
        values = {name: value for name, value in event.values.items() if name in _SHOWN_VALUES - unsaid}
        if event.what in _LINKING:
            shown, names = _LINKING[event.what]
            # Whether the other one may be spoken of is asked anew each time: it can become confidential.
            other = await self._matters.load(event.values[names]) if event.values.get(names) else None
            values |= {shown: other.number if other is not None and everybody_reads(other) else ""}
        said = type(event)(event.what, event.to, values, day=event.day, end=event.end, again=event.again)
        return Line(line.seq, line.at, "", "", said)

    def _theirs(self, wanted: Wanted, by: Actor) -> Wanted:
        """No more than is theirs, whatever else is wanted."""
        return wanted if may(by, Permission.REVIEW) else replace(wanted, theirs=_some(names_of(by)))


def _some(names: frozenset[str]) -> tuple[str, ...]:
    """Whoever is no party sees nothing: no condition would mean everything."""
    return tuple(sorted(names)) or ("nobody",)
