"""The commands, as an operator types them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from liveroom import __version__
from liveroom.cli import COMMANDS, main
from liveroom.server import keys
from liveroom.server.sign_in import hash_password
from liveroom.settings import describe
from liveroom.storage.rule_sets import shipped
from tests.support.command import liveroom
from tests.support.demo import Demo
from tests.support.world import Wire, World, csrf


def test_the_version_and_the_settings_are_told() -> None:
    assert __version__ in liveroom("--version").stdout
    listed = liveroom("settings").stdout
    for name, _, _ in describe():
        assert name in listed


def test_a_command_is_listed_with_words_of_its_own_and_loads_nothing_of_the_others() -> None:
    listed = CliRunner().invoke(main, ["--help"], terminal_width=200).output
    for name, (_, words) in COMMANDS.items():
        assert words in listed
        assert CliRunner().invoke(main, [name, "--help"]).exit_code == 0, name
    light = "import sys, liveroom.cli; print({'aiohttp', 'aiortc', 'sqlalchemy', 'rich'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", light], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"


def test_the_commands_about_people_do_not_wait_for_the_media_plane() -> None:
    light = "import sys, liveroom.cli.users; print({'aiortc', 'av', 'liveroom.media.plane'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", light], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"LIVEROOM_PORT": "x"}, "LIVEROOM_PORT must be a whole number"),
        ({"LIVEROOM_COLOUR": "blue"}, "LIVEROOM_COLOUR is not a setting"),
        ({"LIVEROOM_TLS_CERT": "/none.pem"}, "belong together"),
        ({"LIVEROOM_ASK_PER_MINUTE": "0"}, "LIVEROOM_ASK_PER_MINUTE must be at least 1"),
        ({"LIVEROOM_ANNOUNCE": "everywhere"}, "LIVEROOM_ANNOUNCE must list IPv4 addresses"),
        ({"LIVEROOM_HOST": "::1"}, "LIVEROOM_HOST must be an IPv4 address"),
    ],
)
def test_a_wrong_setting_is_one_clear_sentence_and_exit_two(environment: dict[str, str], words: str) -> None:
    for command in ("serve", "migrate", "demo"):
        result = liveroom(command, **environment)
        assert result.returncode == 2
        assert words in result.stderr
        assert "Traceback" not in result.stderr
        assert len(result.stderr.strip().splitlines()) == 1


def test_a_port_that_is_taken_is_one_clear_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = liveroom("serve", "--host", "127.0.0.1", "--port", port, "--udp-port", "0", "--data", str(tmp_path))
    assert result.returncode == 2
    assert "cannot be used" in result.stderr
    assert "Traceback" not in result.stderr


def test_names_are_cleaned_of_what_cannot_be_read(tmp_path: Path) -> None:
    def add(login: str, name: str) -> Result:
        line = ["user", "add", login, "--name", name, "--role", "auditor", "--password", "x", "--data", str(tmp_path)]
        return CliRunner().invoke(main, line)

    assert add(" wu ", "吴\u202e  监督\n").output == "wu can sign in now.\n"
    listed = CliRunner().invoke(main, ["user", "list", "--data", str(tmp_path)])
    assert "吴 监督 " in listed.output
    for name, words in (("\u200b", "nothing to read"), ("长" * 41, "longer than 40")):
        refused = add("li", name)
        assert refused.exit_code == 2
        assert words in refused.output


def test_people_are_added_listed_and_get_new_passwords(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path))
    assert liveroom("migrate", *data).returncode == 0
    add = (
        "user",
        "add",
        "wang",
        "--name",
        "王代表",
        "--role",
        "deputy",
        "--role",
        "host",
        "--password",
        "long-password",
    )
    assert liveroom(*add, *data).returncode == 0
    again = liveroom(*add, *data)
    assert (again.returncode, "in use already" in again.stderr) == (2, True)
    assert "王代表" in liveroom("user", "list", *data).stdout
    assert liveroom("user", "password", "wang", "--password", "another-one", *data).returncode == 0
    assert liveroom("user", "password", "nobody", "--password", "another-one", *data).returncode == 2
    unit = liveroom(
        "user", "add", "li", "--name", "李", "--role", "unit_head", "--unit", "水务局", "--password", "x", *data
    )
    assert unit.returncode == 0


def asked(address: str, method: str = "GET", body: bytes | None = None, **headers: str) -> int:
    """The status of an answer; redirects are not followed."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    request = urllib.request.Request(address, data=body, method=method, headers=headers)
    try:
        return int(urllib.request.build_opener(Stay).open(request).status)
    except urllib.error.HTTPError as error:
        return error.code


