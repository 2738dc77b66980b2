"""Ground without a picture (alpha 0): what a network says there is no part of any mask."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from segrun.prediction import Prediction


def as_written(scores: NDArray[np.float32], valid: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return scores as ``segrun predict`` writes them to pictures: background, for sure, where there is no data.

    Args:
        scores: ``[..., h, w, k]`` in [0, 1]; one class, or more that begin with the background.
        valid: ``[..., h, w]``, False where the picture's alpha is 0.
    Returns:
        A copy: 0 at missing ground and, with more than one class, 1 for the background there.
    """
    shown = np.where(valid[..., None], scores, np.float32(0))
    if scores.shape[-1] > 1:
        shown[..., 0][~valid] = 1
    return shown


def masked(prediction: Prediction, valid: NDArray[np.bool_] | None) -> Prediction:
    """Return a prediction as ``segrun predict`` writes it; ``valid`` None means that nothing is missing."""
    if valid is None:
        return prediction
    mask = np.where(valid, prediction.mask, np.uint8(0))
    return dataclasses.replace(prediction, mask=mask, scores=as_written(prediction.scores, valid))
