"""Claim: masks turned grey by interpolation cap the accuracy."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
from numpy.typing import NDArray


def perfect_accuracy(labels: Sequence[NDArray[np.float32]]) -> float:
    """Return what Keras's accuracy makes of the perfect answer: 1 where the label is above 0.5, else 0.

    Args:
        labels: float32 ``[h, w]`` in [0, 1].
    """
    metric = keras.metrics.BinaryAccuracy()
    for truth in labels:
        metric.update_state(truth[None, ..., None], (truth > 0.5).astype(np.float32)[None, ..., None])
    return float(metric.result())
