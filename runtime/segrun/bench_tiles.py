"""Tiles to time a model on: cut from the user's pictures, or the model's own golden tiles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from segrun.card import ModelCard
from segrun.errors import InputError
from segrun.golden import GoldenTiles
from segrun.grid import Grid
from segrun.sources import Planned, open_frame, plan
from segrun.tiles import batches

MOST_TILES = 64
# Rasters are cut by stretches of columns, so that a wide one is not read whole.
PANEL_WIDTH_PX = 4096


def bench_tiles(
    card: ModelCard, golden: GoldenTiles | None, pictures: Sequence[Path]
) -> npt.NDArray[np.uint8]:
    """Return tiles of the model's size.

    Args:
        card: of the model.
        golden: taken where there are no pictures; None draws noise.
        pictures: files and folders.
    Returns:
        uint8 [m, tile, tile, bands], 1 <= m <= ``MOST_TILES``.
    Raises:
        InputError: a picture cannot be used, or none has a pixel that is valid.
    """
    if pictures:
        return _cut(card, plan(pictures))
    if golden is not None:
        return golden.padded(card.tile)
    shape = (1, card.tile, card.tile, len(card.bands))
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def _cut(card: ModelCard, planned: Sequence[Planned]) -> npt.NDArray[np.uint8]:
    found: list[npt.NDArray[np.uint8]] = []
    for item in planned:
        frame = open_frame(item, bands=len(card.bands))
        try:
            panels = Grid(frame.height, frame.width, card.tile, card.auto_overlap_px).panels(PANEL_WIDTH_PX)
            for batch in batches(None, panels, 1, len(card.bands), frame):
                found += [batch.pixels] if batch.filled else []
                if len(found) == MOST_TILES:
                    return np.concatenate(found)
        finally:
            frame.close()
    if not found:
        raise InputError("none of the pictures has a valid pixel. Name others with --images.")
    return np.concatenate(found)
