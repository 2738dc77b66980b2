"""From scores to class indices: the one place that says what a mask is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segrun.card import Activation


def mask_from_scores(
    scores: NDArray[np.float32], thresholds: Sequence[float], activation: Activation
) -> NDArray[np.uint8]:
    """Choose the class of every pixel.

    Sigmoid (one class): 1 where ``score >= threshold``. Softmax (channel 0 is the background): the index of the largest
    score among the classes above 0 that reach their own threshold, where it also beats the background; else 0.

    Args:
        scores: float32 [..., k] in [0, 1].
        thresholds: k values in [0, 1]; the background's is not looked at.
        activation: ``"sigmoid"`` or ``"softmax"``.
    Returns:
        uint8 [...] class indices.
    Raises:
        ValueError: len(thresholds) is not k.
    """
    if scores.shape[-1] != len(thresholds):
        raise ValueError(
            f"one threshold for each class. Received: {len(thresholds)} for {scores.shape[-1]} channels."
        )
    if activation == "sigmoid":
        reached_it: NDArray[np.bool_] = scores[..., 0] >= np.float32(thresholds[0])
        return reached_it.astype(np.uint8)
    reached = np.where(scores >= np.asarray(thresholds, np.float32), scores, np.float32(-1.0))
    reached[..., 0] = scores[..., 0]
    chosen: NDArray[np.intp] = reached.argmax(axis=-1)
    return chosen.astype(np.uint8)
