"""Reminders of the staff against real databases: each person once of each step, in a year, and whoever is killed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from liveroom.actions.keep_addresses import KeepingAddresses
from liveroom.actions.remind import Reminding
from liveroom.actions.tell import Telling
from liveroom.actions.verify import Verifying
from liveroom.actions.work_off import WorkingOff
from liveroom.clock import CHINA
from liveroom.contacts import Channel, Contact
from liveroom.errors import Refused, Stale, Unavailable
from liveroom.notices.followers import NoticeState, Way
from liveroom.notices.timing import Quiet
from liveroom.ports.matters import Unit
from liveroom.ports.notices import Letter
from liveroom.ports.people import Account
from liveroom.ports.reminders import OwnAddress, Reminded
from liveroom.rooms.roles import Actor, Role
from liveroom.storage.addresses import SqlAddresses, addresses
from liveroom.storage.database import Database
from liveroom.storage.jobs import jobs
from liveroom.storage.matters import REMIND
from liveroom.storage.notices import DELIVER, SqlNotices, notices
from liveroom.storage.people import SqlPeople
from liveroom.storage.reminders import SqlReminders
from liveroom.storage.rule_sets import SqlRuleBook
from liveroom.storage.vault import Seal, SqlVault
from tests.support.island import Post
from tests.support.unused import UNUSED
from tests.support.year import DEPUTY, OFFICE, START, WATER, Year

QUIET = Quiet(time(21), time(8))
MORNING = time(9, 30)
NOON = START + timedelta(hours=3)
OFFICER = Actor("w", "水务局经办", frozenset({Role.UNIT_OFFICER}), "water")
ADMIN = Actor("admin", "管理员", frozenset({Role.ADMIN}))
STAFF = (OFFICE, DEPUTY, WATER, OFFICER)


class Plain:
    """Writes the reasons, one a line."""

    def staff_mail(self, to: OwnAddress, name: str, told: Sequence[Reminded], key: str, at: datetime) -> Letter:
        return Letter(key, at, to.language, "\n".join(one.why.value for one in told), "")

    staff_sms = staff_mail


class Office(Year):
    """The year, with everybody who is reminded in it."""

    def __init__(self, database: Database, rules: SqlRuleBook) -> None:
        super().__init__(database, rules)
        seal, self.post, self.people = Seal("k" * 32), Post(), SqlPeople(database)
        self.addresses, self.reminders = SqlAddresses(database, seal), SqlReminders(database, seal)
        verifying = Verifying(SqlVault(database, seal), dict.fromkeys(Channel, self.post), self.clock)
        self.keeping = KeepingAddresses(self.addresses, verifying, self.people, self.matters)
        self.reminding = Reminding(self.reminders, self.addresses, self.people, Plain(), self.clock, QUIET, MORNING)
        self.notices = SqlNotices(database, seal)
        self.telling = Telling(
            UNUSED,
            self.notices,
            UNUSED,
            UNUSED,
            self.matters,
            UNUSED,
            {Way.MAIL: self.post, Way.SMS: self.post},
            self.jobs,
            self.clock,
            QUIET,
            time(8),
            UNUSED,
            self.reminding,
        )
        self.works |= {REMIND: self.reminding.work, DELIVER: self.telling.deliver}
        self.worker = WorkingOff(self.jobs, self.works, self.clock)

    async def reached(self, by: Actor, written: str) -> None:
        await self.keeping.choose(by, written, "network")
        await self.keeping.confirm(by, self.post.codes[written], "https://live.example.org")

    async def reminded(self, by: Actor) -> list[str]:
        """Why somebody was told, oldest first."""
        return [one.why.value for one in reversed(await self.reminding.of(by))]

    async def states(self) -> Counter[str]:
        async with self.database.read() as connection:
            return Counter(await connection.scalars(sa.select(notices.c.state)))


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> Office:
    made = Office(database, await SqlRuleBook.open(database, tmp_path, "standard", START))
    for unit in (Unit("water", "水务局"), Unit("money", "财政局")):
        await made.matters.add_unit(unit)
    for person in (*STAFF, ADMIN):
        account = Account(person.id, person.id, person.name, person.roles, person.unit)
        await made.people.add_account(account)
    return made


async def test_in_a_year_each_reminder_overdue_and_listing_reaches_each_person_once(office: Office) -> None:
    await office.reached(OFFICER, "officer@example.org")
    await office.reached(WATER, "13800000021")
    await office.assigned()
    await office.until(START + timedelta(days=365))
    assert await office.reminded(OFFICER) == [
        "assigned",
        "reminder",  # of the acceptance
        "due",
        "assigned",  # accepted by silence
        "reminder",  # of the reply, 15 and 5 days before its end
        "reminder",
        "due",
        "overdue",
    ]
    assert await office.reminded(WATER) == ["overdue", "listed"], "the head"
    assert await office.reminded(OFFICE) == ["turn", "listed"]
    # Nobody is at work when it is midnight: what happens then comes with the morning's message.
    sent: dict[str, list[tuple[str, str]]] = {}
    for to, letter in office.post.letters:
        sent.setdefault(to, []).append((letter.at.astimezone(CHINA).strftime("%m-%d %H:%M"), letter.text))
    assert sent == {
        "officer@example.org": [
            ("01-05 09:30", "assigned"),
            ("01-12 09:30", "reminder"),
            ("01-14 09:30", "due"),
            ("01-15 09:30", "assigned"),
            ("03-21 09:30", "reminder"),
            ("03-31 09:30", "reminder"),
            ("04-05 09:30", "due"),
            ("04-06 09:30", "overdue"),
        ],
        "13800000021": [("04-06 09:30", "overdue"), ("04-14 09:30", "listed")],
    }
    assert await office.states() == {"sent": 12}
    assert await office.open_jobs() == {}


async def test_a_morning_is_one_message_and_what_lands_on_a_unit_comes_at_once(office: Office) -> None:
    await office.reached(OFFICER, "officer@example.org")
    await office.reached(OFFICE, "office@example.org")
    for name in ("a", "b", "c"):
        await office.begin(name)
        await office.take(name, "adopt", DEPUTY, signature="林")
    await office.work_off()
    assert office.post.letters == []
    assert (await office.telling.counts(OFFICE))[NoticeState.WAITING] == 3, "what stands on a work list alone is none"
    assert (await office.telling.counts(OFFICE))[NoticeState.SENT] == 0
    await office.until(START + timedelta(hours=1))
    assert office.post.to("office@example.org") == ["turn\nturn\nturn"]
    office.now = START + timedelta(hours=6)
    await office.assigned("d")
    await office.assigned("e")
    await office.work_off()
    assert office.post.to("officer@example.org") == ["assigned", "assigned"]
    # In the evening it waits for the next morning, with everything else.
    office.now = START.replace(hour=14)
    await office.assigned("f")
    await office.assigned("g")
    await office.work_off()
    assert office.post.to("officer@example.org") == ["assigned", "assigned"]
    await office.until(START + timedelta(days=1, hours=2))
    assert office.post.to("officer@example.org")[2:] == ["assigned\nassigned"]
    keys = [letter.key for _, letter in office.post.letters]
    assert len(set(keys)) == len(keys)


async def test_two_processes_at_once_remind_each_person_once(office: Office) -> None:
    office.now = NOON
    await office.reached(OFFICER, "officer@example.org")
    for n in range(12):
        await office.assigned(f"m{n}")
    workers = [WorkingOff(office.jobs, office.works, office.clock) for _ in range(3)]

    async def work(worker: WorkingOff) -> None:
        while (due := await office.jobs.next_due(office.now, office.works)) is not None and due <= office.now:
            await worker.work_off()

    await asyncio.gather(*(work(worker) for worker in workers))
    assert office.post.to("officer@example.org") == ["assigned"] * 12
    assert await office.reminded(OFFICER) == ["assigned"] * 12


async def test_who_is_killed_between_sending_and_noting_it_sends_the_same_letter_again(office: Office) -> None:
    office.now = NOON
    await office.reached(OFFICER, "officer@example.org")
    await office.assigned()
    taken = await office.jobs.take(office.now, [REMIND], 9)
    for job in taken:
        await office.reminding.work(job)
        with pytest.raises(Stale):
            # Its job has ended with its rows: nobody is told a second time.
            await office.reminding.work(job)
    (letter,) = await office.jobs.take(office.now, [DELIVER], 9)
    office.post.problem = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        await office.telling.deliver(letter)
    assert await office.states() == {"sent": 1, "sending": 1}
    office.post.problem = None
    await office.jobs.free_all()
    await office.work_off()
    first, second = office.post.letters
    assert first == second
    assert await office.reminded(OFFICER) == ["assigned"]


async def test_nothing_goes_to_an_address_before_its_code_and_the_list_is_there_without_one(office: Office) -> None:
    office.now = NOON
    await office.keeping.choose(OFFICER, "officer@example.org", "network")
    await office.keeping.speak(OFFICER, "en")
    with pytest.raises(Refused, match="bad_choice"):
        await office.keeping.speak(OFFICER, "fr")
    await office.assigned("a")
    await office.work_off()
    assert (office.post.letters, await office.reminded(OFFICER)) == ([], ["assigned"])
    with pytest.raises(Refused, match="code_wrong"):
        wrong = f"{(int(office.post.codes['officer@example.org']) + 1) % 10**6:06}"
        await office.keeping.confirm(OFFICER, wrong, "https://x")
    with pytest.raises(Refused, match="code_over"):
        await office.keeping.confirm(WATER, office.post.codes["officer@example.org"], "https://x")
    await office.keeping.confirm(OFFICER, office.post.codes["officer@example.org"], "https://x")
    assert await office.addresses.of("w") == OwnAddress(
        "w", Contact(Channel.MAIL, "officer@example.org"), True, "en", "https://x"
    )
    await office.assigned("b")
    await office.work_off()
    ((_, letter),) = office.post.letters
    assert (letter.subject, letter.text) == ("en", "assigned")


async def test_a_code_for_an_address_that_was_changed_meanwhile_proves_nothing(office: Office) -> None:
    await office.keeping.choose(OFFICER, "officer@example.org", "network")
    await office.keeping.write_down("w", "other@example.org", ADMIN)
    with pytest.raises(Refused, match="code_over"):
        await office.keeping.confirm(OFFICER, office.post.codes["officer@example.org"], "https://x")
    assert (await office.keeping.own(OFFICER)).way is Way.WORKLIST
    office.now += timedelta(minutes=2)
    await office.keeping.send_code(OFFICER, "network")
    assert await office.keeping.waiting(OFFICER)
    await office.keeping.confirm(OFFICER, office.post.codes["other@example.org"], "https://x")
    assert (await office.keeping.own(OFFICER)).way is Way.MAIL
    with pytest.raises(Refused, match="not_found"):
        await office.keeping.send_code(OFFICER, "network")


async def test_who_takes_the_address_away_or_the_account_is_sent_nothing_that_waits(office: Office) -> None:
    await office.reached(OFFICE, "office@example.org")
    await office.reached(OFFICER, "officer@example.org")
    office.now = START.replace(hour=14)
    await office.assigned()
    await office.work_off()
    await office.keeping.forget(OFFICE)
    await office.people.remove_account("w")
    await office.until(START + timedelta(days=2))
    assert (office.post.letters, await office.states()) == ([], {"dropped": 2})
    assert await office.reminded(OFFICE) == ["turn"]
    async with office.database.read() as connection:
        assert list(await connection.scalars(sa.select(addresses.c.sealed))) == [None]


async def test_the_office_sees_who_has_no_address_and_nobody_else_may(office: Office) -> None:
    await office.reached(WATER, "head@example.org")
    await office.keeping.write_down("w", "officer@example.org", ADMIN)
    seen = [(one.account.id, one.unit, one.address.way.value) for one in await office.keeping.everybody(ADMIN)]
    assert seen == [("u", "水务局", "mail"), ("w", "水务局", "worklist"), ("o", "", "worklist"), ("d", "", "worklist")]
    for by in (DEPUTY, WATER):
        with pytest.raises(Refused, match="forbidden"):
            await office.keeping.everybody(by)
        with pytest.raises(Refused, match="forbidden"):
            await office.keeping.write_down("w", "x@example.org", by)
    for account, written, code in (("nobody", "x@example.org", "not_found"), ("w", "x", "bad_contact")):
        with pytest.raises(Refused, match=code):
            await office.keeping.write_down(account, written, ADMIN)


async def test_a_service_that_is_away_is_asked_again_and_what_it_never_takes_is_shown(office: Office) -> None:
    office.now = NOON
    await office.reached(OFFICER, "officer@example.org")
    office.post.problem = Unavailable("away")
    await office.assigned()
    await office.work_off()
    assert (await office.states())["waiting"] == 1
    office.post.problem = Refused("undeliverable")
    await office.until(office.now + timedelta(hours=1))
    (failed,) = await office.telling.deliveries(NoticeState.FAILED, "", OFFICE)
    assert (failed.person, failed.notice.error, failed.place) == ("水务局经办", "undeliverable", "")
    office.post.problem = None
    await office.telling.again(failed.notice.id, OFFICE)
    await office.work_off()
    assert office.post.to("officer@example.org") == ["assigned"]


async def test_what_was_told_is_read_once_its_matter_is_opened_and_pages_follow_one_another(office: Office) -> None:
    for name in ("a", "b", "c"):
        await office.assigned(name)
    await office.work_off()
    assert await office.reminding.unread(OFFICER) == 3
    await office.reminding.read(OFFICER, "b")
    assert {one.matter for one in await office.reminding.of(OFFICER, unread=True)} == {"a", "c"}
    first = await office.reminding.of(OFFICER, limit=2)
    rest = await office.reminding.of(OFFICER, after=first[-1].id, limit=2)
    assert len({one.id for one in (*first, *rest)}) == 3
    assert await office.reminding.of(OFFICE, after=first[-1].id) == await office.reminding.of(OFFICE)
    await office.reminding.read(OFFICER)
    assert (await office.reminding.unread(OFFICER), await office.reminding.unread(OFFICE)) == (0, 3)


async def test_a_list_says_whether_it_is_still_ones_turn_and_ones_affair(office: Office) -> None:
    await office.assigned()
    await office.work_off()
    (told,) = await office.reminding.of(OFFICER)
    assert (told.seen, told.mine, told.settled, told.what) == (True, True, False, "assign")
    office.now += timedelta(hours=1)
    await office.take("m", "request_return", WATER, reason="不归我们")
    await office.take("m", "approve_return", OFFICE, unit="money")
    await office.work_off()
    released, told = await office.reminding.of(OFFICER)
    assert (told.seen, told.mine, told.settled, released.why.value) == (False, False, True, "released")
    assert [one.seen for one in await office.reminding.of(OFFICE)] == [True, True]


async def test_addresses_lie_sealed_and_in_no_job(office: Office) -> None:
    await office.reached(OFFICER, "secretname@example.org")
    office.post.problem = Unavailable("away")
    await office.assigned()
    await office.work_off()
    found = ""
    async with office.database.read() as connection:
        for table in (jobs, addresses, notices):
            found += repr((await connection.execute(sa.select(table))).mappings().all())
    assert "letter:" in found
    assert "secretname" not in found


async def test_a_step_that_concerns_nobody_plans_nothing(office: Office) -> None:
    await office.assigned()
    await office.work_off()
    await office.take("m", "accept", WATER)
    await office.take("m", "contact", WATER, contact="电话")
    async with office.database.read() as connection:
        kept = list(await connection.scalars(sa.select(jobs.c.key).where(jobs.c.kind == REMIND)))
    assert kept == []
