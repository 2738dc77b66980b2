from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks.alternating import CommandFailedError, run_process
from benchmarks.peers import __main__ as command
from benchmarks.peers import results
from benchmarks.peers.contestants import OURS, Absentee, Contestant
from benchmarks.peers.networks import Network
from benchmarks.peers.record import Measured
from tests.onnx_models import card, identity_graph, write_model


@pytest.fixture
def models(tmp_path: Path) -> list[str]:
    for name in ("first", "second", "ortho.tif"):
        write_model(tmp_path / f"{name}.onnx", identity_graph(64), card(64))
    (tmp_path / "ortho.tif").touch()
    return [str(tmp_path / "first.onnx"), str(tmp_path / "second.onnx")]


def stage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, commands: dict[str, dict[str, str]]) -> None:
    """Let Python run a few words in the contestants' place, and keep the page from being drawn."""

    def line_up(network: Network, job: Any) -> tuple[list[Contestant], list[Absentee]]:
        codes = {OURS: "pass", **commands.get(network.name, {})}
        masks = {name: job.folder / f"{name}.tif" for name in codes}
        written = {
            name: code if name == "idle" else f"open({str(masks[name])!r}, 'w'); {code}"
            for name, code in codes.items()
        }
        return [
            Contestant(name, "segrun", (sys.executable, "-S", "-c", code), masks[name], "how")
            for name, code in written.items()
        ], [Absentee("Keras predict fp32", "no *.keras was given")]

    def write_results(found: list[Measured], out: Path, *, caption: str) -> str:
        return json.dumps([[item.network, [c.name for c in item.contestants], caption] for item in found])

    monkeypatch.setattr(command, "line_up", line_up)
    monkeypatch.setattr(results, "write_results", write_results)
    monkeypatch.setattr(sys, "argv", ["peers", "first.onnx"])


def run(tmp_path: Path, *words: str) -> Any:
    fixed = ["--raster", str(tmp_path / "ortho.tif"), "--runs", "2", "--work", str(tmp_path / "work")]
    return CliRunner().invoke(command.main, [*words, *fixed])


def test_who_fails_in_the_trial_is_absent_and_nothing_is_lost(
    tmp_path: Path, models: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage(
        monkeypatch,
        tmp_path,
        {"first": {"broken": "raise SystemExit('no such engine')", "idle": "pass", "well": "pass"}},
    )
    done = run(tmp_path, *models)
    assert done.exit_code == 0, done.output
    assert '[["first", ["segrun fp32", "well"], ""], ["second", ["segrun fp32"], ""]]' in done.output
    kept = Measured.read(tmp_path / "work/measured/first.json")
    assert kept.absent[-2:] == (
        Absentee("broken", "failed: no such engine"),
        Absentee("idle", "failed: it wrote no mask"),
    )
    assert [len(rounds) for rounds in kept.costs.costs.values()] == [2, 2]
    assert (kept.tile, kept.setting.overlap, kept.costs.rounds) == (64, 32, 2)
    assert Measured.read(kept.write(tmp_path / "again")) == kept

    again = run(tmp_path, models[1], models[0], "--page-only", "--caption", "words")
    assert (
        '[["second", ["segrun fp32"], "words"], ["first", ["segrun fp32", "well"], "words"]]' in again.output
    )


def test_a_network_that_fails_when_it_counts_leaves_the_others(
    tmp_path: Path, models: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    once = f"import os; os.mkdir({str(tmp_path / 'once')!r})"
    stage(monkeypatch, tmp_path, {"first": {"only once": once}})
    done = run(tmp_path, *models)
    assert done.exit_code == 1
    assert '[["second", ["segrun fp32"], ""]]' in done.output
    assert "not measured: first:" in done.output
    assert "FileExistsError" in done.output
    assert "not measured yet: first" in run(tmp_path, models[0], "--page-only").output


def test_complete_rounds_outlive_a_failure(
    tmp_path: Path, models: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    room = tmp_path / "two runs"
    room.mkdir()
    twice = f"import os; left = 2 - len(os.listdir({str(room)!r})); os.mkdir({str(room)!r} + f'/{{left}}'); 1 / left"
    stage(monkeypatch, tmp_path, {"first": {"only twice": twice}})
    assert run(tmp_path, models[0]).exit_code == 1
    assert Measured.read(tmp_path / "work/measured/first.json").costs.rounds == 1
    assert '[["first", ["segrun fp32", "only twice"], ""]]' in run(tmp_path, models[0], "--page-only").output


def test_segrun_itself_must_not_fail(
    tmp_path: Path, models: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage(monkeypatch, tmp_path, {"second": {OURS: "raise SystemExit('bad model')"}})
    done = run(tmp_path, *models)
    assert done.exit_code == 1
    assert "bad model" in done.output
    assert not (tmp_path / "work/measured").exists()


def test_bytecode_is_kept(tmp_path: Path, models: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    stage(monkeypatch, tmp_path, {"first": {OURS: "import sys; sys.exit(sys.dont_write_bytecode)"}})
    assert run(tmp_path, models[0]).exit_code == 0
    with pytest.raises(CommandFailedError):
        run_process([sys.executable, "-c", "import sys; sys.exit(sys.dont_write_bytecode)"])


def test_runs_of_one_name_are_refused(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder / "run").mkdir(parents=True)
    done = CliRunner().invoke(command.main, [str(tmp_path / "a/run"), str(tmp_path / "b/run")])
    assert done.exit_code == 2
    assert "RUNs need names of their own" in done.output.splitlines()[-1]
