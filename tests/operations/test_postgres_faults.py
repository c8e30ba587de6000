"""The service on PostgreSQL: its commands, copies by pg_dump, and a database that stops hard while people ask."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from liveroom import ids
from liveroom.server import keys
from tests.support.command import liveroom
from tests.support.postgres import PASSWORD_IN_ADDRESS, PostgresServer
from tests.support.world import World

OPERATIONS = (Path(__file__).resolve().parent.parent.parent / "docs" / "operations.md").read_text()
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
async def server() -> AsyncIterator[PostgresServer]:
    """One that may be stopped without harm to other tests."""
    started = await asyncio.to_thread(PostgresServer)
    yield started
    await asyncio.to_thread(started.close)


def test_commands_say_what_they_do_with_a_database(postgres: PostgresServer, tmp_path: Path) -> None:
    address, data = postgres.address(postgres.empty()), ("--data", str(tmp_path / "data"))
    secret = tmp_path / "secret"
    secret.write_text(address)

    def said(*arguments: str) -> tuple[int, str]:
        done = liveroom(*arguments, *data, LIVEROOM_DATABASE_FILE=str(secret))
        assert PASSWORD_IN_ADDRESS not in done.stdout + done.stderr
        return done.returncode, (done.stdout + done.stderr).replace("\n", " ")

    name = address.rpartition("/")[2]
    assert said("migrate") == (0, f"postgresql://127.0.0.1:{postgres.port}/{name} is up to date. ")
    assert said("user", "add", "lin", "--name", "林", "--role", "deputy", "--password", "long-password")[0] == 0
    assert "lin" in said("user", "list")[1]
    assert said("audit", "verify")[0] == 0
    for command, instead in (("backup", "pg_dump"), ("restore", "pg_restore")):
        status, words = said(command, str(tmp_path / "copy"))
        assert (status, instead in words) == (2, True)
    status, words = said("demo")
    assert (status, "unset LIVEROOM_DATABASE" in words) == (2, True)
    assert not (tmp_path / "data").exists(), "no file beside the database"
    postgres.psql(name, "UPDATE alembic_version SET version_num = 'from-the-future'")
    status, words = said("migrate")
    assert (status, "newer version" in words) == (2, True)


async def test_a_dump_is_put_back_with_a_new_epoch(postgres: PostgresServer, tmp_path: Path) -> None:
    address = postgres.fresh()
    world = await World.make(tmp_path / "a", database=address)
    epoch = world.app[keys.RECORDS].epoch
    await world.close()
    dump = await asyncio.to_thread(postgres.run, "pg_dump", "--no-owner", "-d", address)
    copy = await asyncio.to_thread(postgres.empty)
    await asyncio.to_thread(postgres.script, copy, dump)
    # As docs/operations.md has it: pages that stayed open have seen another set of records.
    renew = re.search(r'-c "(UPDATE meta .*)"', OPERATIONS)
    assert renew is not None
    await asyncio.to_thread(postgres.psql, copy, renew[1])
    again = await World.make(tmp_path / "b", database=postgres.address(copy))
    assert await again.app[keys.RECORDS].room("r") is not None
    assert again.app[keys.RECORDS].epoch not in {epoch, ""}
    await again.close()


class Asker:
    """Asks without pause and writes down what was acknowledged; what was refused is asked again with the same key."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.acknowledged: dict[str, str] = {}
        self.refused: list[str] = []

    async def run(self, stop: asyncio.Event) -> None:
        client = await self.world.visitor()
        await (await client.get("/rooms/r")).read()
        number = 0
        async with client.ws_connect("/rooms/r/socket") as socket:
            await socket.send_json({"type": "hello", "view": "room"})
            while not stop.is_set():
                key = ids.new_id()
                while key not in self.acknowledged:
                    number += 1
                    await socket.send_json({"type": "ask", "id": number, "key": key, "text": f"问题 {key}"})
                    while (answer := await socket.receive_json(timeout=60)).get("id") != number:
                        pass
                    if answer["type"] == "asked":
                        self.acknowledged[key] = answer["question"]["id"]
                    else:
                        self.refused.append(answer["code"])
                        await asyncio.sleep(0.05)


