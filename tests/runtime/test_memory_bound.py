"""Memory does not grow with the raster: the whole process, the model included."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.onnx_models import card, identity_graph, write_model

rasterio = pytest.importorskip("rasterio", reason="the geo extra is not installed")
from rasterio.transform import from_origin  # noqa: E402 - after the skip
from rasterio.windows import Window  # noqa: E402 - after the skip

PATCH_PX = 3072


@pytest.mark.torture
def test_a_sparse_raster_of_40000_pixels_takes_no_more_memory_than_one_of_4096(tmp_path: Path) -> None:
    model = write_model(tmp_path / "m.onnx", identity_graph(256), card(256))
    pixels = np.random.default_rng(0).integers(1, 256, (3, PATCH_PX, PATCH_PX), np.uint8)
    peaks = {}
    for side, first in ((4096, 512), (40_000, 18_000)):
        source = tmp_path / f"sparse{side}.tif"
        with rasterio.open(
            source, "w", driver="GTiff", height=side, width=side, count=3, dtype="uint8", nodata=0, crs="EPSG:32644",
            transform=from_origin(5e5, 3e6, 0.15, 0.15), tiled=True, blockxsize=512, blockysize=512,
            compress="deflate", sparse_ok=True, interleave="pixel",
        ) as target:  # fmt: skip
            target.write(pixels, window=Window(first, first, PATCH_PX, PATCH_PX))
        words = ["predict", "-m", model, source, "-o", tmp_path / f"out{side}", "--engine", "cpu", "--quiet"]
        code = "import sys; from segrun.cli import main; main()"
        report = tmp_path / f"{side}.json"
        subprocess.run([sys.executable, "-c", code, *map(str, words), "--json", report], check=True)
        peaks[side] = json.loads(report.read_text())["measured_peak_mib"]
        with rasterio.open(tmp_path / f"out{side}" / f"sparse{side}.tif") as mask:
            found = mask.read(1, window=Window(first, first, PATCH_PX, PATCH_PX))
            np.testing.assert_array_equal(found, (pixels[0] >= 128).astype(np.uint8))
            assert (mask.read(1, window=Window(0, 0, side, 256)) == 255).all()
    assert peaks[40_000] <= 1.10 * peaks[4096], peaks
