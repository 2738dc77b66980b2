from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks.suites.counted_array import counted, counting
from benchmarks.suites.counters import Recorder, peak_kib
from segrun import threshold
from segrun.card import Activation

STRIP = (224, 1536)


def measure(benchmark: Any, record: Recorder, thresholds: list[float], activation: Activation) -> None:
    scores = np.random.default_rng(0).random((*STRIP, len(thresholds)), np.float32)
    benchmark(threshold.mask_from_scores, scores, thresholds, activation)
    peak = peak_kib(lambda: threshold.mask_from_scores(scores, thresholds, activation))
    with counting(threshold) as tally:
        threshold.mask_from_scores(counted(scores), thresholds, activation)
    record("python", "numpy", pixels=STRIP[0] * STRIP[1], peak_kib=peak, **tally)


@pytest.mark.benchmark(group="thresholding")
def test_sigmoid(benchmark: Any, record: Recorder) -> None:
    measure(benchmark, record, [0.5], "sigmoid")


@pytest.mark.benchmark(group="thresholding")
def test_softmax(benchmark: Any, record: Recorder) -> None:
    measure(benchmark, record, [0.0, 0.5, 0.4, 0.6], "softmax")
