"""A drawn orthophoto, and as many pictures of its kind as PNG files."""

from __future__ import annotations

from pathlib import Path

from benchmarks.scaling.raster import BLOCK_PX, drawn_block, write_raster

PICTURES = 256


def draw_pictures(work: Path, side: int, count: int = PICTURES) -> tuple[Path, Path, int, int]:
    """Write them once.

    Args:
        work: folder for both.
        side: of the orthophoto, pixels.
        count: of PNG files.
    Returns:
        the GeoTIFF, the folder of PNG files, their number and their side in pixels.
    """
    import cv2
    import numpy as np

    raster = write_raster(work / f"ortho_{side}.tif", side)
    folder = work / f"pictures_{count}"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        path = folder / f"picture_{number:04d}.png"
        if not path.exists():
            cv2.imwrite(str(path), np.ascontiguousarray(drawn_block(number).transpose(1, 2, 0)))
    return raster, folder, count, BLOCK_PX
