from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from segrun.errors import InputError
from segrun_export.calibration import Histogram, histograms
from segrun_export.onnx_conversion import onnx_from_keras
from tests.export.conftest import drawn_pair


def counted(values: np.ndarray[Any, np.dtype[np.float64]]) -> Histogram:
    low, high = float(values.min()), float(values.max())
    counts, _ = np.histogram(values, 2048, (low, high))
    return Histogram(low, high, counts.astype(np.int64))


def test_minmax_is_the_whole_range_and_zero_lies_inside() -> None:
    values = np.array([2.0, 3.0, 5.0])
    assert counted(values).range("minmax") == (0.0, 5.0)
    assert counted(-values).range("minmax") == (-5.0, 0.0)


@pytest.mark.parametrize("method", ["percentile", "entropy"])
def test_one_far_outlier_is_cut_off(method: Any) -> None:
    values = np.append(np.abs(np.random.default_rng(0).normal(0, 1, 200_000)), 40.0)
    low, high = counted(values).range(method)
    assert low == 0.0
    assert 2.0 < high < 20.0


@pytest.mark.parametrize("method", ["minmax", "percentile", "entropy"])
def test_a_constant_activation_has_a_range(method: Any) -> None:
    assert Histogram(0.5, 0.5, np.full(2048, 1, np.int64)).range(method) == (0.0, 0.5)


@pytest.mark.parametrize("method", ["percentile", "entropy"])
def test_a_uniform_activation_keeps_nearly_all_of_its_range(method: Any) -> None:
    low, high = counted(np.random.default_rng(0).uniform(-1, 1, 100_000)).range(method)
    assert low < -0.95
    assert high > 0.95


def test_every_activation_is_counted_over_all_tiles(unet: Any) -> None:
    tiles = np.stack([drawn_pair(seed)[0] for seed in range(4)])
    found = histograms(onnx_from_keras(unet), tiles)
    assert len(found) >= 10
    for item in found.values():
        assert item.low <= item.high
        assert item.counts.sum() % len(tiles) == 0
    score = found["score"]
    expected = np.asarray(unet(tiles, training=False))
    assert score.low == pytest.approx(expected.min(), abs=1e-4)
    assert score.high == pytest.approx(expected.max(), abs=1e-4)


@pytest.mark.parametrize("tiles", [np.zeros((2, 64, 64, 3), np.uint8), np.full((8, 64, 64, 3), 7, np.uint8)])
def test_too_few_or_constant_tiles_are_refused(unet: Any, tiles: Any) -> None:
    with pytest.raises(InputError, match="at least 4 calibration tiles that show something"):
        histograms(onnx_from_keras(unet), tiles)
