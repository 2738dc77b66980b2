"""The scores of one frame in memory, from its tiles."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from segrun.boxes import Box
from segrun.card import ModelCard
from segrun.grid import Blend, Grid, Panel
from segrun.pictures import Picture
from segrun.stitch import Stitcher


class ArrayFrame:
    """A frame that is in memory already.

    Args:
        pixels: uint8 [h, w, bands], RGB order.
    """

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self._pixels = pixels

    def read(self, box: Box) -> Picture:
        """Return the pixels of a box, not copied."""
        return Picture(self._pixels[box.slices])

    def is_empty(self, box: Box) -> bool:  # noqa: ARG002 - every pixel of an array is valid
        """Return False."""
        return False


class FrameScores:
    """Collect the tiles of one frame.

    Args:
        pixels: uint8 [h, w, bands].
        card: of the model.
        overlap: of neighbouring tiles, pixels.
        blend: how overlapping scores are weighed.
    Raises:
        ValueError: an overlap that is negative or above half a tile.
    """

    def __init__(self, pixels: NDArray[np.uint8], card: ModelCard, overlap: int, blend: Blend) -> None:
        height, width = pixels.shape[:2]
        grid = Grid(height, width, card.tile, overlap)
        self.frame: ArrayFrame = ArrayFrame(pixels)
        self.panels: list[Panel] = grid.panels(max(width, card.tile))
        self.scores: NDArray[np.float32] = np.empty((height, width, len(card.classes)), np.float32)
        self._stitcher = Stitcher(self.panels[0], len(card.classes), blend)
        self._awaited = grid.count

    def add(self, tile: NDArray[np.float32]) -> None:
        """Take the next tile's scores, float32 [tile, tile, k], used up."""
        self._awaited -= 1
        strip = self._stitcher.add(tile, None)
        if strip is not None:
            self.scores[strip.row : strip.row + len(strip.scores)] = strip.scores

    @property
    def finished(self) -> bool:
        """Whether every tile has come."""
        return self._awaited == 0


def halved(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return uint8 [h, w, b] at half its size, each pixel the mean of those it covers."""
    height, width, bands = pixels.shape
    small = cv2.resize(pixels, ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8).reshape((height + 1) // 2, (width + 1) // 2, bands)


def enlarged(scores: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """Return float32 [h, w, k] at another size, interpolated."""
    large = cv2.resize(scores, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(large, np.float32).reshape(height, width, scores.shape[2])
