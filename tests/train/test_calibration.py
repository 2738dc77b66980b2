from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segrun_train.calibration import BINS, ReliabilityMeter


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 9999), parts=st.integers(1, 4))
def test_the_error_is_that_of_the_formula_pixel_by_pixel(seed: int, parts: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.random(200).astype(np.float32)
    scores[:4] = (0, 1, 0.5, 1)
    truth = rng.random(200) < scores**2
    meter = ReliabilityMeter()
    for chosen in np.array_split(np.arange(200), parts):
        meter.add(truth[chosen], scores[chosen])
    found = meter.figures()
    error = 0.0
    for index, item in enumerate(found.bins):
        last = index == BINS - 1
        mine = (scores * BINS >= index) & ((scores * BINS < index + 1) | last)
        assert item.pixels == mine.sum()
        if mine.any():
            assert item.share == pytest.approx(truth[mine].mean())
            assert item.score == pytest.approx(scores[mine].mean(), abs=1e-6)
            error += mine.sum() / 200 * abs(truth[mine].mean() - scores[mine].mean())
    assert found.ece == pytest.approx(error, abs=1e-6)


def test_scores_that_are_always_right_about_their_chance_have_no_error() -> None:
    meter = ReliabilityMeter()
    scores = np.full(100, 0.25, np.float32)
    meter.add(np.arange(100) < 25, scores)
    assert meter.figures().ece == pytest.approx(0, abs=1e-7)
    meter.add(np.zeros(100, bool), scores)
    assert meter.figures().ece == pytest.approx(0.125)


def test_sure_and_wrong_is_the_largest_error() -> None:
    meter = ReliabilityMeter()
    meter.add(np.zeros(10, bool), np.ones(10, np.float32))
    assert meter.figures().ece == 1
    assert meter.figures().bins[-1].pixels == 10


def test_without_pixels_there_is_no_error() -> None:
    assert ReliabilityMeter().figures().ece == 0