async def test_a_database_that_stops_hard_loses_and_doubles_nothing_that_was_acknowledged(
    server: PostgresServer, tmp_path: Path, figures: list[str]
) -> None:
    address = await asyncio.to_thread(server.fresh)
    world = await World.make(tmp_path, database=address)
    stop, askers = asyncio.Event(), [Asker(world) for _ in range(4)]
    tasks = [asyncio.create_task(asker.run(stop)) for asker in askers]
    reader = await world.visitor()

    async def acknowledged_after(count: int) -> None:
        while sum(len(asker.acknowledged) for asker in askers) < count:
            await asyncio.sleep(0.02)

    stops = 3
    for n in range(stops):
        await asyncio.wait_for(acknowledged_after(sum(len(a.acknowledged) for a in askers) + 40), 60)
        before = sum(len(asker.refused) for asker in askers)
        await asyncio.to_thread(server.stop, "immediate")
        while sum(len(asker.refused) for asker in askers) < before + len(askers):
            await asyncio.sleep(0.02)
        assert (await reader.get("/readyz")).status == 503
        page = await reader.get("/rooms/r", headers={"Accept-Language": "en"})
        assert (page.status, "try again" in await page.text()) == (503, True)
        await asyncio.to_thread(server.start)
        assert (await reader.get("/readyz")).status == 200, f"ready again by itself, stop {n}"
    await asyncio.wait_for(acknowledged_after(sum(len(a.acknowledged) for a in askers) + 40), 60)
    stop.set()
    await asyncio.gather(*tasks)
    acknowledged = {key: name for asker in askers for key, name in asker.acknowledged.items()}
    refused = [code for asker in askers for code in asker.refused]
    kept = (await asyncio.to_thread(server.psql, address.rpartition("/")[2], "SELECT id, key FROM questions")).split()
    there = dict(line.split("|") for line in kept)
    lost = [key for key, name in acknowledged.items() if name not in there]
    figures.append(
        f"PostgreSQL stopped hard {stops} times: {len(acknowledged)} acknowledged, {len(lost)} lost, "
        f"{len(there) - len(set(there.values()))} doubled, {len(refused)} told to try again"
    )
    assert lost == []
    assert sorted(there.values()) == sorted(acknowledged), "each question once, whatever a commit became"
    assert set(refused) == {"unavailable"}
    await world.close()
    verified = await asyncio.to_thread(lambda: liveroom("audit", "verify", LIVEROOM_DATABASE=address))
    assert verified.returncode == 0, verified.stdout


async def test_two_processes_serve_the_same_records(postgres: PostgresServer, tmp_path: Path) -> None:
    address = postgres.fresh()
    one = await World.make(tmp_path / "one", database=address)
    two = await World.make(tmp_path / "two", database=address)
    visitor = await one.visitor()
    await (await visitor.get("/rooms/r")).read()
    async with visitor.ws_connect("/rooms/r/socket") as socket:
        await socket.send_json({"type": "hello", "view": "room"})
        await socket.send_json({"type": "ask", "id": 1, "key": "key-12345", "text": "岛上的船几点开？"})
        while (answer := await socket.receive_json(timeout=60)).get("id") != 1:
            pass
    code = answer["question"]["code"]
    reader = await two.visitor()
    page = await reader.get(f"/track/{code}")
    assert (page.status, "岛上的船几点开？" in await page.text()) == (200, True)
    await one.close()
    await two.close()


async def test_a_service_whose_database_is_not_there_says_so(tmp_path: Path) -> None:
    done = await asyncio.to_thread(
        lambda: liveroom(
            "serve", "--port", "0", "--udp-port", "0", LIVEROOM_DATABASE="postgresql://u:s3cret@127.0.0.1:1/room"
        )
    )
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "liveroom: postgresql://127.0.0.1:1/room cannot be opened or changed: the database server is not there."
    ]
