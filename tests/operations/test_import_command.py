"""`liveroom import`, as an operator types it."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from liveroom.cli import main
from liveroom.cli.importing import PROBLEMS


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["import", *arguments, "--data", str(folder)], env={"COLUMNS": "200"})


def test_it_looks_first_imports_when_asked_and_only_once(tmp_path: Path) -> None:
    file = tmp_path / "units.csv"
    file.write_bytes("编号,名称\nwater,水务局\n".encode("gb18030"))
    looked = run(tmp_path / "data", "units", str(file))
    assert (looked.exit_code, "It would add 1," in looked.output) == (0, True), looked.output
    assert "Imported: add 1," in run(tmp_path / "data", "units", str(file), "--apply").output
    again = run(tmp_path / "data", "units", str(file), "--apply")
    assert "Imported: add 0, change 0, remove 0, same 1." in again.output


def test_bad_rows_are_told_and_the_exit_status_says_so(tmp_path: Path) -> None:
    file = tmp_path / "stations.csv"
    file.write_text("编号,名称,多余\nS1,站,\nS 2,,x\n")
    done = run(tmp_path / "data", "stations", str(file), "--apply")
    assert done.exit_code == 2
    assert f"row 3, column name: {PROBLEMS['cell_empty']}" in done.output
    assert "nothing was imported" in done.output
    file.write_text("编号,名称\nS1,站\n")
    assert "add 1" in run(tmp_path / "data", "stations", str(file)).output


def test_the_columns_are_shown(tmp_path: Path) -> None:
    shown = run(tmp_path / "data", "holidays", "--columns")
    assert "日期,休班,说明" in shown.output
    assert run(tmp_path / "data", "holidays").exit_code == 2
