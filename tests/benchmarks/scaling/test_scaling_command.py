from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks.alternating import Alternation, CommandFailedError, ProcessCost
from benchmarks.scaling import __main__ as command
from benchmarks.scaling.record import Record


def test_what_was_measured_before_a_failure_makes_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepared(points: list[Any], *_: object) -> dict[str, list[str]]:
        (tmp_path / "work").mkdir()
        return {point.name: ["true"] for point in points}

    def fails_in_the_second_round(commands: dict[str, list[str]], runs: int, **words: Any) -> None:
        assert runs == 1
        assert words["env"] == {"PYTHONDONTWRITEBYTECODE": ""}
        for turn, name in enumerate((*commands, next(iter(commands)))):
            words["after"](name, ProcessCost(1.0 + turn, 0.8 * turn + 0.1, 0.1, 200.0))
        raise CommandFailedError("memory")

    monkeypatch.setattr(command, "prepared", prepared)
    monkeypatch.setattr(command, "run_alternating", fails_in_the_second_round)
    monkeypatch.setattr(command.sys, "argv", ["scaling", "--quick"])  # type: ignore[attr-defined]
    folders = ["--work", str(tmp_path / "work"), "--out", str(tmp_path / "out")]
    failed = CliRunner().invoke(command.main, ["--quick", *folders])
    assert isinstance(failed.exception, CommandFailedError)
    kept = Record.read(tmp_path / "work/measured.json")
    assert sorted(map(len, kept.costs.costs.values()))[-2:] == [1, 2]
    assert not (tmp_path / "out").exists()

    done = CliRunner().invoke(command.main, ["--page-only", *folders])
    assert done.exit_code == 0, done.output
    page = (tmp_path / "out/scaling.md").read_text(encoding="utf-8")
    assert "Written by `python -m benchmarks.scaling --quick`." in page
    assert "; 1 round in turn" in page
    figures = json.loads((tmp_path / "out/scaling.json").read_text(encoding="utf-8"))
    assert Alternation.from_json(figures) == kept.costs.complete()


def test_without_figures_there_is_no_page(tmp_path: Path) -> None:
    done = CliRunner().invoke(command.main, ["--page-only", "--work", str(tmp_path)])
    assert done.exit_code == 2
    assert "nothing was measured yet" in done.output
