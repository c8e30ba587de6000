"""The benchmark of many matters measures what it is asked for, and nothing when it is asked for help."""

from __future__ import annotations

import pytest

from benchmarks.matters import DATABASES, MATTERS, _options, main


@pytest.mark.parametrize(("arguments", "status"), [(["--help"], 0), (["help"], 2), (["--matters", "0"], 2)])
def test_what_is_no_measurement_begins_none(
    arguments: list[str], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        _options(arguments)
    assert ended.value.code == status
    said = capsys.readouterr()
    assert "usage: python -m benchmarks.matters" in said.out + said.err


def test_without_words_everything_is_measured_on_both() -> None:
    found = _options([])
    assert (found.matters, tuple(found.databases), found.only) == (MATTERS, DATABASES, "")


def test_every_question_has_an_answer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["matters", "--matters", "40", "--databases", "sqlite"])
    monkeypatch.setattr("benchmarks.matters.RUNS", 2)
    main()
    shown = capsys.readouterr().out
    assert "40 matters" in shown
    for name in ("the list", "search: 码头", "figures of a quarter", "the matters behind a figure"):
        assert name in shown
