from __future__ import annotations

import numpy as np
import pytest

from segrun.threshold import mask_from_scores


def test_sigmoid_counts_from_the_threshold_on() -> None:
    scores = np.array([[[0.49], [0.5], [0.51]]], np.float32)
    assert mask_from_scores(scores, (0.5,), "sigmoid").tolist() == [[0, 1, 1]]


def test_softmax_takes_the_largest_that_reaches_its_threshold() -> None:
    scores = np.array(
        [
            [0.2, 0.5, 0.3],  # class 1 wins and reaches 0.4
            [0.1, 0.3, 0.6],  # class 2 wins and reaches 0.5
            [0.3, 0.36, 0.34],  # none reaches its threshold
            [0.2, 0.35, 0.45],  # the largest does not reach, nor does the other
            [0.0, 0.45, 0.48],  # the largest does not reach, the second does
        ],
        np.float32,
    )
    assert mask_from_scores(scores, (0.0, 0.4, 0.5), "softmax").tolist() == [1, 2, 0, 0, 1]


def test_a_threshold_for_each_class_is_wanted() -> None:
    with pytest.raises(ValueError, match="one threshold for each class"):
        mask_from_scores(np.zeros((2, 2, 3), np.float32), (0.5,), "softmax")
