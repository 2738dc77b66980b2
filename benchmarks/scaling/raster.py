"""Synthetic orthophotos of any size, drawn block by block: roofs on noisy ground, no pixel without data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

BLOCK_PX = 512
SAMPLES = 16
ROOFS = 24
GSD_M = 0.15


def drawn_block(seed: int) -> npt.NDArray[np.uint8]:
    """Return rectangles of many colours on noisy ground, uint8 [3, BLOCK_PX, BLOCK_PX]."""
    draw = np.random.default_rng(seed)
    block = draw.integers(70, 120, (3, BLOCK_PX, BLOCK_PX)).astype(np.uint8)
    for _ in range(ROOFS):
        row, col = draw.integers(0, BLOCK_PX - 80, 2)
        height, width = draw.integers(20, 80, 2)
        block[:, row : row + height, col : col + width] = draw.integers(60, 250, (3, 1, 1))
    return block


def write_raster(path: Path, side: int) -> Path:
    """Write a square RGB GeoTIFF, tiled and compressed as orthophotos are; one that is there is kept.

    Args:
        path: of the file.
        side: pixels.
    """
    import rasterio
    from rasterio.windows import Window

    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part.tif")
    profile = {
        "driver": "GTiff", "width": side, "height": side, "count": 3, "dtype": "uint8", "crs": "EPSG:32633",
        "transform": rasterio.transform.from_origin(500000, 5000000, GSD_M, GSD_M), "photometric": "RGB",
        "tiled": True, "blockxsize": BLOCK_PX, "blockysize": BLOCK_PX, "compress": "deflate", "zlevel": 1,
        "interleave": "pixel", "bigtiff": "if_safer",
    }  # fmt: skip
    samples = [drawn_block(seed) for seed in range(SAMPLES)]
    draw = np.random.default_rng(side)
    with rasterio.open(unfinished, "w", **profile) as raster:
        for row in range(0, side, BLOCK_PX):
            for col in range(0, side, BLOCK_PX):
                height, width = min(BLOCK_PX, side - row), min(BLOCK_PX, side - col)
                block = samples[int(draw.integers(SAMPLES))][:, :height, :width]
                raster.write(block, window=Window(col, row, width, height))
    unfinished.replace(path)
    return path
