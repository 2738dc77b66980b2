from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from segrun_export.histogram import Histogram


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


@pytest.mark.parametrize("method", ["minmax", "percentile", "entropy", "cubic"])
def test_a_constant_activation_has_a_range(method: Any) -> None:
    assert Histogram(0.5, 0.5, np.full(2048, 1, np.int64)).range(method) == (0.0, 0.5)


@pytest.mark.parametrize("method", ["percentile", "entropy", "cubic"])
def test_a_uniform_activation_keeps_nearly_all_of_its_range(method: Any) -> None:
    low, high = counted(np.random.default_rng(0).uniform(-1, 1, 100_000)).range(method)
    assert low < -0.95
    assert high > 0.95


def test_the_zeros_of_a_relu_do_not_outweigh_the_rest() -> None:
    values = np.append(np.zeros(1_000_000), np.abs(np.random.default_rng(0).normal(0, 1, 100_000)))
    low, high = counted(values).range("entropy")
    assert low == 0.0
    assert high > 2.5


def test_the_cubic_range_weighs_rounding_against_cutting_off() -> None:
    counts = np.zeros(2048, np.int64)
    counts[:410] = 1_000_000  # up to 2 of 10
    counts[-1] = 1
    low, high = Histogram(0.0, 10.0, counts).range("cubic")
    assert low == 0.0
    assert 2.0 <= high < 6.0
    counts[-1] = 100_000
    assert Histogram(0.0, 10.0, counts).range("cubic")[1] > 9.0


def test_the_cubic_range_loses_no_more_than_its_neighbours() -> None:
    values = np.random.default_rng(0).standard_t(3, 50_000)
    found = counted(values)

    def loss(low: float, high: float) -> float:
        step = (high - low) / 255
        steps = np.clip(np.round((values - low) / step), 0, 255)
        return float((np.abs(low + steps * step - values) ** 3).mean())

    ours = loss(*found.range("cubic"))
    assert ours <= 1.02 * loss(*found.range("minmax"))
    assert ours <= 1.02 * loss(*found.range("percentile"))
