from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.alternating import run_process
from benchmarks.peers import loop
from segrun.grid import Axis
from tests.onnx_models import card, identity_graph, write_model

TILE = 64


@given(length=st.integers(16, 400), overlap=st.integers(0, 8))
def test_tiles_lie_where_predict_cuts_them_and_their_middles_cover_everything(
    length: int, overlap: int
) -> None:
    found = loop.starts(length, 16, overlap)
    assert tuple(found) == Axis(length, 16, overlap).starts
    covered = np.zeros(length, bool)
    for start in found:
        first, after = loop.middle(start, length, 16, overlap)
        covered[start + first : start + after] = True
    assert covered.all()


def test_boxes_go_row_by_row() -> None:
    assert loop.boxes(100, 120, TILE, 8) == [(0, 0), (0, 56), (36, 0), (36, 56)]


def test_masks_follow_the_thresholds() -> None:
    one = np.array([[[0.4], [0.5]]], np.float32)
    assert loop.mask_of(one, [0.5]).tolist() == [[0, 1]]
    several = np.array([[[0.5, 0.3, 0.2], [0.1, 0.45, 0.45], [0.1, 0.3, 0.6]]], np.float32)
    assert loop.mask_of(several, [0.0, 0.5, 0.4]).tolist() == [[0, 2, 2]]


def test_a_whole_mask_of_the_identity_is_the_red_band(tmp_path: Path) -> None:
    rasterio = pytest.importorskip("rasterio", reason="rasterio, the geo extra, is not installed")
    model = write_model(tmp_path / "identity.onnx", identity_graph(TILE), card(TILE))
    pixels = np.random.default_rng(0).integers(0, 256, (3, 150, 133), np.uint8)
    profile = {
        "driver": "GTiff", "width": 133, "height": 150, "count": 3, "dtype": "uint8", "crs": "EPSG:32633",
        "transform": rasterio.transform.from_origin(500000, 5000000, 0.3, 0.3), "photometric": "RGB",
    }  # fmt: skip
    with rasterio.open(tmp_path / "ortho.tif", "w", **profile) as raster:
        raster.write(pixels)
    words = ["--tile", str(TILE), "--overlap", "8", "--thresholds", "0.5", "--threads", "1"]
    mask = tmp_path / "mask.tif"
    run_process(
        [
            sys.executable,
            loop.__file__,
            "onnxruntime",
            str(model),
            str(tmp_path / "ortho.tif"),
            str(mask),
            *words,
        ]
    )
    with rasterio.open(mask) as raster:
        assert raster.crs == profile["crs"]
        assert raster.transform == profile["transform"]
        np.testing.assert_array_equal(raster.read(1), pixels[0] >= 128)
