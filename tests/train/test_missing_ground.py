"""Scores where there is no picture."""

from __future__ import annotations

import numpy as np
import pytest

from segrun_train.missing_ground import as_written


@pytest.mark.parametrize(("classes", "expected"), [(1, [0.0]), (3, [1.0, 0.0, 0.0])])
def test_missing_ground_is_background_and_the_rest_is_as_it_was(classes: int, expected: list[float]) -> None:
    scores = np.random.default_rng(0).random((2, 3, 4, classes), np.float32)
    given = scores.copy()
    valid = np.ones((2, 3, 4), np.bool_)
    valid[1, 2, 3] = valid[0, 0, 0] = False
    shown = as_written(scores, valid)
    assert shown[1, 2, 3].tolist() == shown[0, 0, 0].tolist() == expected
    np.testing.assert_array_equal(shown[valid], given[valid])
    np.testing.assert_array_equal(scores, given)
