"""One message for one fact, and never none: what becomes of a question, told by its outcome or by a step, not by both;
and that those who asked have their say, though the step that says so is the staff's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import pytest

from liveroom.notices.followers import NoticeState, Way
from liveroom.ports.jobs import Job
from liveroom.ports.notices import Letter, Told
from liveroom.qa.question import Outcome
from liveroom.rooms.roles import Actor, Role
from liveroom.storage.database import Database
from liveroom.storage.notices import DELIVER
from tests.support import island as islands
from tests.support.admission import ADMITTED
from tests.support.island import NO_MORE, NOON, OFFICE, STEPS, TOLD_OF, Island, Plain, Step

PEOPLE = {"a": [0], "b": [1], "both": [0, 1], "again": [1, 0]}
"""Who follows which of two questions, the second of which is merged into the first."""
UNIT = Actor("u", "水务局", frozenset({Role.UNIT_HEAD, Role.UNIT_OFFICER}), "water")
ASKER = "dev0"
ADOPTED = STEPS[:3]
UP_TO_ADOPTION = TOLD_OF[:3]
HIDDEN: Step = ("make_confidential", {"reason": "涉及个人"}, OFFICE)
REFERRAL: Step = (
    "not_admit",
    {**ADMITTED, "instead": "referral", "referred_to": "港航局", "reason": "不归本级"},
    OFFICE,
)
ANSWER: Step = ("not_admit", {**ADMITTED, "instead": "text_answer", "answer": "已修好", "reason": "已办"}, OFFICE)
ACCEPTED: Step = ("accept", {}, OFFICE)
CALL_BACK: Step = ("call_back", {"reached": "yes", "note": "她在电话里说了家里的事"}, OFFICE)
DONE: list[Step] = [
    ("accept", {}, UNIT),
    ("reply", {"class": "A", "text": "换好了"}, UNIT),
    CALL_BACK,
]
TOLD_OF_ORDER = ["receive", "accept", "forward", "accept", "reply", "asked"]


class Killed(BaseException):
    """The process is gone."""


async def follow(island: Island) -> None:
    for name, questions in PEOPLE.items():
        for question in questions:
            await island.follow(question, f"{name}@example.org")
    await island.follow(2, "other@example.org")
    await island.follow(1, "daily@example.org", digest=True)


async def step(island: Island, matter: str, *steps: Step) -> None:
    for one in steps:
        await island.step(matter, one)
        await island.work()


async def heard(island: Island, *told: str) -> None:
    """Everybody was told exactly this, and those whose digest it is at its hour."""
    mine = [words.replace("?", "问题0") for words in told]
    for name in PEOPLE:
        theirs = [words.replace("?", f"问题{PEOPLE[name][0]}") for words in told]
        assert island.post.to(f"{name}@example.org") == (mine if name == "a" else theirs), name
    assert island.post.to("other@example.org") == []
    island.now = island.now.replace(hour=18) if island.now.hour < 18 else island.now
    await island.work()
    daily = "\n".join(island.post.to("daily@example.org")).split("\n")
    assert sorted(daily) == sorted(words.replace("?", "问题1") for words in told)
    assert await island.jobs.dead() == []


async def order_of(island: Island, matter: str) -> str:
    return (await island.matters.load(matter)).continued_in


@pytest.mark.parametrize("instead", [REFERRAL, ANSWER, NO_MORE], ids=["referral", "answer", "order"])
@pytest.mark.parametrize("archived", [False, True])
async def test_what_is_not_admitted_says_itself_what_happens_instead(
    island: Island, instead: Step, archived: bool
) -> None:
    await follow(island)
    matter = await island.drafted()
    await island.work()
    if archived:
        others = [island.questions[2], island.questions[3]]
        await island.concluding.give_outcome("s", others, Outcome.PROJECT_LEAD, "", OFFICE)
        await island.concluding.archive("s", OFFICE)
    await step(island, matter, *ADOPTED, instead)
    told = [*UP_TO_ADOPTION, "not_admit"]
    if order := await order_of(island, matter):
        await step(island, order, ACCEPTED)
        told += ["accept"]
    island.post.letters = [sent for sent in island.post.letters if sent[0] != "other@example.org"]
    await heard(island, *told)


@pytest.mark.parametrize(
    ("instead", "outcome"),
    [(REFERRAL, "?: referred 港航局"), (ANSWER, "?: answered_text 已修好"), (NO_MORE, "?: work_order ")],
    ids=["referral", "answer", "order"],
)
async def test_of_what_is_confidential_the_outcome_of_the_question_alone_is_told(
    island: Island, instead: Step, outcome: str
) -> None:
    await follow(island)
    matter = await island.drafted()
    await island.work()
    await step(island, matter, *ADOPTED, HIDDEN, instead)
    if order := await order_of(island, matter):
        await step(island, order, ACCEPTED)
    for name, questions in PEOPLE.items():
        words = outcome.replace("?", f"问题{questions[0]}")
        assert island.post.to(f"{name}@example.org") == [*UP_TO_ADOPTION, words], name
    island.now = NOON.replace(hour=18)
    await island.work()
    # What waited for the digest when it became confidential is not spoken of.
    assert island.post.to("daily@example.org") == [outcome.replace("?", "问题1")]


@pytest.mark.parametrize(
    ("instead", "told"),
    [(REFERRAL, ["?: referred 港航局"]), (ANSWER, ["?: answered_text 已修好"]), (NO_MORE, ["receive", "accept"])],
    ids=["referral", "answer", "order"],
)
async def test_where_a_rule_set_keeps_that_step_to_the_staff_it_is_told_another_way(
    database: Database, tmp_path: Path, instead: Step, told: list[str]
) -> None:
    text = files("liveroom.matters.rulesets").joinpath("standard.toml").read_text("utf-8")
    kept = 'fields = ["checklist", "instead", "reason"]\n'
    text = text.replace('id = "standard"', 'id = "county"').replace(kept, f"{kept}public = false\n")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "county.toml").write_text(text, "utf-8")
    island = await islands.opened(database, tmp_path, "county")
    await follow(island)
    matter = await island.drafted()
    await island.work()
    await step(island, matter, *ADOPTED, instead)
    if order := await order_of(island, matter):
        await step(island, order, ACCEPTED)
    await heard(island, *UP_TO_ADOPTION, *told)


async def test_what_is_decided_on_the_board_is_told_once(island: Island) -> None:
    await follow(island)
    await island.concluding.give_outcome("s", island.questions[:1], Outcome.REFERRED, "港航局", OFFICE)
    await island.work()
    await heard(island, "?: referred 港航局")


async def test_the_same_outcome_by_hand_after_a_matter_that_ended_is_news(island: Island) -> None:
    await follow(island)
    order = await island.concluding.follow_up("s", island.questions[:1], Outcome.WORK_ORDER, {}, OFFICE)
    await island.work()
    await step(island, order, ("not_admit", {"reason": "不归热线"}, OFFICE))
    await island.concluding.give_outcome("s", island.questions[:1], Outcome.WORK_ORDER, "", OFFICE)
    await island.work()
    await heard(island, "receive", "not_admit", "?: work_order ")


async def test_a_board_hears_of_a_public_question_though_the_suggestion_is_of_others_too(island: Island) -> None:
    """What nobody has seen gave the suggestion its title, perhaps."""
    await island.follow(1, "西屿", Way.STATION)
    await island.follow(3, "北礁", Way.STATION)
    both = [island.questions[3], island.questions[0]]
    matter = await island.concluding.draft_suggestion("s", both, "", OFFICE)
    await island.work()
    await step(island, matter, *ADOPTED, ANSWER)
    (printed,) = await island.telling.deliveries(NoticeState.WAITING, "", OFFICE)
    assert (printed.place, printed.title) == ("西屿", "问题0")


@pytest.mark.parametrize("committed", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("instead", [REFERRAL, NO_MORE], ids=["referral", "order"])
async def test_whoever_is_killed_while_it_is_announced_tells_it_once(
    island: Island, monkeypatch: pytest.MonkeyPatch, instead: Step, committed: bool
) -> None:
    await follow(island)
    matter = await island.drafted()
    await island.work()
    await step(island, matter, *ADOPTED)
    await island.step(matter, instead)
    plan, begin = island.notices.plan, island.notices.begin
    kills, calls = 0, 0

    async def killed(real: object, *given: object, **more: object) -> object:
        nonlocal kills, calls
        calls += 1
        done = await real(*given, **more) if committed or calls % 2 == 0 else None
        if calls % 2:
            kills += 1
            raise Killed
        return done

    monkeypatch.setattr(island.notices, "plan", lambda *given, **more: killed(plan, *given, **more))
    monkeypatch.setattr(island.notices, "begin", lambda *given, **more: killed(begin, *given, **more))
    works = island.worker._works
    while taken := await island.jobs.take(island.now, works, 1):
        try:
            await works[taken[0].kind](taken[0])
        except Killed:
            await island.jobs.free_all()
    assert kills >= 3
    monkeypatch.undo()
    await heard(island, *UP_TO_ADOPTION, "not_admit")


# ---- Those who asked have their say ----


class Careful(Plain):
    """Plain, and keeps what it was given."""

    def __init__(self) -> None:
        self.given: list[tuple[str, Told]] = []

    def mail(self, follower: object, told: Sequence[Told], key: str, at: object) -> Letter:
        self.given += [(follower.receiver, one) for one in told]
        return super().mail(follower, list(told), key, at)


async def forwarded(island: Island) -> str:
    order = await island.concluding.follow_up("s", island.questions[:1], Outcome.WORK_ORDER, {}, OFFICE)
    await island.work()
    await step(island, order, ACCEPTED, ("forward", {"unit": "water"}, OFFICE))
    return order


async def test_whoever_follows_is_told_once_that_a_work_order_can_be_rated(island: Island) -> None:
    await follow(island)
    careful = Careful()
    island.telling._wording = careful
    order = await forwarded(island)
    await step(island, order, *DONE)
    await heard(island, *TOLD_OF_ORDER)
    asked = [told for _, told in careful.given if told.line.event.what == "asked"]
    codes = {(await island.records.load("s")).queue.questions[island.questions[n]].code for n in (0, 1)}
    assert {told.code for told in asked} == codes, "each by the code of the question that one follows"
    assert all(told.asks and not told.line.event.values and not told.line.by_name for told in asked)
    assert "电话" not in repr(careful.given)
    assert all(not told.code for _, told in careful.given if told.line.event.what != "asked")


async def test_every_round_is_told_and_what_nobody_can_rate_any_more_is_not(island: Island) -> None:
    await follow(island)
    order = await forwarded(island)
    await step(island, order, *DONE, ("rate", {"result": "dissatisfied"}, OFFICE), *DONE[1:])
    again = [*TOLD_OF_ORDER, "rate", "reply", "asked"]
    for name in PEOPLE:
        assert island.post.to(f"{name}@example.org") == again
    await step(island, order, ("rate", {"result": "satisfied"}, OFFICE))
    island.now = NOON.replace(hour=18)
    await island.work()
    (daily,) = island.post.to("daily@example.org")
    assert daily.split("\n") == [words for words in [*again, "rate"] if words != "asked"]


async def test_it_is_not_told_at_night_and_not_to_whoever_left(island: Island) -> None:
    await island.follow(0, "a@example.org")
    left = await island.follow(1, "b@example.org")
    order = await forwarded(island)
    await step(island, order, *DONE[:2])
    island.now = NOON.replace(hour=22)
    await step(island, order, CALL_BACK)
    assert "asked" not in island.post.to("a@example.org")
    await island.following.stop(left.id)
    island.now = NOON.replace(day=3, hour=8)
    await island.work()
    assert island.post.to("a@example.org") == TOLD_OF_ORDER
    assert island.post.to("b@example.org") == TOLD_OF_ORDER[:-1]


async def test_of_a_confidential_work_order_it_is_told_to_nobody(island: Island) -> None:
    await island.follow(0, "a@example.org")
    matter = await island.drafted()
    await island.work()
    await step(island, matter, *ADOPTED, HIDDEN, NO_MORE)
    order = await order_of(island, matter)
    await step(island, order, ACCEPTED, ("forward", {"unit": "water"}, OFFICE), *DONE)
    assert island.post.to("a@example.org") == [*UP_TO_ADOPTION, "问题0: work_order "]


# ---- What waits, and does not stand so any more ----


async def test_an_outcome_that_was_corrected_before_it_was_told_is_not_told(island: Island) -> None:
    await follow(island)
    island.now = NOON.replace(hour=22)
    for outcome, note in ((Outcome.REFERRED, "港航局"), (Outcome.PROJECT_LEAD, ""), (Outcome.REFERRED, "港航局")):
        await island.concluding.give_outcome("s", island.questions[:1], outcome, note, OFFICE)
        await island.work()
    island.now = NOON.replace(day=3, hour=8)
    await island.work()
    await heard(island, "?: referred 港航局")


async def test_whoever_leaves_while_a_digest_waits_hears_of_what_they_follow_still(island: Island) -> None:
    """Also when the process was killed while it was sent: what is left of the letter goes out, and nothing else."""
    left = await island.follow(0, "a@example.org", digest=True)
    await island.follow(2, "a@example.org", digest=True)
    for question in (island.questions[0], island.questions[2]):
        await island.concluding.give_outcome("s", [question], Outcome.REFERRED, "", OFFICE)
    await island.work()
    island.now = NOON.replace(hour=18)
    (letter,) = await island.jobs.take(island.now, [DELIVER], 9)
    assert len(await island.notices.begin(str(letter.data["message"]), island.now)) == 2
    await island.following.stop(left.id)
    await island.jobs.free_all()
    await island.work()
    assert island.post.to("a@example.org") == ["问题2: referred "]
    assert await island.counts() == {"sent": 1, "dropped": 1}


async def test_one_end_ends_all_merged_questions_also_where_no_matter_came_of_them(island: Island) -> None:
    for question in (0, 1):
        await island.follow(question, "a@example.org")
    second = await island.follow(1, "a@example.org")
    island.now = NOON.replace(hour=22)
    await island.concluding.give_outcome("s", island.questions[:1], Outcome.REFERRED, "", OFFICE)
    await island.work()
    await island.following.stop(second.id)
    island.now = NOON.replace(day=3, hour=8)
    await island.work()
    assert (island.post.to("a@example.org"), await island.counts()) == ([], {"dropped": 1})


async def test_an_outcome_planned_by_an_earlier_release_is_told(island: Island) -> None:
    await island.follow(0, "a@example.org")
    await island.concluding.give_outcome("s", island.questions[:1], Outcome.REFERRED, "", OFFICE)
    (job,) = await island.jobs.take(island.now, ["outcome"], 9)
    without = {name: value for name, value in job.data.items() if name != "ended"}
    await island.outcomes.announce(Job(**{**{f: getattr(job, f) for f in job.__dataclass_fields__}, "data": without}))
    await island.work()
    assert island.post.to("a@example.org") == ["问题0: referred "]
