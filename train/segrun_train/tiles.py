"""Tiles that cover pictures once, for choosing and for measuring: nothing random."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from segrun_train.crops import Batch, Truth
from segrun_train.sample import Sample, truth_of
from segrun_train.targets import IGNORED


@dataclass(frozen=True)
class Tile:
    """A place in a picture.

    Args:
        sample: index of the picture.
        row: first row, pixels.
        col: first column, pixels.
        counted_row: rows of the tile above this belong to an earlier tile.
        counted_col: columns left of this belong to an earlier tile.
    """

    sample: int
    row: int
    col: int
    counted_row: int
    counted_col: int


def tiles_of(samples: Sequence[Sample], tile: int) -> list[Tile]:
    """Cover every picture: the last row and column shift inwards, and each pixel is counted in one tile."""
    found = []
    for index, sample in enumerate(samples):
        height, width = sample.full.size
        for row, counted_row in _starts(height, tile):
            found += [
                Tile(index, row, col, counted_row, counted_col) for col, counted_col in _starts(width, tile)
            ]
    return found


class GridTiles(keras.utils.PyDataset):  # type: ignore[misc]  # keras ships no types
    """Batches of the tiles of pictures, in order.

    Args:
        samples: the pictures.
        tile: side of a tile, pixels.
        batch: tiles in a batch at most, up to ``devices``.
        grey_mask: masks hold grey values (one class), not class indices.
        grey_truth: hand grey values on as shares in [0, 1] instead of cutting them at 127.
        devices: share every batch, so its size is a multiple of this.

    All batches have one size, so that nothing is compiled twice: it is chosen such that they are nearly equally full,
    and filled up with tiles that do not count.
    """

    def __init__(
        self,
        samples: Sequence[Sample],
        tile: int,
        batch: int,
        *,
        grey_mask: bool,
        grey_truth: bool = False,
        devices: int = 1,
    ) -> None:
        super().__init__(workers=1, use_multiprocessing=False)
        self.samples = samples
        self.tile = tile
        self.grey_mask = grey_mask
        self.grey_truth = grey_truth
        self.tiles = tiles_of(samples, tile)
        self._batches = math.ceil(len(self.tiles) / batch)
        self._filled = math.ceil(len(self.tiles) / max(1, self._batches))
        self.batch = math.ceil(self._filled / devices) * devices

    def __len__(self) -> int:
        return self._batches

    def __getitem__(self, index: int) -> Batch:
        """Return uint8 pixels ``[n, tile, tile, bands]`` and class indices ``[n, tile, tile, 1]``."""
        pixels, classes, valid = self.with_validity(index)
        return pixels, np.where(valid, classes, classes.dtype.type(IGNORED))

    def with_validity(self, index: int) -> tuple[NDArray[np.uint8], Truth, NDArray[np.bool_]]:
        """Return pixels, class indices with ``IGNORED`` only where a pixel is not counted, and validity beside them."""
        chosen = self.tiles[index * self._filled : (index + 1) * self._filled]
        cut = [self._cut(tile) for tile in chosen]
        if not cut:
            raise IndexError(f"no such batch. Received: {index} of {len(self)}.")
        cut += [_uncounted(cut[0])] * (self.batch - len(cut))
        pixels, classes, valid = (np.stack(arrays) for arrays in zip(*cut, strict=True))
        return pixels, classes[..., None], valid[..., None]

    def _cut(self, place: Tile) -> tuple[NDArray[np.uint8], Truth, NDArray[np.bool_]]:
        full = self.samples[place.sample].full
        height, width = full.size
        rows = slice(place.row, min(place.row + self.tile, height))
        cols = slice(place.col, min(place.col + self.tile, width))
        classes = truth_of(full.mask[rows, cols], grey_mask=self.grey_mask, grey_truth=self.grey_truth)
        classes[: place.counted_row] = IGNORED
        classes[:, : place.counted_col] = IGNORED
        short = (0, self.tile - classes.shape[0], 0, self.tile - classes.shape[1])
        pixels = cv2.copyMakeBorder(full.pixels[rows, cols], *short, cv2.BORDER_REFLECT_101)
        classes = np.pad(classes, ((0, short[1]), (0, short[3])), constant_values=IGNORED)
        valid = np.pad(full.valid[rows, cols] != 0, ((0, short[1]), (0, short[3])))
        return np.asarray(pixels, np.uint8).reshape(self.tile, self.tile, -1), classes, valid


def _starts(length: int, tile: int) -> list[tuple[int, int]]:
    """Return ``(start, counted from)`` of the tiles along one axis."""
    if length <= tile:
        return [(0, 0)]
    starts = [*range(0, length - tile, tile), length - tile]
    ends = [0, *(start + tile for start in starts[:-1])]
    return [(start, end - start) for start, end in zip(starts, ends, strict=True)]


def _uncounted(
    cut: tuple[NDArray[np.uint8], Truth, NDArray[np.bool_]],
) -> tuple[NDArray[np.uint8], Truth, NDArray[np.bool_]]:
    return cut[0], np.full_like(cut[1], IGNORED), cut[2]
