from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.scaling.raster import BLOCK_PX, write_raster


def test_rasters_are_full_of_pixels_that_differ_and_are_written_once(tmp_path: Path) -> None:
    rasterio = pytest.importorskip("rasterio", reason="rasterio, the geo extra, is not installed")
    side = 2 * BLOCK_PX + 40
    path = write_raster(tmp_path / "a" / "ortho.tif", side)
    with rasterio.open(path) as raster:
        pixels = raster.read()
        assert raster.crs is not None
        assert raster.block_shapes == [(BLOCK_PX, BLOCK_PX)] * 3
    assert pixels.shape == (3, side, side)
    assert pixels.min() > 0
    assert not np.array_equal(pixels[:, :BLOCK_PX, :BLOCK_PX], pixels[:, BLOCK_PX : 2 * BLOCK_PX, :BLOCK_PX])
    before = path.stat().st_mtime_ns
    assert write_raster(path, side).stat().st_mtime_ns == before
    assert [item.name for item in path.parent.iterdir()] == ["ortho.tif"]
