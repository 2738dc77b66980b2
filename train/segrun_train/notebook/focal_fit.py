"""Claim: ``results_FL = model_Acc.fit(...)`` fitted the accuracy model, never the focal one."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np

from segrun_train.notebook.published import Labels

_ALPHA, _GAMMA = 0.2, 2.0


@dataclass(frozen=True)
class FocalFound:
    """What losses come to on the notebook's validation labels where one score is given everywhere.

    Args:
        bce_at_half: binary cross-entropy at a score of 0.5, an untrained network.
        focal_at_half: the focal loss there.
        bce_at_best: binary cross-entropy at the score that suits it best.
        focal_at_best: the focal loss at the score that suits it best.
        score_for_first: the lowest score at which the focal loss is the printed first validation loss; None if none is.
        alpha_ignored: whether Keras's focal loss is the same for two alphas unless ``apply_class_balancing`` is set.
    """

    bce_at_half: float
    focal_at_half: float
    bce_at_best: float
    focal_at_best: float
    score_for_first: float | None
    alpha_ignored: bool


def focal_against_bce(labels: Labels, printed: float) -> FocalFound:
    """Compute both losses for constant scores.

    Args:
        labels: black, grey and white shares; grey counts as 0.5.
        printed: the first validation loss of the run called focal.
    """
    focal = keras.losses.BinaryFocalCrossentropy(
        apply_class_balancing=True, alpha=_ALPHA, gamma=_GAMMA, reduction="none"
    )
    bce = keras.losses.BinaryCrossentropy(reduction="none")
    scores = np.arange(0.005, 1, 0.005, dtype=np.float32)
    focal_of, bce_of = (_of_constants(loss, labels, scores) for loss in (focal, bce))
    half = int(np.abs(scores - 0.5).argmin())
    reached = scores[(focal_of >= printed) & (scores >= 0.5)]
    return FocalFound(
        float(bce_of[half]), float(focal_of[half]), float(bce_of.min()), float(focal_of.min()),
        float(reached[0]) if len(reached) else None, _alpha_ignored(),
    )  # fmt: skip


def _of_constants(loss: keras.losses.Loss, labels: Labels, scores: np.ndarray) -> np.ndarray:
    total = np.zeros(len(scores))
    for truth, share in ((0.0, labels.black), (0.5, labels.grey), (1.0, labels.white)):
        total += share * np.asarray(loss(np.full((len(scores), 1), truth, np.float32), scores[:, None]))
    return total


def _alpha_ignored() -> bool:
    truth, scores = np.array([[0.0], [1.0]], np.float32), np.array([[0.3], [0.6]], np.float32)
    plain = [float(keras.losses.BinaryFocalCrossentropy(alpha=a)(truth, scores)) for a in (0.2, 0.9)]
    balanced = [
        float(keras.losses.BinaryFocalCrossentropy(alpha=a, apply_class_balancing=True)(truth, scores))
        for a in (0.2, 0.9)
    ]
    return plain[0] == plain[1] and balanced[0] != balanced[1]
