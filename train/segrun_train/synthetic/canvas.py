"""A window on the world: the layers that are painted, and the way from metres to pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from segrun_train.synthetic.world import Points

_SHIFT = 4  # fractional bits of OpenCV's polygon corners


@dataclass(frozen=True)
class Canvas:
    """Layers of one window, all of the same size.

    Args:
        row0: absolute pixel row of the upper edge; negative above the scene.
        col0: absolute pixel column of the left edge.
        gsd_m: metres per pixel.
        rgb: float32 [h, w, 3], colour before light, about 0 to 255.
        relief: float32 [h, w], metres above ground.
        light: float32 [h, w], direct light relative to flat ground.
        classes: uint8 [h, w].
    """

    row0: int
    col0: int
    gsd_m: float
    rgb: npt.NDArray[np.float32]
    relief: npt.NDArray[np.float32]
    light: npt.NDArray[np.float32]
    classes: npt.NDArray[np.uint8]

    @property
    def height(self) -> int:
        """Rows of the window."""
        return int(self.relief.shape[0])

    @property
    def width(self) -> int:
        """Columns of the window."""
        return int(self.relief.shape[1])

    def part(self, rows: slice, cols: slice) -> Canvas:
        """Return a smaller window on the same layers."""
        return Canvas(
            self.row0 + rows.start, self.col0 + cols.start, self.gsd_m, self.rgb[rows, cols], self.relief[rows, cols],
            self.light[rows, cols], self.classes[rows, cols],
        )  # fmt: skip

    def to_pixels(self, places: Points) -> Points:
        """Return window (row, col) of ground places [n, 2]; pixel centres lie at whole numbers."""
        return places / self.gsd_m - (self.row0 + 0.5, self.col0 + 0.5)

    def window(self, places: Points, margin_px: int = 2) -> tuple[slice, slice] | None:
        """Return rows and columns around ground places, cut to the canvas, or None where they miss it."""
        (low_row, low_col), (high_row, high_col) = places.min(axis=0).tolist(), places.max(axis=0).tolist()
        top = max(0, math.floor(low_row / self.gsd_m) - margin_px - self.row0)
        left = max(0, math.floor(low_col / self.gsd_m) - margin_px - self.col0)
        bottom = min(self.height, math.ceil(high_row / self.gsd_m) + margin_px - self.row0)
        right = min(self.width, math.ceil(high_col / self.gsd_m) + margin_px - self.col0)
        if top >= bottom or left >= right:
            return None
        return slice(top, bottom), slice(left, right)

    def local_axes(
        self, window: tuple[slice, slice], row: float, col: float, angle: float
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Return metres along and across a turned object for each pixel of a window, both float32 [h, w]."""
        down = (np.arange(window[0].start, window[0].stop) + (self.row0 + 0.5)) * self.gsd_m - row
        right = (np.arange(window[1].start, window[1].stop) + (self.col0 + 0.5)) * self.gsd_m - col
        sin, cos = math.sin(angle), math.cos(angle)
        along = (down * sin).astype(np.float32)[:, None] + (right * cos).astype(np.float32)[None, :]
        across = (down * cos).astype(np.float32)[:, None] - (right * sin).astype(np.float32)[None, :]
        return along, across


def new_canvas(row0: int, col0: int, height: int, width: int, gsd_m: float) -> Canvas:
    """Return an empty canvas: flat, fully lit, black, background."""
    return Canvas(
        row0, col0, gsd_m, np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32),
        np.ones((height, width), np.float32), np.zeros((height, width), np.uint8),
    )  # fmt: skip


def fixed_point(pixels: Points) -> npt.NDArray[np.int32]:
    """Return (row, col) pixels as OpenCV's (x, y) with fractional bits, int32 [n, 1, 2]."""
    corners: npt.NDArray[np.int32] = np.round(pixels[:, ::-1] * (1 << _SHIFT)).astype(np.int32)[:, None]
    return corners


def fill(
    layer: npt.NDArray[np.float32] | npt.NDArray[np.uint8] | npt.NDArray[np.uint16],
    pixels: Points,
    value: float | tuple[float, ...],
) -> None:
    """Fill a polygon [n, 2] (row, col) on a layer, without smoothing."""
    colour = value if isinstance(value, tuple) else (value,)
    cv2.fillPoly(layer, [fixed_point(pixels)], colour, lineType=cv2.LINE_8, shift=_SHIFT)


def densified(pixels: Points, step_px: float = 12.0) -> Points:
    """Return a polygon [n, 2] with more corners on its sides.

    OpenCV cuts a side at the layer's edge and then rounds its slope anew; with short sides that happens only near
    the edge, so that neighbouring windows show the same lines.
    """
    sides = list(zip(pixels, np.roll(pixels, -1, axis=0), strict=True))
    counts = [max(1, math.ceil(float(np.hypot(*(end - start))) / step_px)) for start, end in sides]
    if max(counts) == 1:
        return pixels
    return np.concatenate(
        [
            start + (end - start) * np.arange(count)[:, None] / count
            for (start, end), count in zip(sides, counts, strict=True)
        ]
    )


def draw_line(layer: npt.NDArray[np.uint8], pixels: Points, thickness: int, strength: int = 255) -> None:
    """Draw a smooth line through [n, 2] (row, col) on a uint8 layer, ``strength`` in its middle."""
    cv2.polylines(
        layer, [fixed_point(pixels)], isClosed=False, color=strength, thickness=thickness, lineType=cv2.LINE_AA,
        shift=_SHIFT,
    )  # fmt: skip
