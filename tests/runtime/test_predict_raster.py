from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from segrun.errors import OutputError
from segrun.outputs import PANEL_WIDTH_PX
from segrun.predict import PredictOptions, predict
from tests.onnx_models import card, nan_graph, write_model

rasterio = pytest.importorskip("rasterio", reason="the geo extra is not installed")
from rasterio.transform import from_origin  # noqa: E402 - after the skip

UTM = {"crs": "EPSG:32632", "transform": from_origin(500_000, 5_400_000, 0.2, 0.2)}


def write(path: Path, pixels: NDArray[np.uint8], **profile: Any) -> Path:
    height, width, bands = pixels.shape
    settings = {
        "driver": "GTiff",
        "dtype": "uint8",
        "count": bands,
        "height": height,
        "width": width,
        **UTM,
        **profile,
    }
    with rasterio.open(path, "w", **settings) as target:
        target.write(pixels.transpose(2, 0, 1))
    return path


def draw(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(1, 256, (height, width, 3), np.uint8)


def test_the_mask_lies_on_the_same_grid_and_every_pixel_is_right(
    tmp_path: Path, identity_model: Path
) -> None:
    pixels = draw(300, 421)
    source = write(tmp_path / "ortho.tif", pixels)
    report = predict(identity_model, [source], PredictOptions(out=tmp_path / "out", overlay=True))
    with rasterio.open(tmp_path / "out/ortho.tif") as mask, rasterio.open(source) as image:
        assert (mask.crs, mask.transform, mask.shape) == (image.crs, image.transform, image.shape)
        assert (mask.count, mask.dtypes, mask.nodata) == (1, ("uint8",), 255)
        assert mask.profile["tiled"]
        assert mask.profile["compress"] == "deflate"
        assert mask.tags()["SEGRUN_ENGINE"] == "cpu"
        np.testing.assert_array_equal(mask.read(1), (pixels[..., 0] >= 128).astype(np.uint8))
    roof = report.inputs[0]["pixels"]["roof"]
    # UTM stretches by at most 0.1 %; 0.2 m pixels are 0.04 m2.
    assert report.area_m2["roof"] == pytest.approx(roof * 0.04, rel=2e-3)
    assert not (tmp_path / "out/.segrun/strips").exists() or not any(
        (tmp_path / "out/.segrun/strips").iterdir()
    )


def test_no_data_stays_no_data(tmp_path: Path, identity_model: Path) -> None:
    pixels = draw(200, 200)
    pixels[50:120, 80:] = 0
    source = write(tmp_path / "ortho.tif", pixels, nodata=0)
    report = predict(identity_model, [source], PredictOptions(out=tmp_path / "out"))
    with rasterio.open(tmp_path / "out/ortho.tif") as mask:
        expected = (pixels[..., 0] >= 128).astype(np.uint8)
        expected[50:120, 80:] = 255
        np.testing.assert_array_equal(mask.read(1), expected)
    assert report.inputs[0]["invalid_pixels"] == 70 * 120


def test_wide_rasters_go_by_panels_without_a_seam(
    tmp_path: Path, identity_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "ortho.tif", draw(150, 900))
    predict(identity_model, [source], PredictOptions(out=tmp_path / "whole"))
    assert PANEL_WIDTH_PX > 900
    monkeypatch.setattr("segrun.outputs.PANEL_WIDTH_PX", 200)
    predict(identity_model, [source], PredictOptions(out=tmp_path / "panels"))
    assert (tmp_path / "whole/ortho.tif").read_bytes() == (tmp_path / "panels/ortho.tif").read_bytes()


@pytest.mark.parametrize("panel_width", [200, 10_000])
@pytest.mark.parametrize("holes", ["rows", "corner", "last rows"])
def test_empty_stretches_are_no_data_and_nothing_else_changes(
    tmp_path: Path, identity_model: Path, monkeypatch: pytest.MonkeyPatch, panel_width: int, holes: str
) -> None:
    pixels = draw(660, 500)
    settings: dict[str, Any] = {"nodata": 0, "tiled": True, "blockxsize": 16, "blockysize": 16}
    hole: Any = {
        "rows": np.s_[96:400],
        "corner": np.s_[:240, :320],
        "last rows": np.s_[560:],
    }[holes]
    pixels[hole] = 0
    dense = write(tmp_path / "dense.tif", pixels, **settings)
    sparse = write(tmp_path / "sparse.tif", pixels, sparse_ok=True, **settings)
    monkeypatch.setattr("segrun.outputs.PANEL_WIDTH_PX", panel_width)
    report = predict(identity_model, [dense, sparse], PredictOptions(out=tmp_path / "out"))
    expected = (pixels[..., 0] >= 128).astype(np.uint8)
    expected[hole] = 255
    for name in ("dense", "sparse"):
        with rasterio.open(tmp_path / "out" / f"{name}.tif") as mask:
            np.testing.assert_array_equal(mask.read(1), expected)
    kept = ("pixels", "invalid_pixels", "area_m2", "seams", "tiles", "skipped_tiles")
    first, second = report.inputs
    assert {key: first[key] for key in kept} == {
        **{key: second[key] for key in kept},
        "area_m2": pytest.approx(second["area_m2"]),
    }
    assert first["skipped_tiles"] > 0


@pytest.mark.parametrize("panel_width", [200, 10_000])
def test_a_killed_run_resumes_to_the_same_bytes(
    tmp_path: Path, identity_model: Path, panel_width: int
) -> None:
    source = write(tmp_path / "ortho.tif", draw(1500, 700))
    code = (
        "import sys, time; from pathlib import Path; import segrun.outputs, segrun.sessions.onnx as o\n"
        f"segrun.outputs.PANEL_WIDTH_PX = {panel_width}\n"
        "run = o.OnnxSession.run\n"
        "o.OnnxSession.run = lambda self, pixels: (time.sleep(0.004), run(self, pixels))[1]\n"
        "from segrun.predict import PredictOptions, predict\n"
        f"predict(Path({str(identity_model)!r}), [Path({str(source)!r})],\n"
        f"        PredictOptions(out=Path(sys.argv[1]), resume='resume' in sys.argv))\n"
    )
    command = [sys.executable, "-c", code]
    subprocess.run([*command, str(tmp_path / "whole")], check=True)
    killed = tmp_path / "killed"
    for kill in range(3):
        process = subprocess.Popen([*command, str(killed), "resume"])
        strips = killed / ".segrun/strips/ortho"
        before = count(strips)
        deadline = time.monotonic() + 60
        while count(strips) <= before + kill and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert not (killed / "ortho.tif").exists()
    subprocess.run([*command, str(killed), "resume"], check=True)
    assert (killed / "ortho.tif").read_bytes() == (tmp_path / "whole/ortho.tif").read_bytes()
    assert not strips.exists()


def count(folder: Path) -> int:
    return len(list(folder.glob("*.strip"))) if folder.exists() else 0


def test_a_damaged_raster_fails_alone(tmp_path: Path, identity_model: Path) -> None:
    good = write(tmp_path / "good.tif", draw(100, 100))
    whole = write(
        tmp_path / "bad.tif", draw(600, 600), compress="deflate", tiled=True, blockxsize=64, blockysize=64
    )
    content = whole.read_bytes()
    whole.write_bytes(content[: len(content) // 2] + bytes(len(content) - len(content) // 2))
    report = predict(identity_model, [good, whole], PredictOptions(out=tmp_path / "out"))
    assert report.exit_code == 3
    assert [Path(facts["input"]).name for facts in report.inputs] == ["good.tif"]
    assert "bad.tif" in report.failures[0].reason
    assert not (tmp_path / "out/bad.tif").exists()


def test_a_real_orthophoto_keeps_its_place(tmp_path: Path, identity_model: Path, shared_data: Path) -> None:
    source = shared_data / "geotiff/images/riotiler_pix4d_alpha_nodata.tif"
    report = predict(identity_model, [source], PredictOptions(out=tmp_path / "out"))
    with (
        rasterio.open(source) as image,
        rasterio.open(tmp_path / "out/riotiler_pix4d_alpha_nodata.tif") as mask,
    ):
        assert (mask.crs, mask.transform, mask.shape) == (image.crs, image.transform, image.shape)
        np.testing.assert_array_equal(mask.read(1) == 255, image.dataset_mask() == 0)
    assert report.inputs[0]["invalid_pixels"] > 0


def test_a_bound_on_memory_that_is_too_small_names_the_least_that_works(
    tmp_path: Path, identity_model: Path
) -> None:
    source = write(tmp_path / "ortho.tif", draw(150, 900))
    report = predict(identity_model, [source], PredictOptions(out=tmp_path / "a", max_ram_mib=1))
    assert report.exit_code == 1
    reason = report.failures[0].reason
    assert "Received: --max-ram 1 MiB" in reason
    least = float(reason.rpartition("--max-ram ")[2].split()[0])
    report = predict(identity_model, [source], PredictOptions(out=tmp_path / "b", max_ram_mib=least + 20))
    assert report.exit_code == 0


def test_a_bound_on_memory_changes_no_pixel(
    tmp_path: Path, identity_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "ortho.tif", draw(150, 900))
    predict(identity_model, [source], PredictOptions(out=tmp_path / "whole"))
    monkeypatch.setattr("segrun.memory.NARROWEST_TILES", 3)
    monkeypatch.setattr("segrun.input_opener.resident_mib", lambda: 100.0)
    monkeypatch.setattr("segrun.memory.frame_mib", lambda _, **sizes: 100.0 * (sizes["panel_width"] > 300))
    report = predict(identity_model, [source], PredictOptions(out=tmp_path / "narrow", max_ram_mib=110.0))
    assert report.predicted_peak_mib == 100.0
    assert (tmp_path / "whole/ortho.tif").read_bytes() == (tmp_path / "narrow/ortho.tif").read_bytes()


@pytest.mark.parametrize("change", ["threshold", "input", "nothing"])
def test_strips_of_another_run_or_input_are_never_used(
    tmp_path: Path, identity_model: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    pixels = draw(700, 300)
    source = write(tmp_path / "ortho.tif", pixels)
    options = PredictOptions(out=tmp_path / "out")
    with monkeypatch.context() as patch:
        patch.setattr("segrun.outputs.Output.finish", interrupt)
        with pytest.raises(KeyboardInterrupt):
            predict(identity_model, [source], options)
    assert count(tmp_path / "out/.segrun/strips/ortho") > 5
    threshold = 0.5
    if change == "input":
        pixels = draw(700, 300, seed=9)
        write(source, pixels)
    else:
        threshold = 0.25 if change == "threshold" else 0.5
        options = dataclasses.replace(options, thresholds=(threshold,), overwrite=True)
    report = predict(identity_model, [source], options)
    # Rows 0, 56, 112, ...: every tile, none taken from the killed run.
    assert report.tiles == 13 * 6
    with rasterio.open(tmp_path / "out/ortho.tif") as mask:
        expected = (pixels[..., 0].astype(np.float32) / np.float32(255) >= threshold).astype(np.uint8)
        np.testing.assert_array_equal(mask.read(1), expected)


@pytest.mark.parametrize("kept_strips", [1, 2, 4])
def test_failed_tiles_of_a_killed_run_are_not_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept_strips: int
) -> None:
    model = write_model(tmp_path / "nan.onnx", nan_graph(32), card(32))
    pixels = np.maximum(draw(32 + 3 * 24, 32), 1)
    pixels[30, 5, 0] = 0  # in the first two of four rows of tiles
    source = write(tmp_path / "ortho.tif", pixels)
    options = PredictOptions(out=tmp_path / "out", overlap=8)
    with monkeypatch.context() as patch:
        patch.setattr("segrun.outputs.Output.finish", interrupt)
        with pytest.raises(KeyboardInterrupt):
            predict(model, [source], options)
    strips = sorted((tmp_path / "out/.segrun/strips/ortho").glob("*.strip"))
    assert len(strips) == 4
    for strip in strips[kept_strips:]:
        strip.unlink()
    report = predict(model, [source], dataclasses.replace(options, resume=True))
    assert (report.failed_tiles, report.exit_code) == (2, 3)
    assert "2 tiles of " in report.errors[0]


def test_strips_that_cannot_be_deleted_are_not_taken_for_new_ones(
    tmp_path: Path, identity_model: Path
) -> None:
    (tmp_path / "out/.segrun").mkdir(parents=True)
    (tmp_path / "out/.segrun/strips").write_bytes(b"")
    with pytest.raises(OutputError, match=r"cannot delete .*strips"):
        predict(
            identity_model,
            [write(tmp_path / "ortho.tif", draw(9, 9))],
            PredictOptions(out=tmp_path / "out", overwrite=True),
        )


def interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def test_an_input_that_changed_since_its_mask_is_refused(tmp_path: Path, identity_model: Path) -> None:
    source = write(tmp_path / "ortho.tif", draw(100, 100))
    options = PredictOptions(out=tmp_path / "out")
    predict(identity_model, [source], options)
    os.utime(source, ns=(1, 1))
    with pytest.raises(OutputError, match=r"ortho\.tif changed since .*Use --overwrite"):
        predict(identity_model, [source], dataclasses.replace(options, resume=True))
