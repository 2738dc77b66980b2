"""Endless noise: three periodic textures, addressed by absolute pixel so that neighbouring windows meet without a seam."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

Kind = Literal["grain", "clumps", "clouds"]
SIDE_PX = 1024
# Spectral slope (0 = white) and the shortest wavelength that is kept, in pixels.
_SPECTRA: dict[Kind, tuple[float, float]] = {"grain": (0.0, 2.2), "clumps": (0.6, 5.0), "clouds": (1.25, 3.0)}


@lru_cache(maxsize=3)
def _texture(kind: Kind) -> npt.NDArray[np.float32]:
    slope, shortest_px = _SPECTRA[kind]
    rng = np.random.default_rng([20, *kind.encode()])
    spectrum = np.fft.rfft2(rng.standard_normal((SIDE_PX, SIDE_PX)))
    frequency = np.hypot(np.fft.fftfreq(SIDE_PX)[:, None], np.fft.rfftfreq(SIDE_PX)[None, :])
    frequency[0, 0] = np.inf
    gain = frequency**-slope * np.exp(-((frequency * shortest_px) ** 2))
    if slope == 0:
        gain[0, 0] = 0.0
    field = np.fft.irfft2(spectrum * gain, s=(SIDE_PX, SIDE_PX))
    texture: npt.NDArray[np.float32] = np.clip((field - field.mean()) / field.std(), -3, 3).astype(np.float32)
    texture.setflags(write=False)
    return texture


def noise_window(kind: Kind, row: int, col: int, height: int, width: int) -> npt.NDArray[np.float32]:
    """Cut one window out of an endless noise.

    Args:
        kind: ``grain`` varies from pixel to pixel, ``clumps`` over about five, ``clouds`` over all scales.
        row: first row of the window, any integer.
        col: first column of the window, any integer.
        height: rows of the window.
        width: columns of the window.
    Returns:
        float32 [height, width], mean about 0, standard deviation about 1, within [-3, 3]; may be read-only.
    """
    texture = _texture(kind)
    row, col = row % SIDE_PX, col % SIDE_PX
    if row + height <= SIDE_PX and col + width <= SIDE_PX:
        return texture[row : row + height, col : col + width]
    rows = (row + np.arange(height)) % SIDE_PX
    cols = (col + np.arange(width)) % SIDE_PX
    return texture[rows[:, None], cols[None, :]]
