"""Scores as the bytes in which strips keep them and score rasters store them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# A score is stored as round(score * FULL); 65535, both of its bytes 255, is no data.
FULL = 65534
NO_SCORE = 65535
BYTES = 2


def packed(scores: NDArray[np.float32], valid: NDArray[np.bool_] | None) -> NDArray[np.uint8]:
    """Pack rows of scores.

    Args:
        scores: float32 [h, w, k] in [0, 1].
        valid: bool [h, w]; None when all of it is valid.
    Returns:
        uint8 [h, w * k * 2], the machine's byte order.
    """
    steps = np.rint(scores * np.float32(FULL)).astype(np.uint16)
    if valid is not None:
        steps[~valid] = NO_SCORE
    return np.asarray(steps.reshape(len(steps), -1).view(np.uint8), np.uint8)
