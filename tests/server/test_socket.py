"""The session socket: what is said, what is heard, what is refused."""

from __future__ import annotations

import asyncio
import gc
import json
import weakref
from datetime import timedelta

import aiohttp
import pytest
import websockets

from liveroom import clock
from liveroom.rooms.roles import Role
from liveroom.server import keys
from liveroom.server.channel import RESYNC
from tests.support.world import Wire, World


async def test_arriving_gives_everything_and_coming_back_what_was_missed(world: World) -> None:
    client = await world.visitor()
    wire = await Wire.open(client)
    snapshot = await wire.hear("snapshot")
    assert snapshot["session"]["topic"] == "主题"
    assert snapshot["you"]["may"] == ["ask", "confirm", "second", "withdraw"]
    await wire.socket.close()
    moderator = await Wire.open(await world.sign_in("moderator"), "desk")
    question = await (await Wire.open(await world.visitor())).ask()
    await moderator.wish(type="publish", question=question["id"])
    back = await Wire.open(client, epoch=snapshot["epoch"], seq=snapshot["seq"])
    feed = await back.hear("feed")
    assert [q["id"] for q in feed["changed"]] == [question["id"]]
    assert feed["after"] == snapshot["seq"]
    other = await Wire.open(client, epoch="of another database", seq=snapshot["seq"])
    assert (await other.hear("snapshot"))["questions"] == feed["changed"]


async def test_a_question_is_seen_by_the_desk_at_once_and_by_the_public_when_published(world: World) -> None:
    asker, other = await Wire.open(await world.visitor()), await Wire.open(await world.visitor())
    desk = await Wire.open(await world.sign_in("moderator"), "desk")
    second_desk = await Wire.open(await world.sign_in("office"), "desk")
    for wire in (asker, other, desk, second_desk):
        await wire.hear("counts")
    question = await asker.ask("船什么时候开？")
    assert question["state"] == "pending"
    assert len(question["code"]) == 13
    for wire in (desk, second_desk):
        (seen,) = (await wire.hear("feed"))["changed"]
        assert (seen["id"], "code" in seen) == (question["id"], False)
    await desk.wish(type="publish", question=question["id"])
    note = (await second_desk.hear("feed"))["notes"]
    assert note == [{"what": "published", "label": question["label"], "by": "moderator 甲"}]
    while not (feed := await other.hear("feed"))["changed"]:
        pass
    assert feed["changed"][0]["text"] == "船什么时候开？"
    assert not any("船" in json.dumps(m, ensure_ascii=False) for m in other.heard[:-1]), "shown before it was published"
    await asker.hear("mine")


async def test_votes_are_counted_once_and_told_together(world: World) -> None:
    asker = await Wire.open(await world.visitor())
    desk = await Wire.open(await world.sign_in("moderator"), "desk")
    question = await asker.ask()
    await desk.wish(type="publish", question=question["id"])
    voters = [await Wire.open(await world.visitor()) for _ in range(5)]
    for voter in voters:
        for _ in range(3):
            assert (await voter.wish(type="second", question=question["id"]))["type"] == "done"
    while (counts := await asker.hear("counts"))["votes"].get(question["id"]) != 5:
        pass
    assert (await asker.wish(type="second", question=question["id"]))["code"] == "own_question"
    assert counts["viewers"] >= 5


async def test_the_same_key_is_kept_once(world: World) -> None:
    wire = await Wire.open(await world.visitor())
    first = await wire.ask(key="one-key-only")
    again = await wire.ask(key="one-key-only")
    assert first == again


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"type": "fly"}, "bad_message"),
        ({"type": "ask", "text": "x"}, "bad_message"),
        ({"type": "ask", "key": "k" * 10, "text": "x", "more": 1}, "bad_message"),
        ({"type": "ask", "key": "k" * 10, "text": 5}, "bad_message"),
        ({"type": "ask", "key": "short", "text": "x"}, "bad_key"),
        ({"type": "ask", "key": "键" * 10, "text": "x"}, "bad_key"),
        ({"type": "ask", "key": "k" * 10, "text": ""}, "empty"),
        ({"type": "ask", "key": "k" * 10, "text": " \u200b\u0000\n"}, "empty"),
        ({"type": "ask", "key": "k" * 10, "text": "长" * 301}, "too_long"),
        ({"type": "ask", "key": "k" * 10, "text": "x" * 10_000}, "too_long"),
        ({"type": "ask", "key": "k" * 10, "text": "x", "nickname": "n" * 21}, "too_long"),
        ({"type": "second", "question": "nobody"}, "not_found"),
        ({"type": "withdraw", "question": "nobody"}, "not_found"),
        ({"type": "publish", "question": "nobody"}, "forbidden"),
        ({"type": "refuse", "question": "q", "reason": "because"}, "bad_message"),
        ({"type": "outcome", "question": "q", "outcome": "referred"}, "bad_message"),
        ({"type": "go_live"}, "bad_message"),
        ({"type": "cut", "reason": "x"}, "forbidden"),
        ({"type": "end"}, "forbidden"),
        ({"type": "hello", "view": "desk"}, "forbidden"),
        ({"type": "hello", "view": "kitchen"}, "bad_message"),
        ({"type": "hello", "view": "room", "seq": -1}, "bad_message"),
    ],
)
async def test_bad_wishes_have_their_answer_and_change_nothing(
    world: World, wish: dict[str, object], code: str
) -> None:
    wire = await Wire.open(await world.visitor())
    await wire.hear("snapshot")
    answer = await wire.wish(**wish)
    assert (answer["type"], answer["code"]) == ("refused", code)
    assert answer["message"]
    assert (await wire.ask("后来的提问"))["state"] == "pending"
    assert len((await world.app[keys.RECORDS].load(world.session)).queue.questions) == 1


