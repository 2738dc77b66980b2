from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from segrun.cli import run
from segrun.dry_run import dry_run
from segrun.errors import InputError
from segrun.predict import PredictOptions, predict
from segrun.sessions import SessionOptions
from tests.runtime.test_predict import draw, save

pytest.importorskip("rasterio", reason="the geo extra is not installed")
from tests.runtime.test_predict_raster import write


def test_it_counts_what_predict_then_runs_and_writes_nothing(tmp_path: Path, identity_model: Path) -> None:
    pixels = draw(500, 300)
    pixels[:260] = 0
    (tmp_path / "in").mkdir()
    blocks = {"tiled": True, "blockxsize": 16, "blockysize": 16}
    write(tmp_path / "in/o.tif", pixels, nodata=0, sparse_ok=True, **blocks)
    save(tmp_path / "in/a.png", draw(100, 130))
    (tmp_path / "in/bad.png").write_bytes(b"no picture")
    options = PredictOptions(out=tmp_path / "out")
    found = dry_run(identity_model, [tmp_path / "in"], options)
    assert not (tmp_path / "out").exists()
    assert [Path(item.input).name for item in found.inputs] == ["a.png", "o.tif"]
    assert "bad.png" in found.failures[0].reason
    assert found.exit_code == 3
    assert found.ms_per_tile > 0
    assert found.peak_mib > 20
    assert found.disk_mib == pytest.approx((100 * 130 + 2 * 500 * 300) / 2**20)
    report = predict(identity_model, [tmp_path / "in"], options)
    assert found.tiles == report.tiles


def test_a_bound_and_shared_names_are_refused_as_in_a_run(
    tmp_path: Path, identity_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "o.tif", draw(80, 80))
    words = ["predict", "-m", identity_model, tmp_path / "o.tif", "-o", tmp_path / "out", "--max-ram", "20"]
    assert run([*map(str, words), "--dry-run"]) == run(list(map(str, words))) == 1
    said = capsys.readouterr().err.splitlines()
    assert sum("Received: --max-ram 20 MiB. Use --max-ram " in line for line in said) == 2
    write(tmp_path / "o.scores.tif", draw(80, 80))
    options = PredictOptions(out=tmp_path / "out", scores=True)
    with pytest.raises(InputError, match="leave out --scores"):
        dry_run(identity_model, [tmp_path / "o.tif", tmp_path / "o.scores.tif"], options)


def test_the_command_says_so(
    tmp_path: Path, identity_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(tmp_path / "a.png", draw(64, 64))
    words = ["predict", "-m", identity_model, tmp_path / "a.png", "-o", tmp_path / "out", "--dry-run"]
    assert run([str(word) for word in words]) == 0
    out = capsys.readouterr().out
    assert "1 tiles at" in out
    assert "memory:" in out
    assert not (tmp_path / "out").exists()


def test_the_time_of_a_tile_comes_with_the_threads_and_calls_it_was_taken_with(
    tmp_path: Path, identity_model: Path
) -> None:
    write(tmp_path / "o.tif", draw(80, 80))
    options = PredictOptions(out=tmp_path / "out", session=SessionOptions("cpu", threads=2))
    found = dry_run(identity_model, [tmp_path / "o.tif"], options)
    assert any(line.endswith(" on cpu, 2 threads, batch 1, 2 calls side by side") for line in found.lines())
    assert (found.as_json()["threads"], found.as_json()["callers"]) == (2, 2)


def test_scores_overlay_and_overlap_are_counted(tmp_path: Path, identity_model: Path) -> None:
    write(tmp_path / "o.tif", draw(500, 300))
    options = PredictOptions(out=tmp_path / "out")
    plain = dry_run(identity_model, [tmp_path / "o.tif"], options)
    scores = dry_run(identity_model, [tmp_path / "o.tif"], dataclasses.replace(options, scores=True))
    assert scores.disk_mib == pytest.approx(3 * plain.disk_mib)
    drawn = dry_run(identity_model, [tmp_path / "o.tif"], dataclasses.replace(options, overlay=True))
    assert drawn.peak_mib > plain.peak_mib + 2
    apart = dry_run(identity_model, [tmp_path / "o.tif"], dataclasses.replace(options, overlap=0))
    assert (apart.tiles, plain.tiles) == (8 * 5, 9 * 6)
