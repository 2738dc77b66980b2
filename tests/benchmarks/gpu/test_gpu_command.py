from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks.gpu import __main__ as command
from benchmarks.gpu import models
from benchmarks.gpu.rows import Row, Way
from segrun.errors import ModelError
from segrun.timing import Timing


def test_without_a_card_it_says_so_and_ends_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(command, "card_here", lambda: None)
    done = CliRunner().invoke(command.main, ["--out", str(tmp_path / "out")])
    assert done.exit_code == 0
    assert done.output.startswith("skipped: no NVIDIA card answers here")
    assert not (tmp_path / "out").exists()


def run(monkeypatch: pytest.MonkeyPatch, out: Path, *, timed: bool) -> Any:
    """Run the command with a card and rows that only seem to be here."""

    def row(path: Path, engine: str, batch: int, *, way: Way, seconds: float) -> Row:
        timing = Timing(10, batch, 256, 0.1, 5.0, 5.0, 5.0) if timed and engine == "cuda" else None
        return Row(path.name, "fp32", engine, batch, way, "" if timing else f"{engine} is not here", timing)

    monkeypatch.setattr(command, "card_here", lambda: "NVIDIA L4")
    monkeypatch.setattr(command, "row", row)
    monkeypatch.setattr(command, "_runs", lambda *_, **__: (None, {}))
    monkeypatch.setattr(sys, "argv", ["gpu", "--quick"])
    return CliRunner().invoke(command.main, ["--quick", "--no-training", "--out", str(out)])


def test_where_nothing_was_timed_nothing_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done = run(monkeypatch, tmp_path / "out", timed=False)
    assert done.exit_code == 1
    assert "nothing was timed" in done.output
    assert "cuda is not here; tensorrt is not here" in done.output
    assert not (tmp_path / "out").exists()


def test_figures_stand_beside_the_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done = run(monkeypatch, tmp_path / "out", timed=True)
    assert done.exit_code == 0, done.output
    assert "for fp16 and int8 give MODELS=RUN" in done.output
    page = (tmp_path / "out/gpu.md").read_text(encoding="utf-8")
    assert "Written by `python -m benchmarks.gpu --quick`." in page
    assert "- roofs.onnx on tensorrt, batch 1, bound: tensorrt is not here" in page
    kept = json.loads((tmp_path / "out/gpu.json").read_text(encoding="utf-8"))
    assert [call["timing"] is None for call in kept["calls"]] == [False] * 4 + [True] * 4


def test_a_run_folder_is_exported_in_every_precision(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    trained = tmp_path / "town"
    trained.mkdir()
    (trained / "run.json").write_text('{"name": "roofs", "model_sha256": "0123456789"}')
    (trained / "split.csv").write_text("stem,part,image,mask\na,train,x/i/a.png,x/m/a.png\n")
    made = ["roofs.onnx", "roofs.int8.onnx"]

    def export(words: list[str], **_: Any) -> Any:
        out = Path(words[words.index("--out") + 1])
        assert words[words.index("--images") + 1 : words.index("--images") + 4] == ["x/i", "--masks", "x/m"]
        assert [words[at + 1] for at, word in enumerate(words) if word == "--precision"] == [
            "fp32",
            "fp16",
            "int8",
        ]
        out.mkdir(parents=True, exist_ok=True)
        for name in made:
            (out / name).touch()
        return subprocess.CompletedProcess(words, 1, "", "roofs.fp16.onnx failed parity\n")

    monkeypatch.setattr(subprocess, "run", export)
    found = models.files_of([str(trained), "roofs"], tmp_path / "dist")
    assert [path.name for path in found] == ["roofs.onnx", "roofs.int8.onnx", "roofs.onnx"]
    assert found[0].parent == tmp_path / "dist/town-01234567"
    made.clear()
    with pytest.raises(ModelError, match="failed parity"):
        models.exported(trained, tmp_path / "again")