async def test_what_is_no_message_is_refused_and_ten_in_a_row_close_the_socket(world: World) -> None:
    wire = await Wire.open(await world.visitor())
    await wire.hear("counts")
    for text in ("", "{", "[]", "null", '"x"', "{}", '{"type": 1}', '{"id": "a", "type": "ping"}', '{"type": "ping"}'):
        await wire.socket.send_str(text)
        assert (await wire.hear("refused"))["code"] == "bad_message"
    await wire.socket.send_bytes(b"\x00")
    with pytest.raises((TypeError, aiohttp.WSMessageTypeError)):
        while True:
            await wire.socket.receive_str(timeout=30)
    assert wire.socket.close_code == 1008


async def test_a_message_over_the_limit_closes_only_its_own_socket(world: World) -> None:
    big, other = await Wire.open(await world.visitor()), await Wire.open(await world.visitor())
    await big.socket.send_str("x" * 20_000)
    with pytest.raises((TypeError, aiohttp.WSMessageTypeError)):
        while True:
            await big.socket.receive_str(timeout=30)
    assert big.socket.close_code == 1009
    assert await other.ask()


async def test_a_page_of_another_site_gets_no_socket(world: World) -> None:
    client = await world.visitor()
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await client.ws_connect("/rooms/r/socket", headers={"Origin": "https://elsewhere.example"})
    assert caught.value.status == 403
    own = await client.ws_connect(
        "/rooms/r/socket", headers={"Origin": f"http://{world.server.host}:{world.server.port}"}
    )
    await own.close()
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await client.ws_connect("/rooms/nowhere/socket")
    assert caught.value.status == 404


async def test_an_independent_client_library_can_talk_to_it(world: World) -> None:
    address = f"ws://{world.server.host}:{world.server.port}/rooms/r/socket"
    async with websockets.connect(address) as socket:
        await socket.send(json.dumps({"type": "hello", "view": "room"}))
        assert json.loads(await socket.recv())["type"] == "snapshot"
        await socket.send(json.dumps({"type": "ping", "id": 7}))
        kinds = {json.loads(await asyncio.wait_for(socket.recv(), 30))["type"] for _ in range(3)}
        assert kinds == {"mine", "counts", "pong"}


async def test_the_end_of_the_session_is_told_and_freezes_open_questions(world: World) -> None:
    await world.live()
    asker, deputy = await Wire.open(await world.visitor()), await Wire.open(await world.sign_in("deputy"), "studio")
    question = await asker.ask()
    assert (await deputy.wish(type="end"))["type"] == "done"
    while "session" not in (feed := await asker.hear("feed")):
        pass
    assert feed["session"]["state"] == "ended"
    assert (await asker.wish(type="ask", key="k" * 10, text="还有"))["code"] == "session_closed"
    assert (await asker.wish(type="withdraw", question=question["id"]))["code"] == "session_closed"


async def test_a_deputy_who_is_not_named_neither_ends_nor_answers(world: World) -> None:
    await world.live()
    asker, desk = await Wire.open(await world.visitor()), await Wire.open(await world.sign_in("moderator"), "desk")
    question = (await asker.ask())["id"]
    for step in ("publish", "put_on_air"):
        assert (await desk.wish(type=step, question=question))["type"] == "done"
    stranger = await Wire.open(await world.sign_in("stranger"), "studio")
    assert "end" not in (await stranger.hear("snapshot"))["you"]["may"]
    assert (await stranger.wish(type="answered", question=question))["code"] == "forbidden"
    assert (await stranger.wish(type="end"))["code"] == "forbidden"
    deputy = await Wire.open(await world.sign_in("deputy"), "studio")
    assert "end" in (await deputy.hear("snapshot"))["you"]["may"]
    assert (await deputy.wish(type="answered", question=question))["type"] == "done"


