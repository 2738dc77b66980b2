from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest

from segrun.bench import BenchOptions, bench
from segrun.cli import run
from segrun.errors import ModelError
from tests.runtime.grey_model import TILE, exported, grey_onnx

QUICK = ["--engine", "cpu", "--threads", "1", "--seconds", "0.001"]


def picture(path: Path, side: int = 2 * TILE) -> Path:
    pixels = np.random.default_rng(1).integers(0, 256, (side, side, 3), np.uint8)
    assert cv2.imwrite(str(path), pixels)
    return path


def test_every_engine_thread_and_batch_gets_a_row(tmp_path: Path) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx())
    report = bench([path], BenchOptions(("cpu",), (1,), (1, 2), 0.001, (picture(tmp_path / "a.png"),)))
    assert [item.candidate.batch for item in report.outcomes] == [1, 2]
    assert all(item.timing is not None and item.timing.tile == TILE for item in report.outcomes)
    assert report.exit_code == 0


def test_what_computes_something_else_is_not_timed(tmp_path: Path) -> None:
    good = exported(tmp_path / "good.onnx", grey_onnx())
    bad = exported(tmp_path / "bad.onnx", grey_onnx(-20.0), like=grey_onnx(20.0))
    report = bench([good, bad], BenchOptions(("cpu",), (1,), seconds=0.001))
    assert [item.status for item in report.outcomes] == ["passed", "failed"]
    assert report.exit_code == 3
    assert bench([bad], BenchOptions(("cpu",), (1,), seconds=0.001)).exit_code == 1


def test_a_foreign_model_is_timed_on_noise_and_not_on_pictures(tmp_path: Path) -> None:
    path = tmp_path / "foreign.onnx"
    path.write_bytes(grey_onnx(kind=onnx.TensorProto.UINT8))
    assert bench([path], BenchOptions(("cpu",), (1,), seconds=0.001)).outcomes[0].status == "unproven"
    with pytest.raises(ModelError, match="Leave --images out"):
        bench([path], BenchOptions(("cpu",), (1,), seconds=0.001, pictures=(picture(tmp_path / "a.png"),)))


def test_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        BenchOptions(seconds=0)
    with pytest.raises(ValueError, match="must be above 0"):
        BenchOptions(batches=(0,))


def test_the_command_prints_writes_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = str(exported(tmp_path / "grey.onnx", grey_onnx()))
    chart, report = tmp_path / "chart.png", tmp_path / "bench.json"
    words = ["bench", "--model", model, *QUICK, "--chart", str(chart), "--json", str(report)]
    assert run(words) == 0
    said = capsys.readouterr().out
    assert "p99 ms" in said
    assert f"chart: {chart}" in said
    assert cv2.imread(str(chart)) is not None
    row = json.loads(report.read_text())["rows"][0]
    assert row["candidate"]["engine"] == "cpu"
    assert row["tiles_per_s"] > 0
    assert row["peak_mib"] > 10


def test_an_absent_engine_that_was_asked_for_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(exported(tmp_path / "grey.onnx", grey_onnx()))
    code = run(["bench", "--model", model, *QUICK, "--engine", "tensorrt"])
    said = capsys.readouterr().out
    if "pip install" not in said:
        pytest.skip("TensorRT is here")
    assert code == 3
    assert "absent: engine tensorrt" in said


@pytest.mark.parametrize(
    "words",
    [["--model", "nowhere.onnx"], ["--model", "roofs", "--chart", "chart.svg"], ["--model", "roofs", "--batch", "0"]],
)  # fmt: skip
def test_wrong_words_are_usage_errors(words: list[str]) -> None:
    assert run(["bench", *words]) == 2
