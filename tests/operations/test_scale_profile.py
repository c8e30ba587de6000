"""docker-compose.yml and the nginx in it agree with one another and with the settings; no container is started."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from liveroom import settings
from liveroom.matters.enclosures import FILE_BYTES
from liveroom.server.channel import HEARTBEAT
from liveroom.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
GIVEN = {
    "LIVEROOM_ANNOUNCE": "203.0.113.7",
    "POSTGRES_PASSWORD": "secret",
    "LIVEROOM_TURN_SECRET": "north",
    "LIVEROOM_TURN_URLS": "turn:203.0.113.7:3478",
}
Block = list[tuple[list[str], "Block | None"]]


def environment(service: str) -> dict[str, str]:
    """As the container sees it, with the variables of an operator put in."""
    written = COMPOSE["services"][service]["environment"]
    fill = re.compile(r"\$\{(\w+)(?::[-?][^}]*)?\}")
    return {name: fill.sub(lambda found: GIVEN.get(found[1], ""), value) for name, value in written.items()}


def parse(text: str) -> Block:
    """The directives of an nginx file, in order: words, and the block where there is one."""
    tokens = re.findall(r"'[^']*'|[{};]|[^\s{};']+", re.sub(r"#.*", "", text))
    root: Block = []
    open_blocks, words = [root], list[str]()
    for token in tokens:
        if token == "{":
            inner: Block = []
            open_blocks[-1].append((words, inner))
            open_blocks.append(inner)
        elif token == "}":
            assert not words, f"no semicolon after {words}"
            open_blocks.pop()
        elif token == ";":
            open_blocks[-1].append((words, None))
        if token in "{};":
            words = []
        else:
            words.append(token)
    assert open_blocks == [root], "a block is not closed"
    return root


def inside(block: Block, *names: str) -> Block:
    """The block behind such a way."""
    for name in names:
        found = next(inner for words, inner in block if " ".join(words) == name)
        assert found is not None
        block = found
    return block


NGINX = parse((ROOT / "deploy" / "nginx.conf").read_text())
LOCATION = [words for words, _ in inside(NGINX, "http", "server", "location /")]


def test_the_two_processes_have_settings_that_are_read_and_share_what_must_be_shared() -> None:
    first, second = (settings.read(environment(name)) for name in ("app1", "app2"))
    assert first.database == second.database == "postgresql://liveroom:secret@postgres/liveroom"
    assert first.redis == second.redis
    assert (first.media, second.media) == (True, False)
    assert (first.internal_address, second.internal_address) == (("app1", 8082), ("app2", 8082))
    assert first.behind_proxy
    assert second.behind_proxy
    assert first.turn_secret == "north"


def test_the_lone_app_needs_nobody_and_is_no_part_of_a_profile() -> None:
    alone = COMPOSE["services"]["app"]
    read = settings.read(environment("app"))
    assert (read.database, read.redis, read.media) == ("", "", True)
    assert "profiles" not in alone
    assert "depends_on" not in alone


@pytest.mark.parametrize("service", ["app1", "app2", "nginx", "postgres", "valkey"])
def test_whoever_is_depended_on_is_in_the_same_profile(service: str) -> None:
    services = COMPOSE["services"]
    assert services[service]["profiles"] == ["scale"]
    for needed in services[service].get("depends_on", []):
        assert services[needed]["profiles"] == ["scale"]


def test_addresses_in_settings_name_services_that_are_there() -> None:
    services = COMPOSE["services"]
    read = settings.read(environment("app1"))
    for address in (read.database, read.redis):
        host = re.search(r"(?://|@)([a-z0-9]+)(?::\d+)?/", address)
        assert host is not None
        assert host[1] in services
    postgres = services["postgres"]["environment"]
    assert f"//{postgres['POSTGRES_USER']}:" in read.database
    assert read.database.endswith("/" + postgres["POSTGRES_DB"])


def test_only_the_media_port_is_open_beside_the_proxy() -> None:
    services, defaults = COMPOSE["services"], Settings()
    assert services["app1"]["ports"] == [f"{defaults.udp_port}:{defaults.udp_port}/udp"]
    for closed in ("app2", "postgres", "valkey"):
        assert "ports" not in services[closed], closed
    listens = inside(NGINX, "http", "server")[0][0][1]
    assert services["nginx"]["ports"] == [f"{defaults.port}:{listens}/tcp"]
    assert "./deploy/nginx.conf:/etc/nginx/nginx.conf:ro" in services["nginx"]["volumes"]


def test_nginx_spreads_over_both_processes() -> None:
    upstream = [words[1] for words, _ in inside(NGINX, "http", "upstream liveroom") if words[0] == "server"]
    assert upstream == [f"app1:{Settings().port}", f"app2:{Settings().port}"]
    assert ["proxy_pass", "http://liveroom"] in LOCATION


def test_nginx_passes_on_what_the_program_needs() -> None:
    headers = {words[1]: words[2] for words in LOCATION if words[0] == "proxy_set_header"}
    assert headers == {
        "Host": "$http_host",
        "X-Forwarded-For": "$remote_addr",
        "X-Forwarded-Proto": "$scheme",
        "Upgrade": "$http_upgrade",
        "Connection": "$liveroom_connection",
    }
    for words in (
        ["proxy_http_version", "1.1"],
        ["proxy_buffering", "off"],
        ["proxy_request_buffering", "off"],
    ):
        assert words in LOCATION
    largest = next(words[1] for words in LOCATION if words[0] == "client_max_body_size")
    assert int(largest.rstrip("m")) * 1024 * 1024 > FILE_BYTES
    timeout = next(words[1] for words in LOCATION if words[0] == "proxy_read_timeout")
    assert int(timeout.rstrip("s")) > 2 * HEARTBEAT
    assert not any("non_idempotent" in words for words in LOCATION)


def test_nginx_writes_no_addresses_and_hides_what_is_the_operators() -> None:
    assert (["access_log", "off"], None) in inside(NGINX, "http")
    for path in ("/metrics", "/readyz"):
        assert inside(NGINX, "http", "server", f"location = {path}") == [(["return", "404"], None)]
