"""What a mask covers: pixels of each class, and square metres where the ground is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

NODATA = 255
SEGMENT_PX = 256
COMPARED_CLASSES = 8


class MaskCounts:
    """Count the classes of a mask as its rows go by.

    Args:
        classes: names of the mask values 0, 1, ...
        pixel_m2: ground area of the pixel at (row, col), None where it is unknown.
    """

    def __init__(self, classes: list[str], pixel_m2: Callable[[float, float], float] | None) -> None:
        self._classes = classes
        self._pixel_m2 = pixel_m2
        self._pixels = np.zeros(256, np.int64)
        self._area = np.zeros(256)

    def add(self, row: int, mask: NDArray[np.uint8]) -> None:
        """Count uint8 [h, w] class indices, 255 where there is no data; ``row`` is their first frame row."""
        if self._pixel_m2 is None:
            self._pixels += self._count(mask)
            return
        for col in range(0, mask.shape[1], SEGMENT_PX):
            part = mask[:, col : col + SEGMENT_PX]
            pixels = self._count(part)
            self._pixels += pixels
            self._area += pixels * self._pixel_m2(row + part.shape[0] / 2, col + part.shape[1] / 2)

    def _count(self, mask: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Count each value, int64 [256]."""
        if len(self._classes) > COMPARED_CLASSES:
            return np.bincount(mask.ravel(), minlength=256)
        # bincount would first copy every pixel into eight bytes: a comparison for each class is faster, while they are few.
        pixels = np.zeros(256, np.int64)
        for value in (*range(1, len(self._classes)), NODATA):
            pixels[value] = np.count_nonzero(mask == value)
        pixels[0] = mask.size - pixels.sum()
        return pixels

    def add_nodata(self, pixels: int) -> None:
        """Count pixels without data, which have no area."""
        self._pixels[NODATA] += pixels

    @property
    def pixels(self) -> dict[str, int]:
        """Pixels of each class by name."""
        return {name: int(self._pixels[index]) for index, name in enumerate(self._classes)}

    @property
    def invalid(self) -> int:
        """Pixels without data."""
        return int(self._pixels[NODATA])

    @property
    def area_m2(self) -> dict[str, float] | None:
        """Ground area of each class by name, None where the ground is unknown."""
        if self._pixel_m2 is None:
            return None
        return {name: float(self._area[index]) for index, name in enumerate(self._classes)}

    @property
    def constant(self) -> str | None:
        """The one class of all pixels with data, None where there are several, or no data at all."""
        found = [name for name, pixels in self.pixels.items() if pixels]
        return found[0] if len(found) == 1 else None
