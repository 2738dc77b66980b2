"""Tiles that calibrate int8: many, of all kinds of ground, and never those that prove."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from segrun.pictures import read_picture
from segrun.progress import Progress
from segrun.tiles import padded
from segrun_export.shown import Shown

MOST_TILES = 32


def calibration_tiles(
    pictures: Sequence[Shown],
    tile: int,
    *,
    bands: int = 3,
    most: int = MOST_TILES,
    progress: Progress | None = None,
) -> npt.NDArray[np.uint8]:
    """Cut tiles at places of their own, the same every time; where pictures are few, turned copies fill up.

    No mask is needed. Memory holds the tiles, one picture, and eight bytes for each of its pixels while places are drawn.

    Args:
        pictures: what to cut from.
        tile: side of a tile, pixels.
        bands: of the pictures.
        most: tiles wanted.
        progress: told after each picture.
    Returns:
        uint8 [n, tile, tile, b]; fewer than ``most`` only where the pictures hold fewer different ones.
    Raises:
        InputError: a picture cannot be read.
    """
    chosen = [
        pictures[index] for index in np.linspace(0, len(pictures) - 1, min(len(pictures), most)).astype(int)
    ]
    rng = np.random.default_rng(0)
    found: list[npt.NDArray[np.uint8]] = []
    for done, picture in enumerate(chosen, start=1):
        wanted = most * done // len(chosen) - most * (done - 1) // len(chosen)
        found += _cut(read_picture(picture.image, bands=bands).pixels, tile, wanted, rng)
        if progress:
            progress("cut calibration tiles", done, len(chosen))
    return np.stack(found)


def _cut(
    pixels: npt.NDArray[np.uint8], tile: int, wanted: int, rng: np.random.Generator
) -> list[npt.NDArray[np.uint8]]:
    """Take places that do not repeat, each first as it is, then turned and mirrored."""
    rows, cols = (max(size - tile, 0) + 1 for size in pixels.shape[:2])
    places = rng.permutation(rows * cols)[:wanted]
    cut = []
    for index in range(min(wanted, 8 * len(places))):
        row, col = divmod(int(places[index % len(places)]), cols)
        view = padded(pixels[row : row + tile, col : col + tile], tile)
        turn = index // len(places)
        view = np.rot90(view[:, ::-1] if turn >= 4 else view, turn % 4)
        cut.append(np.ascontiguousarray(view))
    return cut
