"""The house rules: floors, documents that are true, words that are complete, nothing that does not belong here."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from liveroom import settings
from liveroom.rooms.roles import Role
from liveroom.server.api.operation import Operation
from liveroom.server.api.table import OPERATIONS
from liveroom.server.refusals import WORDS
from liveroom.server.whip import STATUS
from liveroom.server.wishes import Wish
from liveroom.settings import Settings
from tests.support.every_route import every_definition

ROOT = Path(__file__).resolve().parent.parent.parent
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text()
API = (ROOT / "docs" / "api.md").read_text()
SOURCES = sorted((ROOT / "liveroom").rglob("*.py"))
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.split()


def test_imports_go_down_only() -> None:
    found = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert found.returncode == 0, found.stdout


def test_every_module_says_what_it_is() -> None:
    silent = [str(path) for path in SOURCES if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


def test_every_address_stands_in_the_protocol_and_the_other_way_round() -> None:
    there = {route.path for route in every_definition()}
    written = {re.sub(r"\{(\w+):[^}]*\}", r"{\1}", path) for path in there}
    for path in written:
        book = API if path.startswith("/api/") else PROTOCOL
        assert f"`{path}`" in book or path.startswith("/static/"), f"{path} is not in the documents"
    table = PROTOCOL.split("## Addresses")[1].split("## ")[0]
    for path in re.findall(
        r"`(/[^`]*)`", "".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    ):
        assert path in written or path.startswith("/static/"), f"{path} is only in docs/protocol.md"


def test_who_may_call_what_of_the_api_stands_in_its_book_as_the_code_has_it() -> None:
    table = API.split("\n| address |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    written = {tuple(cell.strip() for cell in row.strip("|").split("|")[:3]) for row in table}
    there = {(f"`{o.address}`", o.method.value, who_may_call(o)) for o in OPERATIONS}
    assert written == there


def who_may_call(operation: Operation) -> str:
    """As the table has it: everyone, or the roles in the order of the code."""
    who = operation.who
    return "everyone" if who is None else ", ".join(f"`{role.value}`" for role in Role if role in who)


def test_every_message_stands_in_the_protocol() -> None:
    for wish in Wish.__args__:
        tag = wish.__struct_config__.tag
        assert f"`{tag}`" in PROTOCOL, f"{tag} is not in docs/protocol.md"
        for name in wish.__struct_fields__:
            assert f"`{name}`" in PROTOCOL, f"{tag}.{name} is not in docs/protocol.md"
    said = set(re.findall(r'message\(\s*"(\w+)"', "".join(path.read_text() for path in SOURCES)))
    answers = {"asked", "done", "refused", "pong", "similar"}
    assert answers | {"snapshot", "feed", "mine", "counts", "claims", "claimed", "clusters"} == said
    for kind in said:
        assert f"| `{kind}` |" in PROTOCOL


def test_every_refusal_stands_in_the_protocol_and_has_words() -> None:
    raised = set(re.findall(r'Refused\(\s*"(\w+)"', "".join(path.read_text() for path in SOURCES)))
    for code in raised:
        assert code in WORDS or code in STATUS, f"{code} has no words"
        assert f"`{code}`" in PROTOCOL, f"{code} is not in docs/protocol.md"
    for code in WORDS:
        assert f"`{code}`" in PROTOCOL, f"{code} is not in docs/protocol.md"


def test_every_setting_stands_in_the_operators_book() -> None:
    book = (ROOT / "docs" / "operations.md").read_text()
    for name, default, _ in settings.describe():
        assert f"| `{name}` | {'`' + default + '`' if default else '—'} |" in book, f"{name} ({default})"


def test_the_container_agrees_with_the_settings() -> None:
    dockerfile, compose = (ROOT / "Dockerfile").read_text(), (ROOT / "docker-compose.yml").read_text()
    defaults = Settings()
    assert f"EXPOSE {defaults.port}/tcp {defaults.udp_port}/udp" in dockerfile
    assert f'- "{defaults.port}:{defaults.port}/tcp"' in compose
    assert f'- "{defaults.udp_port}:{defaults.udp_port}/udp"' in compose
    known = {name for name, _, _ in settings.describe()}
    named = set(re.findall(r"LIVEROOM_[A-Z_]+", dockerfile + compose))
    assert named <= known, named - known
    environment = dict(pair.split("=") for pair in re.findall(r"LIVEROOM_\w+=\S+", dockerfile))
    assert settings.read(environment).port == defaults.port
    assert compose.count("services:") == 1
    assert "stop_grace_period: 20s" in compose
    module = re.search(r'HEALTHCHECK.*\n.*"-m", "([a-z.]+)"', dockerfile)
    assert module is not None
    assert importlib.util.find_spec(module[1]) is not None


def test_templates_hold_no_inline_code_or_style() -> None:
    for path in (ROOT / "web" / "templates").glob("*.html"):
        text = path.read_text()
        assert not re.search(r"<script(?![^>]*(?:src=|application/json))", text), path.name
        assert not re.search(r"\s(?:style|on[a-z]+)=\"", text), path.name
        assert "http://" not in text, path.name
        assert "https://" not in text, path.name


def test_templates_are_written_in_lines_that_can_be_read() -> None:
    for path in (ROOT / "web" / "templates").glob("*.html"):
        long = [n for n, line in enumerate(path.read_text().splitlines(), 1) if len(line) > 120]
        assert long == [], f"{path.name}: {long}"


@pytest.mark.parametrize(
    "name", [n for n in TRACKED if n.endswith((".py", ".md", ".js", ".html", ".lock", ".yml", ".json", ".toml"))]
)
def test_nothing_is_left_behind(name: str) -> None:
    text = (ROOT / name).read_text()
    unwanted = ["pypi" + ".org", "npmjs" + ".org", "TO" + "DO", "FIX" + "ME"]
    assert [word for word in unwanted if word in text] == []
    assert not name.endswith((".min.js", ".min.css"))


def test_the_pictures_that_the_readme_shows_are_there() -> None:
    for picture in re.findall(r"\((docs/screenshots/[^)]+)\)", (ROOT / "README.md").read_text()):
        assert (ROOT / picture).is_file(), picture


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"])
def test_the_files_that_a_newcomer_is_sent_to_are_there(name: str) -> None:
    """Also without their ending, and from where the page stands in its thoughts: `qa/decide`."""
    there = {file[len(root) :] for file in TRACKED for root in ("", "liveroom/", "web/js/") if file.startswith(root)}
    there |= {str(folder) for file in there for folder in (Path(file).with_suffix(""), *Path(file).parents)}
    text = (ROOT / name).read_text()
    named = {*re.findall(r"`([a-z][\w./-]*/[\w./-]*)`", text), *re.findall(r"\]\(([\w./-]+)", text)}
    made_here = {"liveroom-data/demo", "tests/.out/failures"}
    assert {path.rstrip("/") for path in named} - there - made_here == set()


def test_everything_that_is_needed_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    def named(lines: list[str]) -> set[str]:
        return {re.split(r"[\[~=<>!; ]", line)[0].lower().replace("_", "-") for line in lines}

    def locked(file: str) -> set[str]:
        return named(re.findall(r"^[A-Za-z0-9].*==", (ROOT / file).read_text(), re.MULTILINE))

    needed = named(project["project"]["dependencies"])
    assert needed - locked("requirements.lock") == set()
    assert (needed | named(project["dependency-groups"]["dev"])) - locked("requirements-dev.lock") == set()
    assert locked("requirements.lock") - locked("requirements-dev.lock") == set()