async def test_whoever_was_removed_or_has_other_roles_hears_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liveroom.server.socket.SIGN_IN_EVERY", 0.05)
    desk, lead = [await Wire.open(await world.sign_in(login), "desk") for login in ("moderator", "lead")]
    for wire in (desk, lead):
        await wire.hear("counts")
    await world.app[keys.PEOPLE].remove_account("moderator")
    await world.app[keys.PEOPLE].set_roles("lead", frozenset({Role.AUDITOR}), None)
    for wire in (desk, lead):
        with pytest.raises((TypeError, aiohttp.WSMessageTypeError)):
            while True:
                await wire.socket.receive_str(timeout=30)
        assert wire.socket.close_code == RESYNC


async def test_cutting_off_needs_a_reason_and_the_right(world: World) -> None:
    await world.live()
    office = await Wire.open(await world.sign_in("office"), "desk")
    assert (await office.wish(type="cut", reason=" "))["code"] == "reason_missing"
    assert (await office.wish(type="cut", reason="核实"))["type"] == "done"
    moderator = await Wire.open(await world.sign_in("moderator"), "desk")
    assert (await moderator.wish(type="resume"))["code"] == "forbidden"
    assert (await office.wish(type="resume"))["type"] == "done"


async def test_nothing_becomes_public_while_the_broadcast_is_cut_off(world: World) -> None:
    await world.live()
    asker, desk = await Wire.open(await world.visitor()), await Wire.open(await world.sign_in("lead"), "desk")
    first, second, third = [(await asker.ask(f"提问 {n}"))["id"] for n in range(3)]
    await desk.wish(type="publish", question=first)
    back = await desk.wish(type="publish", question=second)
    refused = await desk.wish(type="refuse", question=first, reason="off_topic")
    assert (await desk.wish(type="cut", reason="核实"))["type"] == "done"
    for wish in ({"type": "publish", "question": third}, {"type": "enqueue", "question": second}):
        answer = await desk.wish(**wish)
        assert (answer["type"], answer["code"]) == ("refused", "session_cut"), wish
    assert (await desk.wish(type="put_on_air", question=second))["code"] == "session_cut"
    many = await desk.wish(type="bulk", questions=[first, third], move={"type": "publish"})
    assert [skipped["code"] for skipped in many["skipped"]] == ["session_cut", "session_cut"]
    assert (await desk.wish(type="undo", first=refused["first"], last=refused["last"]))["code"] == "session_cut"
    assert (await desk.wish(type="tag", question=third, tags=["航线"]))["type"] == "done"
    assert (await desk.wish(type="undo", first=back["first"], last=back["last"]))["type"] == "done"
    stranger = await Wire.open(await world.visitor())
    assert (await stranger.hear("snapshot"))["questions"] == []
    assert (await desk.wish(type="resume"))["type"] == "done"
    assert (await desk.wish(type="publish", question=third))["type"] == "done"


async def test_a_question_goes_to_the_session_it_was_typed_for_however_late_it_is_sent(world: World) -> None:
    broadcasting, office = world.app[keys.VERBS].broadcasting, await world.app[keys.PEOPLE].account("office")
    assert office is not None
    client = await world.visitor()
    await client.get("/rooms/r")
    wire = await Wire.open(client)
    first = await wire.ask("发出去了，回音丢了", "key-0001")
    await broadcasting.cancel(world.session, "台风", office.actor)
    start = clock.now() + timedelta(minutes=5)
    following = (await broadcasting.plan("r", "下一场", start, ("deputy",), office.actor)).id
    later = await Wire.open(client)
    assert (await later.hear("snapshot"))["session"]["id"] == following
    again = await later.wish(type="ask", key="key-0001", text="发出去了，回音丢了", session=world.session)
    assert again["type"] == "asked", again
    assert again["question"]["id"] == first["id"]
    late = await later.wish(type="ask", key="key-0002", text="太晚了", session=world.session)
    assert (late["type"], late["code"], late["retry_after"]) == ("refused", "session_closed", None)
    assert (await later.wish(type="ask", key="key-0002", text="太晚了", session=following))["type"] == "asked"
    unknown = await later.wish(type="ask", key="key-0003", text="哪一场？", session="nowhere")
    assert (unknown["type"], unknown["code"]) == ("refused", "not_found")
    sitting = await world.app[keys.VERBS].attending.sitting(following)
    assert [question.text for question in sitting.queue.questions.values()] == ["太晚了"]


async def test_whoever_leaves_leaves_nothing_that_only_the_garbage_collector_could_free(world: World) -> None:
    closes, breaks_off = await Wire.open(await world.visitor()), await Wire.open(await world.visitor())
    for wire in (closes, breaks_off):
        await wire.hear("counts")
    halls = world.app[keys.HALLS]
    here = [weakref.ref(found) for found in gc.get_objects() if type(found) is aiohttp.web.WebSocketResponse]
    assert len(here) == 2
    gc.disable()
    try:
        await closes.socket.close()
        assert breaks_off.socket._response.connection is not None
        breaks_off.socket._response.connection.transport.abort()
        async with asyncio.timeout(10):
            while halls.departures < 2 or any(found() is not None for found in here):
                await asyncio.sleep(0.01)
    finally:
        gc.enable()
