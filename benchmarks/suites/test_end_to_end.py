from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from benchmarks.suites.counters import Recorder
from segrun.models import find_model
from segrun.predict import PredictOptions, predict
from segrun.predict_report import PredictReport
from segrun.sessions import SessionOptions
from segrun.sessions.onnx import OnnxSession
from segrun_train.synthetic import draw_scene, write_scene_geotiff, write_scene_pairs

ROUNDS = 5


def measure(benchmark: Any, record: Recorder, source: Path, out: Path) -> None:
    """Predict a folder or raster with the bundled network, each round into a folder of its own."""
    number = iter(range(1000))

    def once() -> PredictReport:
        options = PredictOptions(out=out / str(next(number)), session=SessionOptions("cpu", threads=1))
        return predict(find_model("roofs"), [source], options)

    report = benchmark.pedantic(once, rounds=ROUNDS, warmup_rounds=1)
    assert report.exit_code == 0, report.failures
    with mock.patch.object(OnnxSession, "run", autospec=True, side_effect=OnnxSession.run) as run:
        report = once()
    written = sorted(path for path in (out / str(next(number) - 1)).rglob("*") if path.is_file())
    record(
        inputs=len(report.inputs),
        tiles=report.tiles,
        skipped_tiles=sum(facts["skipped_tiles"] for facts in report.inputs),
        engine_calls=run.call_count,
        files_written=len(written),
    )


@pytest.mark.benchmark(group="end-to-end-folder")
def test_pictures(benchmark: Any, record: Recorder, tmp_path: Path) -> None:
    write_scene_pairs(tmp_path / "scenes", 4, seed=3, height=300, width=256)
    measure(benchmark, record, tmp_path / "scenes/images", tmp_path / "out")


@pytest.mark.benchmark(group="end-to-end-geotiff")
@pytest.mark.parametrize("border", ["none", "alpha"])
def test_orthophoto(benchmark: Any, record: Recorder, tmp_path: Path, border: Any) -> None:
    pytest.importorskip("rasterio", reason="rasterio is not installed")
    write_scene_geotiff(draw_scene(5, 700, 900), tmp_path / "ortho.tif", border=border)
    measure(benchmark, record, tmp_path / "ortho.tif", tmp_path / "out")
