from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segrun.threshold import mask_from_scores
from segrun_train.score_histogram import CANDIDATES, ScoreHistogram
from segrun_train.targets import IGNORED


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 9999), threshold=st.integers(5, 95))
def test_the_figures_are_those_of_the_mask_at_that_threshold(seed: int, threshold: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.choice(np.array([0, 1, IGNORED], np.uint8), (3, 9, 9, 1))
    scores = rng.random((3, 9, 9, 1)).astype(np.float32)
    scores[0, :4] = threshold / 100
    histogram = ScoreHistogram(1)
    histogram.add(truth[:1], scores[:1])
    histogram.add(truth[1:], scores[1:])
    counts = truth[..., 0] != IGNORED
    said = mask_from_scores(scores, [threshold / 100], "sigmoid")[counts] == 1
    true = truth[..., 0][counts] == 1
    figures = histogram.figures(0, threshold / 100)
    right = int((said & true).sum())
    assert figures.pixels == counts.sum()
    assert figures.iou == pytest.approx(right / max(1, (said | true).sum()))
    assert figures.precision == pytest.approx(right / max(1, said.sum()))
    assert figures.recall == pytest.approx(right / max(1, true.sum()))
    assert figures.f1 == pytest.approx(2 * right / max(1, said.sum() + true.sum()))


def test_the_best_threshold_has_the_highest_iou() -> None:
    rng = np.random.default_rng(4)
    truth = (rng.random((4, 32, 32, 1)) < 0.3).astype(np.uint8)
    scores = np.clip(truth * 0.2 + rng.normal(0.15, 0.1, truth.shape), 0, 1).astype(np.float32)
    histogram = ScoreHistogram(1)
    histogram.add(truth, scores)
    best = histogram.best_threshold(0)
    ious = [histogram.figures(0, float(value)).iou for value in CANDIDATES]
    assert histogram.figures(0, best).iou == max(ious)
    assert 0.2 < best < 0.35


def test_without_any_pixel_of_the_class_the_threshold_stays_in_the_middle() -> None:
    histogram = ScoreHistogram(1)
    histogram.add(np.zeros((1, 4, 4, 1), np.uint8), np.full((1, 4, 4, 1), 0.01, np.float32))
    assert histogram.best_threshold(0) == 0.5
    assert histogram.figures(0, 0.5).iou == 0


def test_several_classes_count_by_their_largest_score() -> None:
    truth = np.array([0, 1, 1, 2], np.uint8).reshape(1, 1, 4, 1)
    scores = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.5, 0.4, 0.1], [0.1, 0.5, 0.4]], np.float32)
    histogram = ScoreHistogram(3)
    histogram.add(truth, scores.reshape(1, 1, 4, 3))
    assert histogram.figures(0, 0.3).iou == pytest.approx(1 / 3)
    assert histogram.figures(0, 0.6).iou == pytest.approx(1 / 2)
    assert histogram.figures(1, 0.3).recall == 0
