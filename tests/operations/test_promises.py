"""Promises about what was acknowledged, kept by a real process that is killed, starved of disk, and restarted."""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import time
import urllib.request
from pathlib import Path

import aiohttp
import pytest

from liveroom import ids
from tests.support.demo import Demo


class Asker:
    """Asks without pause over one socket at a time and writes down what was acknowledged."""

    def __init__(self) -> None:
        self.acknowledged: dict[str, str] = {}
        self.unanswered: list[str] = []

    async def run(self, demo: Demo, stop: asyncio.Event) -> None:
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as client:
            while not stop.is_set():
                try:
                    await (await client.get(demo["room"])).read()
                    async with client.ws_connect(demo["socket"]) as socket:
                        await socket.send_json({"type": "hello", "view": "room"})
                        for key in self.unanswered.copy():
                            await self.ask(socket, key)
                        while not stop.is_set():
                            await self.ask(socket, ids.new_id())
                except (TimeoutError, aiohttp.ClientError, OSError, TypeError):
                    await asyncio.sleep(0.05)

    async def ask(self, socket: aiohttp.ClientWebSocketResponse, key: str) -> None:
        if key not in self.unanswered:
            self.unanswered.append(key)
        await socket.send_json({"type": "ask", "id": 1, "key": key, "text": worded(key)})
        while (answer := json.loads(await socket.receive_str(timeout=30)))["type"] != "asked":
            assert answer["type"] != "refused", answer
        self.unanswered.remove(key)
        self.acknowledged[key] = answer["question"]["id"]


def worded(key: str) -> str:
    """Words of its own for each key, in letters from a to p: what looks like an account or a number would be covered,
    and two that are covered look alike.
    """
    return "问题 " + key.encode().hex().translate(str.maketrans("0123456789", "ghijklmnop"))


async def questions_at(demo: Demo) -> list[dict[str, object]]:
    """All questions of the session, as the desk sees them."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        await (await client.get(demo["desk"])).read()
        async with client.ws_connect(demo["socket"], max_msg_size=64_000_000) as socket:
            await socket.send_json({"type": "hello", "view": "desk"})
            questions: list[dict[str, object]] = json.loads(await socket.receive_str(timeout=30))["questions"]
            return questions


@pytest.mark.alone
async def test_ten_kills_while_people_ask_lose_and_double_nothing(tmp_path: Path, figures: list[str]) -> None:
    chance = random.Random(11)
    demo = Demo(tmp_path / "data").start()
    port, udp_port, desk = demo.port, 0, demo["desk"]
    askers, stop = [Asker() for _ in range(3)], asyncio.Event()
    tasks = [asyncio.create_task(asker.run(demo, stop)) for asker in askers]
    back = []

    def answered() -> int:
        return sum(len(asker.acknowledged) for asker in askers)

    for _ in range(10):
        # Never before somebody was answered: a busy machine takes its time, and nothing could be lost.
        before = answered()
        async with asyncio.timeout(60):
            while answered() < before + 6:
                await asyncio.sleep(0.01)
        await asyncio.sleep(chance.random())
        await asyncio.to_thread(demo.kill)
        began = time.monotonic()
        await asyncio.to_thread(demo.start, port, udp_port)
        back.append(time.monotonic() - began)
    await asyncio.sleep(0.5)
    stop.set()
    await asyncio.gather(*tasks)
    kept = await questions_at(demo)
    texts = [str(question["text"]) for question in kept]
    acknowledged = {key: name for asker in askers for key, name in asker.acknowledged.items()}
    lost = [key for key, name in acknowledged.items() if name not in {question["id"] for question in kept}]
    figures.append(
        f"10 kills, {len(acknowledged)} acknowledged, {len(lost)} lost, {len(texts) - len(set(texts))} doubled; "
        f"ready again after {max(back):.1f} s at most"
    )
    assert len(acknowledged) > 50
    assert lost == []
    assert "*" not in "".join(texts), "nothing is covered, so that two are one when they read the same"
    assert len(texts) == len(set(texts))
    assert desk
    demo.stop()


async def test_a_full_disk_is_told_and_asking_works_again_afterwards(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "data").start()
    pid = int(demo["pid"])
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        await (await client.get(demo["room"])).read()
        async with client.ws_connect(demo["socket"]) as socket:
            await socket.send_json({"type": "hello", "view": "room"})

            async def ask(key: str) -> dict[str, object]:
                await socket.send_json({"type": "ask", "id": 1, "key": key, "text": f"问题 {key}"})
                answer: dict[str, object] = {"type": ""}
                while answer["type"] not in {"asked", "refused"}:
                    answer = json.loads(await socket.receive_str(timeout=30))
                return answer

            assert (await ask("before-1234"))["type"] == "asked"
            # From now on no file of the process may grow: every write beyond this size fails.
            free = resource.prlimit(pid, resource.RLIMIT_FSIZE, (1024, resource.RLIM_INFINITY))
            refused = await ask("during-1234")
            assert (refused["type"], refused["code"]) == ("refused", "unavailable")
            assert "保留" in str(refused["message"]) or "Keep" in str(refused["message"])
            resource.prlimit(pid, resource.RLIMIT_FSIZE, free)
            kept = [str(question["text"]) for question in await questions_at(demo)]
            assert "问题 during-1234" not in kept
            assert (await ask("during-1234"))["type"] == "asked"
    kept = [str(question["text"]) for question in await questions_again(demo)]
    assert sorted(kept) == ["问题 before-1234", "问题 during-1234"]
    demo.stop()


async def questions_again(demo: Demo) -> list[dict[str, object]]:
    """The desk's link works once: start again for another look, which also shows that the data stay."""
    demo.stop()
    demo.start()
    return await questions_at(demo)


def test_a_stop_by_signal_is_quick_and_the_demo_keeps_its_data(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "data").start()
    home = urllib.request.urlopen(demo["home"]).read().decode()
    assert "海水淡化站" in home
    assert demo.stop() < 20
    assert demo.process.returncode == 0
    demo.start()
    assert "海水淡化站" in urllib.request.urlopen(demo["home"]).read().decode()
    for path in ("healthz", "readyz", "metrics"):
        assert urllib.request.urlopen(demo["home"] + path).status == 200
    demo.stop()
    assert os.path.getsize(tmp_path / "data" / "liveroom.sqlite3") > 0