def test_an_address_for_reminders_is_written_down_and_taken_away(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path))
    liveroom("user", "add", "li", "--name", "李", "--role", "unit_head", "--unit", "水务局", "--password", "x", *data)
    told = liveroom("user", "address", "li", "li@example.org", *data).stdout
    assert told == "li is reminded at l…@example.org, once they have proved it at /account.\n"
    assert liveroom("user", "address", "li", *data).stdout == "li is reminded on the work list alone.\n"
    for login, contact in (("li", "12345"), ("nobody", "li@example.org")):
        assert liveroom("user", "address", login, contact, *data).returncode == 2
    assert b"li@example" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*.sqlite3*"))


def test_keys_and_roles_are_given_and_taken_while_the_server_runs(demo: Demo) -> None:
    def user(*arguments: str) -> subprocess.CompletedProcess[str]:
        return liveroom("user", *arguments, "--data", str(demo.data))

    def publishing(token: str) -> int:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
        return asked(demo["whip"], "POST", b"v=0", **headers)

    assert user("add", "wang", "--name", "王导播", "--role", "auditor", "--password", "long-one").returncode == 0
    refused = user("token", "wang")
    assert (refused.returncode, "may not broadcast" in refused.stderr) == (2, True)
    assert user("roles", "wang", "--role", "producer", "--role", "host").returncode == 0
    assert "host, producer" in user("list").stdout
    first = user("token", "wang").stdout.strip()
    assert (publishing(first), publishing("wrong")) == (400, 401)
    token = user("token", "wang").stdout.strip()
    assert (publishing(token), publishing(first)) == (400, 401), "a new token ends the one before"

    assert "No encoder of wang" in user("token", "wang", "--revoke").stdout
    assert publishing(token) == 401
    token = user("token", "wang").stdout.strip()

    link = user("link", "wang", "--to", "/rooms/haitian/studio").stdout.strip()
    assert link.startswith("/sign-in/")
    address = demo["home"].rstrip("/") + link
    assert [asked(address) for _ in range(2)] == [303, 410]
    assert user("link", "wang", "--to", "https://elsewhere.example/").returncode == 2
    unused = demo["home"].rstrip("/") + user("link", "wang").stdout.strip()

    assert user("remove", "wang", "--yes").returncode == 0
    assert (publishing(token), asked(unused)) == (401, 410)
    assert "王导播" not in user("list").stdout
    for command in (
        ("token", "wang"),
        ("link", "wang"),
        ("remove", "wang", "--yes"),
        ("roles", "wang", "--role", "host"),
    ):
        assert "Nobody is called wang" in user(*command).stderr
    assert user("add", "wang", "--name", "另一位", "--role", "host", "--password", "x").returncode == 0


def test_health_is_asked_by_the_settings_with_and_without_tls(tmp_path: Path) -> None:
    asking = [sys.executable, "-m", "liveroom.health"]
    for options in ((), ("--tls",)):
        demo = Demo(tmp_path / f"data{len(options)}", options).start()
        port = demo["health"].rsplit(":", 1)[1].split("/")[0]
        chosen = {"LIVEROOM_PORT": port}
        if options:
            chosen |= {f"LIVEROOM_TLS_{n.upper()}": str(demo.data / f"demo-{n}.pem") for n in ("cert", "key")}
        asked_with = os.environ | chosen
        assert subprocess.run(asking, env=asked_with).returncode == 0
        assert liveroom("health", **chosen).returncode == 0
        demo.stop()
        assert subprocess.run(asking, env=asked_with).returncode == 1
    assert subprocess.run(asking, env=os.environ | {"LIVEROOM_PORT": "x"}, capture_output=True).returncode == 2


