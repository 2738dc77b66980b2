"""Does a mask's outline lie on edges of its picture? Found by sliding the outline over the picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

_SIDE_PX = 256
_TOLERANCE_PX = 4  # hand-drawn outlines are off by this much
_BORDER_PX = 2
_STRIDE_PX = 5
_MIN_OUTLINE_PX = 40


@dataclass(frozen=True)
class EdgeAgreement:
    """How well an outline fits where it is, compared with everywhere else.

    Args:
        rank: share of all other positions of the same outline that fit worse, in [0, 1]. Masks drawn along
            edges reach 0.95 and more; a mask of another picture takes any value.
        outline_px: length of the outline; short ones say little.
    """

    rank: float
    outline_px: int


def edge_agreement(
    pixels: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8], valid: npt.NDArray[np.bool_] | None
) -> EdgeAgreement | None:
    """Compare a mask's outline with its picture's edges.

    The mean edge strength under the outline is computed for every circular shift at once (a correlation by FFT), its
    largest value within 4 pixels is taken as the fit of a position, and the fit where the mask lies is ranked.

    Args:
        pixels: uint8 [h, w, bands].
        labels: uint8 [h, w], class indices (binary masks: 0 and 1).
        valid: bool [h, w] or None where all pixels are.
    Returns:
        the agreement, or None where the mask has too little outline to tell.
    """
    pixels, labels, usable = _at_working_size(pixels, labels, valid)
    outline = _outline(labels, usable)
    length = int(outline.sum())
    if length < _MIN_OUTLINE_PX:
        return None
    strength = _edge_strength(pixels, usable)
    spectrum = np.fft.rfft2(strength - strength.mean()) * np.conj(np.fft.rfft2(outline))
    fit = np.fft.irfft2(spectrum, s=strength.shape).astype(np.float32)
    side = 2 * _TOLERANCE_PX + 1
    wrapped = np.pad(fit, _TOLERANCE_PX, mode="wrap")
    best = cv2.dilate(wrapped, np.ones((side, side), np.uint8))[
        _TOLERANCE_PX:-_TOLERANCE_PX, _TOLERANCE_PX:-_TOLERANCE_PX
    ]
    others = best[::_STRIDE_PX, ::_STRIDE_PX].ravel()[1:]
    return EdgeAgreement(float((others < best[0, 0]).mean()), length)


def _at_working_size(
    pixels: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8], valid: npt.NDArray[np.bool_] | None
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    usable = np.ones(labels.shape, np.uint8) if valid is None else valid.astype(np.uint8)
    scale = _SIDE_PX / max(labels.shape)
    if scale < 1:
        size = max(1, round(labels.shape[1] * scale)), max(1, round(labels.shape[0] * scale))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        labels, usable = (
            cv2.resize(layer, size, interpolation=cv2.INTER_NEAREST_EXACT).astype(np.uint8, copy=False)
            for layer in (labels, usable)
        )
    # Around missing data there are edges that no mask follows.
    usable = cv2.erode(usable, np.ones((9, 9), np.uint8)).astype(np.uint8, copy=False)
    return pixels.reshape(*labels.shape, -1), labels, usable


def _outline(labels: npt.NDArray[np.uint8], usable: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    kernel = np.ones((3, 3), np.uint8)
    outline = (cv2.dilate(labels, kernel) != cv2.erode(labels, kernel)) & (labels > 0) & (usable > 0)
    outline[:_BORDER_PX] = outline[-_BORDER_PX:] = False
    outline[:, :_BORDER_PX] = outline[:, -_BORDER_PX:] = False
    marked: npt.NDArray[np.float32] = outline.astype(np.float32)
    return marked


def _edge_strength(pixels: npt.NDArray[np.uint8], usable: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Return the rank of each pixel's colour gradient among all, float32 [h, w] in [0, 1]: contrast does not matter."""
    smooth = cv2.GaussianBlur(pixels.astype(np.float32), (0, 0), 1.0).reshape(pixels.shape)
    squares: npt.NDArray[np.float32] = np.zeros(usable.shape, np.float32)
    for band in range(pixels.shape[2]):
        for down, right in ((1, 0), (0, 1)):
            squares += cv2.Sobel(np.ascontiguousarray(smooth[..., band]), cv2.CV_32F, right, down) ** 2
    inside = usable > 0
    ordered = np.sort(squares[inside])
    strength: npt.NDArray[np.float32] = (np.searchsorted(ordered, squares) / max(1, ordered.size)).astype(
        np.float32
    )
    strength[~inside] = 0.5
    return strength
