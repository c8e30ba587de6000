"""Followers and what they are told, against real databases: each step once for each contact, whatever is killed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from liveroom.actions.follow import Target, Wish
from liveroom.actions.work_off import MOST_ATTEMPTS, WorkingOff
from liveroom.errors import Refused, Stale, Unavailable
from liveroom.notices.followers import NoticeState, Way
from liveroom.ports.matters import Wanted
from liveroom.qa.question import Outcome
from liveroom.rooms.roles import Actor, Role
from liveroom.storage import records as records_in_sql
from liveroom.storage.audit import SqlAudit
from liveroom.storage.jobs import jobs
from liveroom.storage.matters import ANNOUNCE
from liveroom.storage.notices import DELIVER, followers
from liveroom.storage.session_log import OUTCOME
from tests.support.admission import ADMITTED
from tests.support.island import MODERATOR, NO_MORE, NOON, OFFICE, STEPS, TOLD_OF, Island


async def test_every_public_step_reaches_every_follower_of_every_merged_question_once(island: Island) -> None:
    await island.follow(0, "a@example.org")
    await island.follow(1, "b@example.org")
    await island.follow(2, "other@example.org")
    # The same person by both questions: still one contact.
    await island.follow(0, "both@example.org")
    await island.follow(1, "both@example.org")
    matter = await island.drafted()
    for step in STEPS:
        await island.step(matter, step)
        await island.work()
    late = await island.follow(2, "late@example.org", matter=matter)
    await island.step(matter, ("assign", {"unit": "water", "due": "2026-06-01"}, OFFICE))
    await island.work()
    for address in ("a@example.org", "b@example.org", "both@example.org"):
        assert island.post.to(address) == [*TOLD_OF, "assign"]
    assert island.post.to("other@example.org") == []
    assert island.post.to("late@example.org") == ["assign"]
    assert len({letter.key for _, letter in island.post.letters}) == len(island.post.letters)
    assert await island.counts() == {"sent": 16}
    assert [notice.seq for notice, _ in await island.telling.feed(late)] == [6]


async def test_two_processes_at_once_tell_each_once(island: Island) -> None:
    people = [f"p{n}@example.org" for n in range(20)]
    for person in people:
        await island.follow(0, person)
    matter = await island.drafted()
    works = {ANNOUNCE: island.telling.announce, DELIVER: island.telling.deliver}
    workers = [WorkingOff(island.jobs, works, island.clock) for _ in range(3)]
    for step in STEPS:
        await island.step(matter, step)

    async def work(worker: WorkingOff) -> None:
        while await island.jobs.next_due(island.now, works) is not None:
            await worker.work_off()

    await asyncio.gather(*(work(worker) for worker in workers))
    assert await island.counts() == {"sent": 20 * len(TOLD_OF)}
    assert all(sorted(island.post.to(person)) == sorted(TOLD_OF) for person in people)


async def test_announcing_twice_and_delivering_twice_tells_once(island: Island) -> None:
    await island.follow(0, "a@example.org")
    await island.drafted()
    (job,) = await island.jobs.take(island.now, [ANNOUNCE], 9)
    await island.telling.announce(job)
    with pytest.raises(Exception, match="announce"):
        # Its lease has passed to nobody: the job has ended with its notices.
        await island.telling.announce(job)
    (letter,) = await island.jobs.take(island.now, [DELIVER], 9)
    await island.telling.deliver(letter)
    await island.telling.deliver(letter)
    assert island.post.to("a@example.org") == ["draft"]


async def test_who_is_killed_between_sending_and_noting_it_sends_again_under_the_same_name(island: Island) -> None:
    await island.follow(0, "a@example.org")
    await island.drafted()
    (job,) = await island.jobs.take(island.now, [ANNOUNCE], 9)
    await island.telling.announce(job)
    (letter,) = await island.jobs.take(island.now, [DELIVER], 9)
    island.post.problem = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        await island.telling.deliver(letter)
    assert await island.counts() == {"sending": 1}
    island.post.problem = None
    await island.jobs.free_all()
    await island.work()
    first, second = island.post.letters
    assert first == second
    assert await island.counts() == {"sent": 1}


async def test_who_is_killed_before_sending_has_sent_nothing(island: Island) -> None:
    await island.follow(0, "a@example.org")
    await island.drafted()
    (job,) = await island.jobs.take(island.now, [ANNOUNCE], 9)
    await island.telling.announce(job)
    (letter,) = await island.jobs.take(island.now, [DELIVER], 9)
    assert len(await island.notices.begin(str(letter.data["message"]), island.now)) == 1
    await island.jobs.free_all()
    await island.work()
    assert island.post.to("a@example.org") == ["draft"]


async def test_at_night_nobody_is_told_and_a_digest_comes_once_a_day(island: Island) -> None:
    await island.follow(0, "now@example.org")
    await island.follow(1, "daily@example.org", digest=True)
    matter = await island.drafted()
    await island.work()
    island.now = NOON.replace(hour=18)
    await island.work()
    island.now = NOON.replace(hour=22)
    await island.step(matter, STEPS[0])
    await island.work()
    assert (island.post.to("now@example.org"), island.post.to("daily@example.org")) == (["draft"], ["draft"])
    island.now = NOON.replace(day=3, hour=8)
    await island.work()
    assert island.post.to("now@example.org") == ["draft", "offer"]
    await island.step(matter, *STEPS[1:])
    await island.work()
    assert island.post.to("daily@example.org") == ["draft"]
    island.now = NOON.replace(day=3, hour=18)
    await island.work()
    assert island.post.to("daily@example.org") == ["draft", "offer\nadopt\nregister"]


async def test_what_is_late_is_not_sent_at_night_either(island: Island) -> None:
    await island.follow(0, "a@example.org")
    island.now = NOON.replace(hour=20, minute=59, second=50)
    island.post.problem = Unavailable("away")
    await island.drafted()
    await island.work()
    island.post.problem = None
    due = await island.jobs.next_due(island.now, [DELIVER])
    assert due is not None
    island.now = due
    await island.work()
    assert (island.post.letters, await island.counts()) == ([], {"waiting": 1})
    assert await island.jobs.next_due(island.now, [DELIVER]) == NOON.replace(day=3, hour=8)
    (waiting,) = await island.telling.deliveries(NoticeState.WAITING, "", OFFICE)
    assert waiting.notice.due == NOON.replace(day=3, hour=8)
    island.now = NOON.replace(day=3, hour=8)
    await island.work()
    assert island.post.to("a@example.org") == ["draft"]


async def test_a_digest_that_is_on_its_way_takes_nothing_more_in(island: Island) -> None:
    await island.follow(0, "daily@example.org", digest=True)
    matter = await island.drafted()
    await island.work()
    island.now = NOON.replace(hour=17, minute=58)
    await island.step(matter, STEPS[0])
    await island.work()
    island.now = NOON.replace(hour=18)
    await island.work()
    assert island.post.to("daily@example.org") == ["draft"]
    island.now = NOON.replace(day=3, hour=18)
    await island.work()
    assert island.post.to("daily@example.org") == ["draft", "offer"]


async def test_nothing_is_sent_before_the_code_and_not_after_the_end(island: Island) -> None:
    wish = Wish(Way.MAIL, "a@example.org", "", "zh", False)
    begun = await island.following.begin(Target(question=island.questions[0]), wish, "dev", "n", "https://x")
    matter = await island.drafted()
    await island.work()
    with pytest.raises(Refused, match="code_over"):
        await island.following.confirm(begun.id, "another device", island.post.codes["a@example.org"])
    with pytest.raises(Refused, match="code_wrong"):
        wrong = f"{(int(island.post.codes['a@example.org']) + 1) % 10**6:06}"
        await island.following.confirm(begun.id, "dev", wrong)
    confirmed = await island.following.confirm(begun.id, "dev", island.post.codes["a@example.org"])
    await island.step(matter, STEPS[0])
    await island.work()
    assert island.post.to("a@example.org") == ["offer"]
    island.now = NOON.replace(hour=22)
    await island.step(matter, *STEPS[1:])
    await island.work()
    assert await island.counts() == {"sent": 1, "waiting": 2}
    for _ in range(2):
        await island.following.stop(confirmed.id)
    island.now += timedelta(days=1)
    await island.work()
    assert (island.post.to("a@example.org"), await island.counts()) == (["offer"], {"sent": 1, "dropped": 2})
    async with island.database.read() as connection:
        assert await connection.scalar(sa.select(followers.c.sealed)) is None


async def test_one_end_ends_both_merged_questions_and_everything_when_asked(island: Island) -> None:
    await island.follow(0, "a@example.org")
    second = await island.follow(1, "a@example.org")
    elsewhere = await island.follow(2, "a@example.org")
    await island.drafted()
    await island.following.stop(second.id)
    await island.work()
    assert island.post.to("a@example.org") == []
    assert (await island.following.see(elsewhere.id)).active
    await island.following.stop(second.id, everything=True)
    assert not (await island.following.see(elsewhere.id)).active


async def test_a_device_that_proved_a_contact_is_not_asked_again_and_follows_the_same_once(island: Island) -> None:
    first = await island.follow(0, "a@example.org")
    island.post.codes.clear()
    for question, digest in ((0, True), (2, False)):
        wish = Wish(Way.MAIL, "a@example.org", "", "en", digest)
        again = await island.following.begin(
            Target(question=island.questions[question]), wish, first.device, "n", "https://x"
        )
        assert again.active
    same = await island.following.see(first.id)
    assert (same.digest, same.language, island.post.codes) == (True, "en", {})
    stranger = Wish(Way.MAIL, "a@example.org", "", "zh", False)
    begun = await island.following.begin(Target(question=island.questions[0]), stranger, "x", "n", "https://x")
    assert not begun.active


async def test_a_feed_and_a_station_need_no_contact(island: Island) -> None:
    feed = await island.follow(0, "", Way.FEED)
    await island.follow(0, "西屿", Way.STATION)
    await island.follow(1, "西屿", Way.STATION)
    await island.drafted()
    await island.work()
    assert [told.line.event.what for _, told in await island.telling.feed(feed)] == ["draft"]
    (printed,) = await island.telling.deliveries(NoticeState.WAITING, "", OFFICE)
    assert (printed.place, printed.notice.way) == ("西屿", Way.STATION)
    await island.telling.posted(printed.notice.id, OFFICE)
    with pytest.raises(Refused, match="wrong_state"):
        await island.telling.posted(printed.notice.id, OFFICE)
    assert await island.counts() == {"sent": 2}
    assert await island.jobs.dead() == []


async def test_what_a_service_never_takes_is_shown_and_can_be_tried_again(island: Island) -> None:
    await island.follow(0, "a@example.org")
    island.post.problem = Refused("undeliverable")
    await island.drafted()
    await island.work()
    (failed,) = await island.telling.deliveries(NoticeState.FAILED, "", OFFICE)
    assert (failed.notice.error, failed.title) == ("undeliverable", "问题0")
    with pytest.raises(Refused, match="forbidden"):
        await island.telling.again(failed.notice.id, MODERATOR)
    island.post.problem = None
    await island.telling.again(failed.notice.id, OFFICE)
    await island.work()
    assert (island.post.to("a@example.org"), await island.counts()) == (["draft"], {"sent": 1})


async def test_a_service_that_is_away_is_asked_again_and_given_up_in_the_end(island: Island) -> None:
    await island.follow(0, "a@example.org")
    island.post.problem = Unavailable("the mail server did not take the message")
    await island.drafted()
    waits = []
    await island.work()
    while (due := await island.jobs.next_due(island.now, [DELIVER])) is not None:
        waits.append(due)
        assert await island.counts() == {"waiting": 1}
        island.now = due
        await island.work()
    # One of them waits for the morning, which is no attempt.
    assert len(waits) == MOST_ATTEMPTS
    assert all(later > earlier for earlier, later in pairwise(waits))
    assert (await island.counts(), await island.jobs.dead()) == ({"failed": 1}, [])


async def test_pages_of_deliveries_follow_one_another(island: Island) -> None:
    for n in range(5):
        await island.follow(0, f"a{n}@example.org")
    await island.drafted()
    await island.work()
    first = await island.notices.deliveries(NoticeState.SENT, "", 3)
    rest = await island.notices.deliveries(NoticeState.SENT, first[-1].notice.id, 3)
    assert len({d.notice.id for d in first + rest}) == 5


async def test_contacts_lie_sealed_and_in_no_job(island: Island) -> None:
    await island.follow(0, "secretname@example.org")
    await island.follow(0, "13800000021", Way.SMS)
    island.post.problem = Unavailable("away")
    await island.drafted()
    await island.work()
    found = ""
    async with island.database.read() as connection:
        for table in (jobs, followers):
            for row in (await connection.execute(sa.select(table))).mappings():
                found += repr({name: value for name, value in row.items() if name != "device"})
    assert "secretname" not in found
    assert "13800000021" not in found
    assert "letter:" in found


async def test_a_step_that_is_not_kept_is_not_announced(island: Island) -> None:
    matter = await island.drafted()
    with pytest.raises(Refused):
        await island.step(matter, ("register", ADMITTED, OFFICE))
    async with island.database.read() as connection:
        kept = list(await connection.scalars(sa.select(jobs.c.key).where(jobs.c.kind == ANNOUNCE)))
    assert kept == [f"matter:{matter}:announce:1"]


@pytest.mark.parametrize(
    ("outcome", "note"),
    [
        (Outcome.ANSWERED_TEXT, "灯已经修好。"),
        (Outcome.REFERRED, "转港航局"),
        (Outcome.PROJECT_LEAD, ""),
        (Outcome.WORK_ORDER, ""),
        (Outcome.COMMITMENT, ""),
        (Outcome.ANSWERED_LIVE, ""),
    ],
)
async def test_an_outcome_is_told_once_to_everybody_who_follows_one_of_the_merged_questions(
    island: Island, outcome: Outcome, note: str
) -> None:
    await island.follow(0, "a@example.org")
    await island.follow(1, "b@example.org")
    for question in (0, 1):
        await island.follow(question, "both@example.org")
    await island.follow(2, "other@example.org")
    await island.concluding.give_outcome("s", island.questions[:1], outcome, note, OFFICE)
    await island.work()
    # Once more the same is no news.
    await island.concluding.give_outcome("s", island.questions[:1], outcome, note, OFFICE)
    await island.work()
    words = f"{outcome.value} {note}"
    assert island.post.to("a@example.org") == [f"问题0: {words}"]
    assert island.post.to("b@example.org") == [f"问题1: {words}"], "under the words that one asked"
    assert len(island.post.to("both@example.org")) == 1
    assert island.post.to("other@example.org") == []
    assert await island.jobs.dead() == []


async def test_an_outcome_that_takes_the_place_of_another_is_told_and_so_is_each_of_several_questions(
    island: Island,
) -> None:
    await island.follow(0, "a@example.org")
    await island.follow(2, "a@example.org")
    both = [island.questions[0], island.questions[2]]
    await island.concluding.give_outcome("s", both, Outcome.REFERRED, "", OFFICE)
    await island.work()
    await island.concluding.give_outcome("s", both[:1], Outcome.ANSWERED_TEXT, "已修", OFFICE)
    await island.work()
    assert sorted(island.post.to("a@example.org")) == [
        "问题0: answered_text 已修",
        "问题0: referred ",
        "问题2: referred ",
    ]
    (newest, *_) = await island.telling.deliveries(NoticeState.SENT, "", OFFICE)
    assert (newest.title, newest.number, newest.notice.question) == ("问题0", "", island.questions[0])


async def test_an_outcome_that_is_announced_twice_or_by_two_at_once_is_told_once(island: Island) -> None:
    people = [f"p{n}@example.org" for n in range(10)]
    for number, person in enumerate(people):
        await island.follow(number % 2, person)
    await island.concluding.give_outcome("s", island.questions[:1], Outcome.REFERRED, "", OFFICE)
    (job,) = await island.jobs.take(island.now, [OUTCOME], 9)
    await island.outcomes.announce(job)
    with pytest.raises(Exception, match="outcome"):
        await island.outcomes.announce(job)
    works = {DELIVER: island.telling.deliver}
    workers = [WorkingOff(island.jobs, works, island.clock) for _ in range(3)]
    while any(await asyncio.gather(*(worker.work_off() for worker in workers))):
        pass
    assert [len(island.post.to(person)) for person in people] == [1] * len(people)
    assert await island.counts() == {"sent": len(people)}


async def test_who_follows_a_question_follows_the_work_order_or_commitment_that_comes_of_it(island: Island) -> None:
    for question in (0, 1):
        await island.follow(question, "a@example.org")
    await island.follow(1, "西屿", Way.STATION)
    orders = [
        await island.concluding.follow_up("s", [island.questions[n]], Outcome.WORK_ORDER, {}, OFFICE) for n in (2, 3)
    ]
    promised = {"unit": "water", "promise_due": "2026-06-01"}
    promise = await island.concluding.follow_up("s", island.questions[:1], Outcome.COMMITMENT, promised, OFFICE)
    await island.follow(2, "b@example.org")
    await island.follow(2, "东屿", Way.STATION)
    await island.follow(3, "c@example.org")
    await island.follow(3, "北礁", Way.STATION)
    unit = Actor("u", "水务局", frozenset({Role.UNIT_HEAD, Role.UNIT_OFFICER}), "water")
    await island.step(promise, ("confirm", {}, unit))
    for order in orders:
        await island.step(order, ("accept", {}, OFFICE))
    await island.work()
    assert island.post.to("a@example.org") == ["say", "confirm"]
    assert island.post.to("b@example.org") == island.post.to("c@example.org") == ["accept"]
    printed = {d.place for d in await island.telling.deliveries(NoticeState.WAITING, "", OFFICE)}
    assert printed == {"西屿", "东屿"}, "what was never public is on no board"


async def test_what_was_never_public_is_printed_for_no_board(island: Island) -> None:
    hidden = island.questions[3]
    await island.follow(3, "西屿", Way.STATION)
    await island.follow(0, "西屿", Way.STATION)
    mail = await island.follow(3, "a@example.org")
    for question in (hidden, island.questions[0]):
        await island.concluding.give_outcome("s", [question], Outcome.ANSWERED_TEXT, "已修", OFFICE)
    await island.work()
    assert island.post.to("a@example.org") == ["没有公开的: answered_text 已修"]
    (printed,) = await island.telling.deliveries(NoticeState.WAITING, "", OFFICE)
    assert printed.title == "问题0"
    await island.following.stop(mail.id)
    await island.telling.posted(printed.notice.id, OFFICE)
    assert await island.counts() == {"sent": 2}


async def test_whoever_followed_a_suggestion_follows_the_work_order_that_began_instead(island: Island) -> None:
    await island.follow(1, "b@example.org")
    matter = await island.drafted()
    for step in (*STEPS[:3], NO_MORE):
        await island.step(matter, step)
        await island.work()
    order = (await island.matters.load(matter)).continued_in
    await island.step(order, ("accept", {}, OFFICE))
    await island.work()
    assert island.post.to("b@example.org") == [*TOLD_OF[:3], "not_admit", "accept"]
    question = (await island.records.load("s")).queue.questions[island.questions[0]]
    assert (question.outcome, question.matter) == (Outcome.WORK_ORDER, order)
    assert await SqlAudit(island.database).strayed(f"matter:{order}") == []
    assert await SqlAudit(island.database).strayed("session:s") == []


async def test_suggestion_work_order_and_outcome_are_kept_together_or_not_at_all(
    island: Island, monkeypatch: pytest.MonkeyPatch
) -> None:
    matter = await island.drafted()
    await island.step(matter, *STEPS[:3])
    before = await island.matters.load(matter), await island.records.load("s")
    real, times = records_in_sql.matters.keep, 0

    async def failing(*given: Any) -> object:
        nonlocal times
        times += 1
        if times == 2:
            raise Stale("somebody was faster")
        return await real(*given)

    with monkeypatch.context() as patched:
        patched.setattr(records_in_sql.matters, "keep", failing)
        await island.step(matter, NO_MORE)
    after = await island.matters.load(matter)
    assert times == 4, "decided anew from what is there"
    assert (before[0].seq, after.seq) == (before[0].seq, before[0].seq + 1)
    orders = await island.matters.find(Wanted(kinds=("work_order",)))
    assert [row.id for row in orders.rows] == [after.continued_in], "what was lost left no work order behind"
    assert (await island.records.load("s")).seq == before[1].seq + 1