def test_serve_answers_and_stops_in_time(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = f"-m liveroom serve --host 127.0.0.1 --port {port} --udp-port 0 --data".split()
    process = subprocess.Popen(
        [sys.executable, *command, str(tmp_path)],
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(100):
            try:
                assert urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz").status == 200
                break
            except OSError:
                time.sleep(0.1)
        assert "还没有直播间" in urllib.request.urlopen(f"http://127.0.0.1:{port}/").read().decode()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()


def test_the_demo_speaks_https_with_a_certificate_of_its_own(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "data", ("--tls",)).start()
    trusting = ssl.create_default_context(cafile=str(tmp_path / "data" / "demo-cert.pem"))
    response = urllib.request.urlopen(demo["home"], context=trusting)
    assert response.status == 200
    assert "Secure" in str(response.headers["Set-Cookie"])
    assert demo["socket"].startswith("wss://")
    demo.stop()


def test_a_word_list_is_checked_before_it_is_put_in(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("加微信,hold,sounds\n坏词\n", "utf-8")
    checked = liveroom("words", "check", str(file), "--text", "加薇信，打13800138000")
    assert checked.returncode == 2
    assert "line 2: the action is missing: 坏词" in checked.stderr
    assert "1 words: 0 mask, 0 flag, 1 hold, 0 escalate" in checked.stdout
    assert "published as: 加薇信，打***********" in checked.stdout
    file.write_text("加微信,hold\n", "utf-8")
    assert liveroom("words", "check", str(file)).returncode == 0
    file.write_bytes(b"\xff\xfe")
    assert "is not UTF-8" in liveroom("words", "check", str(file)).stderr


async def test_two_people_with_a_reason_open_the_vault_and_the_look_is_kept(tmp_path: Path) -> None:
    world = await World.make(tmp_path / "data")
    client = await world.visitor()
    fields = {"csrf": await csrf(client, "/verify"), "contact": "wang@example.org"}
    await client.post("/verify/contact", data=fields)
    (file,) = (tmp_path / "data" / "codes").iterdir()
    await client.post("/verify/code", data=fields | {"code": json.loads(file.read_text())["code"]})
    wire = await Wire.open(client)
    answer = await wire.wish(type="ask", key="key-0001", text="我是谁？", verified=True)
    other = await (await Wire.open(await world.visitor())).ask()
    for login in ("office", "auditor", "moderator"):
        await world.app[keys.PEOPLE].set_password(login, hash_password(f"{login}-1"))
    await world.close()

    def reveal(code: str, second: str, *passwords: str, reason: str = "法院来函，案号（2026）1 号") -> tuple[int, str]:
        told = CliRunner().invoke(
            main,
            [
                *["vault", "reveal", "--by", "office", "--with"],
                second,
                "--reason",
                reason,
                "--data",
                str(tmp_path / "data"),
                code,
            ],
            input="".join(f"{password}\n" for password in passwords),
        )
        return told.exit_code, told.output

    code = answer["question"]["code"]
    right = ("office-1", "auditor-1")
    for refused in (
        await asyncio.to_thread(reveal, code, "office", "office-1", "office-1"),
        await asyncio.to_thread(reveal, code, "auditor", "office-1", "wrong"),
        await asyncio.to_thread(reveal, code, "nobody", "office-1", "x"),
        await asyncio.to_thread(reveal, code, "moderator", "office-1", "moderator-1"),
        await asyncio.to_thread(reveal, code, "auditor", *right, reason="好奇"),
        await asyncio.to_thread(reveal, "ABCD", "auditor", *right),
    ):
        assert refused[0] == 2
        assert "wang" not in refused[1]
    assert "without a verified contact" in (await asyncio.to_thread(reveal, other["code"], "auditor", *right))[1]
    status, told = await asyncio.to_thread(reveal, code, "auditor", *right)
    assert (status, "mail: wang@example.org" in told) == (0, True)
    with sqlite3.connect(tmp_path / "data" / "liveroom.sqlite3") as raw:
        looks = raw.execute("SELECT question, first, second FROM identity_accesses").fetchall()
    assert looks == [(answer["question"]["id"], "office", "auditor")]


def test_a_rule_set_is_checked_and_all_are_listed(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "rules"
    folder.mkdir(parents=True)
    text = next(one.text for one in shipped() if one.rules and one.rules.id == "compact")
    (folder / "county.toml").write_text(text.replace('id = "compact"', 'id = "county"'))
    (folder / "broken.toml").write_text(text.replace('to = "registered"', 'to = "registred"'))
    good = liveroom("rules", "check", str(folder / "county.toml"))
    assert (good.returncode, "county@2 is good" in good.stdout) == (0, True)
    broken = liveroom("rules", "check", str(folder / "broken.toml"))
    assert broken.returncode == 2
    assert "to unknown state “registred”" in broken.stderr
    told = " ".join(liveroom("rules", "check", "--help").stdout.split())
    assert f"Exit status {broken.returncode} when anything is." in told
    data = str(tmp_path / "data")
    listed = liveroom("rules", "list", "--data", data, LIVEROOM_RULES="county").stdout
    (chosen,) = (line for line in listed.splitlines() if " yes " in line)
    assert "county@2" in chosen
    assert "problems: liveroom rules check" in listed
    missing = liveroom("rules", "list", "--data", data, LIVEROOM_RULES="province")
    assert "there is no such rule set: there are compact@2, county@2, standard@2" in missing.stderr
