"""One sun for the whole scene: how bright a plane is, and where shadows fall."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Sun:
    """Direction and balance of light.

    Args:
        azimuth: direction towards the sun in the picture, radians; 0 is right (columns grow), pi/2 is down.
        elevation: height above the horizon, radians.
        ambient: share of light that also reaches a shadow, for red, green and blue.
    """

    azimuth: float
    elevation: float
    ambient: tuple[float, float, float]

    @property
    def toward(self) -> tuple[float, float]:
        """Unit vector (row, col) towards the sun."""
        return math.sin(self.azimuth), math.cos(self.azimuth)

    def on_plane(self, rise_row: float, rise_col: float) -> float:
        """Return the direct light on a plane relative to flat ground.

        Args:
            rise_row: metres of height gained per metre down the rows.
            rise_col: metres of height gained per metre along the columns.
        """
        row, col = self.toward
        facing = math.sin(self.elevation) - math.cos(self.elevation) * (rise_row * row + rise_col * col)
        return max(0.0, facing / math.sqrt(1 + rise_row**2 + rise_col**2) / math.sin(self.elevation))

    def on_relief(self, height: npt.NDArray[np.float32], gsd_m: float) -> npt.NDArray[np.float32]:
        """Return the direct light on a height field relative to flat ground, within [0, 1.6].

        Args:
            height: float32 [h, w], metres.
            gsd_m: metres per pixel.
        """
        row, col = self.toward
        along_col = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3, scale=1 / (8 * gsd_m))
        along_row = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3, scale=1 / (8 * gsd_m))
        slope = along_row * np.float32(row) + along_col * np.float32(col)
        steep = np.sqrt(1 + along_row * along_row + along_col * along_col)
        light = (1 - slope * np.float32(1 / math.tan(self.elevation))) / steep
        return np.clip(light, 0, 1.6)


def cast_shadow(height: npt.NDArray[np.float32], sun: Sun, gsd_m: float) -> npt.NDArray[np.float32]:
    """Find what the relief keeps the sun from.

    The highest ray is found by doubling: after k rounds each pixel knows the relief 2^k pixels towards the sun.

    Args:
        height: float32 [h, w], metres above ground.
        sun: where light comes from.
        gsd_m: metres per pixel.
    Returns:
        float32 [h, w] in [0, 1]: 1 in full shadow.
    """
    tallest = float(height.max(initial=0.0))
    drop_per_px = math.tan(sun.elevation) * gsd_m
    reach_px = tallest / drop_per_px
    row, col = sun.toward
    ray = height
    step = 1.0
    while step <= reach_px * 2:
        shift = np.array([[1, 0, step * col], [0, 1, step * row]], np.float64)
        nearer = cv2.warpAffine(
            ray, shift, (height.shape[1], height.shape[0]), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_CONSTANT, borderValue=0.0,
        )  # fmt: skip
        ray = np.maximum(ray, nearer - np.float32(step * drop_per_px))
        step *= 2
    softness_m = max(0.25, drop_per_px)
    shadow: npt.NDArray[np.float32] = np.clip(
        (ray - height - np.float32(0.4 * drop_per_px)) * np.float32(1 / softness_m), 0, 1
    )
    return shadow
