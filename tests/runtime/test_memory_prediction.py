"""The memory that a run predicts is the memory that it takes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segrun.cli import run
from segrun.dry_run import dry_run
from segrun.predict import PredictOptions, predict
from tests.onnx_models import card, identity_graph, write_model

rasterio = pytest.importorskip("rasterio", reason="the geo extra is not installed")
from rasterio.transform import from_origin  # noqa: E402 - after the skip
from rasterio.windows import Window  # noqa: E402 - after the skip

TILE = 256


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    folder = tmp_path_factory.mktemp("models")
    return {
        classes: write_model(
            folder / f"{classes}.onnx", identity_graph(TILE, classes=classes), card(TILE, classes)
        )
        for classes in (1, 3)
    }


def raster(path: Path, height: int, width: int, filled: int, block: int = 512) -> Path:
    pixels = np.random.default_rng(0).integers(1, 256, (3, filled, filled), np.uint8)
    with rasterio.open(
        path, "w", driver="GTiff", height=height, width=width, count=3, dtype="uint8", nodata=0, crs="EPSG:32644",
        transform=from_origin(5e5, 3e6, 0.15, 0.15), tiled=True, blockxsize=block, blockysize=block,
        compress="deflate", sparse_ok=True, interleave="pixel",
    ) as target:  # fmt: skip
        target.write(pixels, window=Window(0, 0, filled, filled))
    return path


def report(model: Path, source: Path, out: Path, *words: str) -> dict[str, Any]:
    """Return what a process of its own says."""
    code = "import sys; from segrun.cli import main; main()"
    line = [
        "predict",
        "-m",
        model,
        source,
        "-o",
        out,
        "--engine",
        "cpu",
        "--threads",
        "1",
        "--json",
        "-",
        *words,
    ]
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, line)], check=True, capture_output=True, text=True
    )
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def peaks(model: Path, source: Path, out: Path, *words: str) -> tuple[float, float]:
    """Return what a process of its own predicts and takes, MiB."""
    said = report(model, source, out, *words)
    return said["predicted_peak_mib"], said["measured_peak_mib"]


def test_what_wide_panels_add_is_foreseen(tmp_path: Path, models: dict[int, Path]) -> None:
    small = peaks(models[3], raster(tmp_path / "s.tif", 300, 300, 300, 256), tmp_path / "small")
    wide = peaks(models[3], raster(tmp_path / "w.tif", 1100, 6000, 1100), tmp_path / "wide")
    for predicted, measured in (small, wide):
        assert 0.75 * measured <= predicted <= 1.25 * measured
    # Most of a process is Python and its libraries: what the raster adds is held to account by itself.
    added_predicted, added_measured = wide[0] - small[0], wide[1] - small[1]
    assert added_measured > 25
    assert 0.6 * added_measured <= added_predicted <= 1.6 * added_measured


@pytest.mark.parametrize("words", [("--scores",), ("--overlay",), ("--batch", "8")])
def test_what_options_add_is_foreseen(
    tmp_path: Path, models: dict[int, Path], words: tuple[str, ...]
) -> None:
    predicted, measured = peaks(
        models[1], raster(tmp_path / "o.tif", 1500, 1500, 1500), tmp_path / "out", *words
    )
    assert 0.75 * measured <= predicted <= 1.25 * measured


def test_a_picture_is_foreseen_where_memory_is_bounded(tmp_path: Path, models: dict[int, Path]) -> None:
    import cv2

    pixels = np.random.default_rng(0).integers(0, 256, (1500, 2000, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "a.png"), pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    predicted, measured = peaks(models[1], tmp_path / "a.png", tmp_path / "out", "--max-ram", "2000")
    assert 0.75 * measured <= predicted <= 1.25 * measured


def test_scores_of_a_picture_are_foreseen(tmp_path: Path, models: dict[int, Path]) -> None:
    import cv2

    cv2.imwrite(str(tmp_path / "a.png"), np.full((1500, 2000, 3), 200, np.uint8))
    predicted, measured = peaks(
        models[1], tmp_path / "a.png", tmp_path / "out", "--max-ram", "2000", "--scores"
    )
    # Nearer than elsewhere: GDAL, which is loaded for them alone, must not be forgotten.
    assert 0.85 * measured <= predicted <= 1.25 * measured


def test_a_dry_run_foresees_what_the_run_foresees(tmp_path: Path, models: dict[int, Path]) -> None:
    import cv2

    cv2.imwrite(str(tmp_path / "a.png"), np.full((600, 800, 3), 200, np.uint8))
    predicted, _ = peaks(models[1], tmp_path / "a.png", tmp_path / "out", "--max-ram", "2000")
    found = report(models[1], tmp_path / "a.png", tmp_path / "out", "--max-ram", "2000", "--dry-run")
    assert found["peak_mib"] == pytest.approx(predicted, abs=6)


@pytest.fixture(scope="module")
def transparent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import cv2

    folder = tmp_path_factory.mktemp("transparent")
    pixels = np.full((4000, 3000, 4), 200, np.uint8)
    pixels[:1000, :, 3] = 0
    for name in "ab":
        cv2.imwrite(str(folder / f"{name}.png"), pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return folder


@pytest.fixture(scope="module")
def one(
    tmp_path_factory: pytest.TempPathFactory, models: dict[int, Path], transparent: Path
) -> tuple[float, float]:
    return peaks(models[1], transparent / "a.png", tmp_path_factory.mktemp("one"), "--max-ram", "2000")


def test_alpha_and_the_picture_before_are_foreseen(
    tmp_path: Path, models: dict[int, Path], transparent: Path, one: tuple[float, float]
) -> None:
    two = peaks(models[1], transparent, tmp_path / "two", "--max-ram", "2000")
    for predicted, measured in (one, two):
        assert 0.75 * measured <= predicted <= 1.25 * measured
    # 12 million pixels of 4 bytes, decoded twice, on top of some 100 MiB; the one before holds 4 bytes of each.
    assert one[1] > 170
    assert two[0] == pytest.approx(one[0] + 4 * 12e6 / 2**20, abs=15)


def test_pictures_go_one_after_the_other_where_two_do_not_fit(
    tmp_path: Path, models: dict[int, Path], transparent: Path, one: tuple[float, float]
) -> None:
    bound = 10 + 10 * -(-one[0] // 10)
    predicted, measured = peaks(models[1], transparent, tmp_path / "two", "--max-ram", str(bound))
    assert predicted <= bound
    assert measured <= 1.05 * bound
    assert {path.name for path in (tmp_path / "two").glob("*.png")} == {"a.png", "b.png"}


def test_a_picture_that_does_not_fit_is_not_decoded(
    tmp_path: Path, models: dict[int, Path], transparent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segrun.pictures.decode", lambda _: pytest.fail("decoded"))
    options = PredictOptions(out=tmp_path / "out", max_ram_mib=20.0)
    for outcome in (predict(models[1], [transparent], options), dry_run(models[1], [transparent], options)):
        assert outcome.exit_code == 1
        assert ["Received: --max-ram 20 MiB" in failure.reason for failure in outcome.failures] == [True] * 2


def test_the_real_orthophoto_and_an_empty_one(
    shared_data: Path, tmp_path: Path, models: dict[int, Path]
) -> None:
    sparse = raster(tmp_path / "sparse.tif", 12_000, 12_000, 1024)
    for source in (shared_data / "oam_banepa/geotiff/train_mosaic.tif", sparse):
        predicted, measured = peaks(models[1], source, tmp_path / source.stem)
        assert 0.75 * measured <= predicted <= 1.25 * measured, (source, predicted, measured)


def test_too_little_memory_is_refused_with_what_suffices(
    tmp_path: Path, models: dict[int, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    source = raster(tmp_path / "o.tif", 600, 5000, 600)
    words = ["predict", "-m", models[1], source, "-o", tmp_path / "out", "--engine", "cpu", "--quiet"]
    assert run([*map(str, words), "--max-ram", "20"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "Received: --max-ram 20 MiB. Use --max-ram " in line
    enough = line.split("Use --max-ram ")[1].split()[0]
    assert run([*map(str, words), "--max-ram", str(int(enough) + 60)]) == 0
