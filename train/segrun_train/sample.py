"""One picture with its mask, decoded and held in memory at several resolutions."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from segrun.mask_values import CLASS_ABOVE

# Two halvings allow shrinking by three without aliasing; more would cost memory that no option asks for.
LEVELS = 3


@dataclass(frozen=True)
class Level:
    """A picture at one resolution.

    Args:
        pixels: uint8 [h, w, bands], RGB order.
        mask: uint8 [h, w]; one class: grey values as stored, several: class indices.
        valid: uint8 [h, w], 255 where there is data, 0 where alpha is 0.
    """

    pixels: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    valid: NDArray[np.uint8]

    @property
    def size(self) -> tuple[int, int]:
        """Height and width, pixels."""
        return self.mask.shape[0], self.mask.shape[1]


@dataclass(frozen=True)
class Sample:
    """A training picture.

    Args:
        stem: its name below its folder.
        source: index of its folder among ``--images``.
        levels: the picture as stored, then at half the resolution, and so on.
        gsd_cm: ground sampling distance as stored, cm per pixel; None when unknown.
        image: path of the picture, for the split's table.
        mask: path of the mask.
    """

    stem: str
    source: int
    levels: tuple[Level, ...]
    gsd_cm: float | None = None
    image: str = ""
    mask: str = ""

    @property
    def full(self) -> Level:
        """The picture as stored."""
        return self.levels[0]


def binary(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return 1 where an antialiased mask shows the class, else 0."""
    return (mask > CLASS_ABOVE).astype(np.uint8)


def truth_of(
    mask: NDArray[np.uint8], *, grey_mask: bool, grey_truth: bool = False
) -> NDArray[np.uint8 | np.float32]:
    """Return what a network is to reach, in fresh memory.

    Args:
        mask: uint8, grey values or class indices.
        grey_mask: it holds grey values (one class).
        grey_truth: keep them, as float32 in [0, 1].
    """
    if not grey_mask:
        return mask.copy()
    return np.divide(mask, np.float32(255), dtype=np.float32) if grey_truth else binary(mask)


def pyramid(level: Level, *, grey_mask: bool) -> tuple[Level, ...]:
    """Return the level and its halvings, as many as the picture's size allows.

    Args:
        level: the picture as stored.
        grey_mask: True averages the mask (it is thresholded later), False picks every other class index.
    """
    levels = [level]
    while len(levels) < LEVELS and min(levels[-1].size) >= 64:
        last = levels[-1]
        size = (last.size[1] // 2, last.size[0] // 2)
        pixels = cv2.resize(last.pixels, size, interpolation=cv2.INTER_AREA)
        how = cv2.INTER_AREA if grey_mask else cv2.INTER_NEAREST
        mask = cv2.resize(last.mask, size, interpolation=how)
        valid = cv2.resize(last.valid, size, interpolation=cv2.INTER_NEAREST)
        pixels = pixels.reshape(size[1], size[0], -1)
        levels.append(
            Level(np.asarray(pixels, np.uint8), np.asarray(mask, np.uint8), np.asarray(valid, np.uint8))
        )
    return tuple(levels)
