"""How close two sets of scores or masks must be to count as the same model: shared by export and verify."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segrun.card import Precision

Mask = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Gates:
    """What an artefact of one precision must keep; None where there is no such gate.

    Args:
        max_difference: largest difference of a score.
        flipped: share of pixels whose class differs at Keras's thresholds.
        iou: least IoU against Keras's mask.
        truth_drop: largest loss of IoU against truth.
    """

    max_difference: float | None
    flipped: float
    iou: float | None = None
    truth_drop: float | None = None


GATES: dict[Precision, Gates] = {
    "fp32": Gates(max_difference=1e-4, flipped=1e-4),
    "fp16": Gates(max_difference=None, flipped=5e-4),
    "int8": Gates(max_difference=None, flipped=5e-3, iou=0.98, truth_drop=0.005),
}


def iou(mask: Mask, other: Mask) -> float:
    """Return the IoU of the positive classes, the mean over those that stand in either mask; 0 where none does.

    Args:
        mask: uint8 class indices.
        other: uint8 class indices of the same shape.
    """
    classes = [int(index) for index in np.union1d(np.unique(mask), np.unique(other)) if index > 0]
    values = [
        float(np.logical_and(mask == index, other == index).sum())
        / float(np.logical_or(mask == index, other == index).sum())
        for index in classes
    ]
    return sum(values) / len(values) if values else 0.0
