"""Tiles that cover pictures once, for choosing and for measuring: nothing random."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from segrun_train.crops import Batch
from segrun_train.sample import Sample, binary
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
        batch: tiles in a batch; the last may have fewer.
        grey_mask: masks hold grey values (one class), not class indices.
        multiple: fill the last batch with uncounted tiles to a multiple of this (several devices share a batch).
    """

    def __init__(
        self, samples: Sequence[Sample], tile: int, batch: int, *, grey_mask: bool, multiple: int = 1
    ) -> None:
        super().__init__(workers=1, use_multiprocessing=False)
        self.samples = samples
        self.tile = tile
        self.batch = batch
        self.multiple = multiple
        self.grey_mask = grey_mask
        self.tiles = tiles_of(samples, tile)

    def __len__(self) -> int:
        return math.ceil(len(self.tiles) / self.batch)

    def __getitem__(self, index: int) -> Batch:
        """Return uint8 pixels ``[n, tile, tile, bands]`` and class indices ``[n, tile, tile, 1]``."""
        pixels, classes, valid = self.with_validity(index)
        return pixels, np.where(valid, classes, np.uint8(IGNORED))

    def with_validity(self, index: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.bool_]]:
        """Return pixels, class indices with ``IGNORED`` only where a pixel is not counted, and validity beside them."""
        chosen = self.tiles[index * self.batch : (index + 1) * self.batch]
        cut = [self._cut(tile) for tile in chosen]
        cut += [_uncounted(cut[-1])] * (-len(cut) % self.multiple)
        pixels, classes, valid = (np.stack(arrays) for arrays in zip(*cut, strict=True))
        return pixels, classes[..., None], valid[..., None]

    def _cut(self, place: Tile) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.bool_]]:
        full = self.samples[place.sample].full
        height, width = full.size
        rows = slice(place.row, min(place.row + self.tile, height))
        cols = slice(place.col, min(place.col + self.tile, width))
        classes = binary(full.mask[rows, cols]) if self.grey_mask else full.mask[rows, cols].copy()
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
    cut: tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.bool_]],
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.bool_]]:
    return cut[0], np.full_like(cut[1], IGNORED), cut[2]
