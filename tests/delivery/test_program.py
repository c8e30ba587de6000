"""Short messages by a program of the office's own, and letters in files."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from liveroom.contacts import read_contact
from liveroom.delivery import program
from liveroom.delivery.file import FileCarrier
from liveroom.delivery.program import ProgramSender
from liveroom.errors import Refused, Unavailable
from liveroom.ports.notices import Letter

TO = read_contact("13800000021")
LETTER = Letter("key-1", datetime(2026, 3, 1, tzinfo=UTC), "", "已经答复", "https://live.example.org/following/x")


def written(folder: Path, body: str) -> str:
    file = folder / "send"
    file.write_text(f"#!{sys.executable}\n{body}\n")
    file.chmod(0o700)
    return str(file)


async def test_the_program_gets_one_line_of_json(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    sender = ProgramSender(written(tmp_path, f"import sys; open({str(taken)!r}, 'a').write(sys.stdin.read())"))
    await sender.send(TO, "042042")
    await sender.carry(TO, LETTER)
    code, notice = (json.loads(line) for line in taken.read_text().splitlines())
    assert (code["kind"], code["to"], "042042" in code["text"], code["key"]) == ("code", TO.address, True, "")
    assert notice == {"kind": "notice", "to": TO.address, "text": "已经答复", "key": "key-1"}


async def test_its_exit_status_says_whether_to_try_again(tmp_path: Path) -> None:
    never = ProgramSender(written(tmp_path, "import sys; print(sys.stdin.read()); sys.exit(65)"))
    with pytest.raises(Refused, match="undeliverable"):
        await never.carry(TO, LETTER)
    with pytest.raises(Unavailable):
        await never.send(TO, "042042")
    later = ProgramSender(written(tmp_path, "import sys; sys.exit(75)"))
    with pytest.raises(Unavailable, match="status 75"):
        await later.carry(TO, LETTER)
    # It need not read what it is told.
    await ProgramSender(written(tmp_path, "")).carry(TO, LETTER)
    with pytest.raises(Unavailable, match="cannot be started"):
        await ProgramSender(str(tmp_path / "missing")).carry(TO, LETTER)


async def test_a_program_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "PATIENCE", 0.2)
    with pytest.raises(Unavailable, match="too long"):
        await ProgramSender(written(tmp_path, "import time; time.sleep(600)")).carry(TO, LETTER)


async def test_a_letter_that_is_carried_twice_is_one_private_file(tmp_path: Path) -> None:
    carrier = FileCarrier(tmp_path / "letters")
    for _ in range(2):
        await carrier.carry(TO, LETTER)
    (file,) = (tmp_path / "letters").iterdir()
    assert (file.stat().st_mode & 0o777, json.loads(file.read_text())["text"]) == (0o600, "已经答复")
