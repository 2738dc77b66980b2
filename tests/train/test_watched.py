from __future__ import annotations

import keras
import numpy as np
import pytest

from segrun_train.targets import IGNORED
from segrun_train.watched import watched

rng = np.random.default_rng(0)


def test_the_iou_is_that_of_the_pixels_that_count_over_all_batches() -> None:
    (metric,) = watched(("iou",), 1)
    both = either = 0
    for _ in range(3):
        truth = rng.choice(np.array([0, 1, IGNORED], np.uint8), (2, 8, 8, 1))
        scores = rng.random((2, 8, 8, 1)).astype(np.float32)
        metric.update_state(truth, scores)
        counts = truth != IGNORED
        said, true = (scores > 0.5) & counts, truth == 1
        both, either = both + (said & true).sum(), either + (said | true).sum()
    assert float(metric.result()) == pytest.approx(both / either)


def test_the_iou_of_several_classes_leaves_the_background_out() -> None:
    (metric,) = watched(("iou",), 3)
    truth = np.array([[0, 0, 1, 1, 2, 2]], np.uint8).reshape(1, 1, 6, 1)
    said = np.array([0, 1, 1, 1, 2, 0])
    metric.update_state(truth, np.eye(3, dtype=np.float32)[said].reshape(1, 1, 6, 3))
    assert float(metric.result()) == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_the_accuracy_never_meets_a_grey_truth() -> None:
    (metric,) = watched(("accuracy",), 1)
    truth = np.array([0, 1, 0.4, 1], np.float32).reshape(1, 1, 4, 1)
    scores = np.array([0.1, 0.9, 0.4, 0.2], np.float32).reshape(1, 1, 4, 1)
    metric.update_state(truth, scores)
    theirs = keras.metrics.BinaryAccuracy()
    theirs.update_state(truth, scores)
    assert float(metric.result()) == pytest.approx(float(theirs.result())) == 0.5


def test_the_notebooks_mean_iou_sees_background_alone() -> None:
    (metric,) = watched(("mean_io_u",), 1)
    truth = (rng.random((2, 16, 16, 1)) < 0.14).astype(np.uint8)
    truth[0, 0] = IGNORED
    counted = truth[truth != IGNORED]
    metric.update_state(truth, np.full(truth.shape, 0.999, np.float32))
    assert float(metric.result()) == pytest.approx(float((counted == 0).mean()) / 2)


def test_an_unknown_metric_is_refused() -> None:
    with pytest.raises(ValueError, match="mean_io_u"):
        watched(("f1",), 1)
