from __future__ import annotations

import numpy as np
import pytest

from segrun.card import ModelClass
from segrun.threshold import mask_from_scores
from segrun_export.thresholds import matched_classes


def test_shifted_scores_get_a_shifted_threshold_that_restores_the_mask() -> None:
    reference = np.random.default_rng(0).random((2, 64, 64, 1)).astype(np.float32)
    scores = reference * np.float32(0.9)
    (found,) = matched_classes((ModelClass("roof", 0.5),), reference, scores, "sigmoid")
    assert found.threshold == pytest.approx(0.45, abs=0.005)
    assert "0.5 on 2 tiles" in found.threshold_source
    flips = mask_from_scores(scores, (found.threshold,), "sigmoid") != mask_from_scores(
        reference, (0.5,), "sigmoid"
    )
    assert flips.mean() < 0.005


def test_equal_scores_keep_threshold_and_source() -> None:
    reference = np.random.default_rng(0).random((2, 32, 32, 1)).astype(np.float32)
    classes = (ModelClass("roof", 0.31, "best F1"),)
    assert matched_classes(classes, reference, reference, "sigmoid") == classes


def test_softmax_keeps_the_background_and_moves_the_rest() -> None:
    rng = np.random.default_rng(0)
    reference = rng.dirichlet((1, 1, 1), (1, 64, 64)).astype(np.float32)
    scores = reference.copy()
    scores[..., 2] *= 0.9
    classes = (ModelClass("ground", 0.0), ModelClass("roof", 0.5), ModelClass("road", 0.6))
    ground, roof, road = matched_classes(classes, reference, scores, "softmax")
    assert ground == classes[0]
    assert roof.threshold == pytest.approx(0.5, abs=0.01)
    assert road.threshold == pytest.approx(0.54, abs=0.015)
