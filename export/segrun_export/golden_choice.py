"""Choosing the golden tiles of a model from real tiles."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import numpy.typing as npt

from segrun.card import Activation
from segrun.errors import ModelError, ParityError
from segrun.golden import CROPS, SIDE, GoldenTiles
from segrun.threshold import mask_from_scores
from segrun_export.reference import keras_scores

# Taken where the channels of a crop would not fit into 256 KiB.
_SMALLER_SIDES = (96, 64, 32)
_STEP = 16
_TRIED = 8


def golden_from(
    model: Any,
    pixels: npt.NDArray[np.uint8],
    scores: npt.NDArray[np.float32],
    thresholds: tuple[float, ...],
    activation: Activation,
) -> GoldenTiles:
    """Cut two crops around positives and score them with Keras as a device will: reflect-padded to the tile.

    Args:
        model: the Keras model.
        pixels: uint8 [n, tile, tile, b], real tiles.
        scores: float32 [n, tile, tile, k], Keras's for them.
        thresholds: Keras's.
        activation: of the model.
    Raises:
        ParityError: no crop has positives, so that golden tiles would prove nothing.
        ModelError: the crops have too many channels.
    """
    for side in (SIDE, *_SMALLER_SIDES):
        golden = _of_side(model, pixels, scores, thresholds, activation, side=min(side, pixels.shape[1]))
        with contextlib.suppress(ValueError):  # too many bytes for this number of channels
            golden.encode()
            return golden
    raise ModelError(
        f"golden tiles of {scores.shape[3]} classes and {pixels.shape[3]} bands do not fit into a model file. "
        "Export fewer classes."
    )


def _of_side(
    model: Any,
    pixels: npt.NDArray[np.uint8],
    scores: npt.NDArray[np.float32],
    thresholds: tuple[float, ...],
    activation: Activation,
    *,
    side: int,
) -> GoldenTiles:
    tile = pixels.shape[1]
    positive = mask_from_scores(scores, thresholds, activation) > 0
    places = [(index, *_best_window(positive[index], side)) for index in range(len(pixels))]
    places.sort(key=lambda place: (abs(place[3] - 0.5), place[0]))
    found: list[GoldenTiles] = []
    for index, row, col, _ in places[:_TRIED]:
        crop = np.repeat(pixels[index : index + 1, row : row + side, col : col + side], CROPS, axis=0)
        blank = GoldenTiles(crop, np.zeros((*crop.shape[:3], scores.shape[3]), np.uint16))
        result = blank.crop(keras_scores(model, blank.padded(tile)[:1]))
        if (mask_from_scores(result, thresholds, activation) > 0).any():
            found.append(GoldenTiles.of(crop, np.repeat(result, CROPS, axis=0)))
        if len(found) == CROPS:
            break
    if not found:
        raise ParityError(
            "golden tiles need positives and Keras finds none in the given pictures. "
            f"Received: {len(pixels)} tiles. Train longer, lower --threshold, or give other pictures."
        )
    first, last = found[0], found[-1]
    return GoldenTiles(
        np.stack([first.pixels[0], last.pixels[0]]), np.stack([first.scores[0], last.scores[0]])
    )


def _best_window(positive: npt.NDArray[np.bool_], side: int) -> tuple[int, int, float]:
    """Return row, col and share of positives of the window whose share is closest to one half."""
    size = positive.shape[0]
    sums = np.zeros((size + 1, size + 1))
    sums[1:, 1:] = positive.cumsum(0).cumsum(1)
    starts = sorted({*range(0, size - side + 1, _STEP), size - side})
    best = (0, 0, 0.0)
    for row in starts:
        for col in starts:
            total = (
                sums[row + side, col + side] - sums[row, col + side] - sums[row + side, col] + sums[row, col]
            )
            share = float(total) / side**2
            if abs(share - 0.5) < abs(best[2] - 0.5):
                best = (row, col, share)
    return best
