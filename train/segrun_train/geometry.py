"""Cut one crop out of a picture, turned, mirrored and scaled in a single resampling step."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from segrun_train.augmentation import Augmentation
from segrun_train.sample import Sample, truth_of
from segrun_train.targets import IGNORED

# A crop is resampled at most this much, whatever the ground distances ask for: beyond it there is nothing to learn.
RESAMPLE_AT_MOST = 3.0


def draw_scale(
    rng: np.random.Generator,
    augmentation: Augmentation,
    gsd_cm: float | None,
    gsd_range_cm: tuple[float, float] | None,
) -> float:
    """Draw the factor by which things in the picture grow, log-uniformly.

    With both the picture's ground distance and a wanted range known, the factor leads to a distance in that range;
    otherwise it comes from the augmentation.
    """
    low, high = augmentation.scale
    if gsd_cm is not None and gsd_range_cm is not None:
        low, high = gsd_cm / gsd_range_cm[1], gsd_cm / gsd_range_cm[0]
    low, high = (min(max(value, 1 / RESAMPLE_AT_MOST), RESAMPLE_AT_MOST) for value in (low, high))
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def draw_turn(rng: np.random.Generator, augmentation: Augmentation) -> NDArray[np.float64]:
    """Draw a 2x2 matrix of turn, mirror and shear, in (col, row) order, without scale."""
    turn = np.eye(2)
    if augmentation.quarter_turns:
        turn = _rotation(math.pi / 2 * int(rng.integers(4))) @ turn
    if augmentation.flips:
        turn = np.diag(rng.choice((-1.0, 1.0), 2)) @ turn
    if augmentation.rotation_deg and rng.random() < augmentation.rotation_share:
        turn = _rotation(math.radians(rng.uniform(-1, 1) * augmentation.rotation_deg)) @ turn
    if augmentation.shear:
        turn = np.array([[1.0, rng.uniform(-1, 1) * augmentation.shear], [0.0, 1.0]]) @ turn
    return turn


def cut(
    sample: Sample,
    tile: int,
    scale: float,
    turn: NDArray[np.float64],
    place: tuple[float, float],
    *,
    grey_mask: bool,
    grey_truth: bool = False,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8 | np.float32]]:
    """Cut a crop.

    Args:
        sample: the picture.
        tile: side of the crop, pixels.
        scale: the factor by which things grow.
        turn: 2x2, from the picture's axes to the crop's, in (col, row) order.
        place: where in the picture, each in [0, 1]: 0 is the first crop that fits, 1 the last.
        grey_mask: the mask holds grey values to be thresholded (one class), not indices.
        grey_truth: hand the grey values on, as float32 in [0, 1], instead of thresholding them.
    Returns:
        uint8 ``[tile, tile, bands]`` pixels and uint8 ``[tile, tile]`` class indices, ``IGNORED`` outside the
        picture and where it is not valid. Pixels outside the picture are mirrored.
    """
    depth = min(max(0, math.floor(math.log2(1 / scale) + 1e-9)), len(sample.levels) - 1)
    level = sample.levels[depth]
    height, width = level.size
    inverse = np.linalg.inv(turn * scale * 2.0**depth)
    reach = np.abs(inverse) @ np.array([tile / 2, tile / 2])
    centre = np.array([_centre(width, float(reach[0]), place[1]), _centre(height, float(reach[1]), place[0])])
    # warpAffine maps pixel centres: crop pixel p (from 0) shows picture point inverse @ (p + 0.5 - tile/2) + centre - 0.5.
    shift = centre - 0.5 + inverse @ np.array([0.5 - tile / 2, 0.5 - tile / 2])
    matrix = np.column_stack([inverse, shift])
    straight = bool(np.all(np.isin(inverse, (-1.0, 0.0, 1.0))))
    if straight:
        matrix[:, 2] = np.round(matrix[:, 2])
    smooth = cv2.INTER_NEAREST if straight else cv2.INTER_LINEAR
    size = (tile, tile)
    pixels = cv2.warpAffine(
        level.pixels, matrix, size, flags=smooth | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT_101
    )
    how = smooth if grey_mask else cv2.INTER_NEAREST
    mask = cv2.warpAffine(
        level.mask, matrix, size, flags=how | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT_101
    )
    valid = cv2.warpAffine(
        level.valid, matrix, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP, borderValue=(0.0,)
    )
    classes = truth_of(np.asarray(mask, np.uint8), grey_mask=grey_mask, grey_truth=grey_truth)
    classes[np.asarray(valid) == 0] = IGNORED
    return np.asarray(pixels, np.uint8).reshape(tile, tile, -1), classes


def _rotation(angle: float) -> NDArray[np.float64]:
    cosine, sine = round(math.cos(angle), 15), round(math.sin(angle), 15)
    return np.array([[cosine, -sine], [sine, cosine]])


def _centre(length: int, reach: float, place: float) -> float:
    """Return the crop's centre along one axis; a crop larger than the picture stands in its middle."""
    if 2 * reach >= length:
        return length / 2
    return reach + place * (length - 2 * reach)
