from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.gate.verdict import _T999, FEWEST_DUELS, MOST_DUELS, Limits, Verdict, judge, log_ratio

LIMITS = Limits()
# The worst spread of a duel that was measured on a busy machine; decision 12.
SPREAD = 0.045


def fought(truth: float, seed: int, *, spread: float = SPREAD, wild: float = 0.0) -> Verdict:
    """Fight duels of a known ratio until there is a verdict."""
    rng = np.random.default_rng(seed)
    found: list[float] = []
    while True:
        noise = rng.normal(0, spread) + (rng.normal(0, 0.3) if rng.random() < wild else 0)
        found.append(math.log(truth) + noise)
        if len(found) >= FEWEST_DUELS:
            verdict = judge(found, LIMITS)
            if verdict.slower is not None:
                return verdict


def test_the_quantiles_are_those_of_student() -> None:
    for index, quantile in enumerate(_T999):
        freedom = index + FEWEST_DUELS - 1
        values = np.linspace(0, quantile, 100_001)
        scale = math.gamma((freedom + 1) / 2) / math.gamma(freedom / 2) / math.sqrt(freedom * math.pi)
        density = scale * (1 + values**2 / freedom) ** (-(freedom + 1) / 2)
        assert 0.5 + float(np.trapezoid(density, values)) == pytest.approx(0.999, abs=2e-6)


@pytest.mark.parametrize("wild", [0.0, 0.1])
def test_unchanged_code_passes_and_a_slowdown_is_caught(wild: float) -> None:
    assert sum(bool(fought(1.0, seed, wild=wild).slower) for seed in range(500)) == 0
    assert sum(bool(fought(1.15, seed, wild=wild).slower) for seed in range(500)) == 500


def test_a_quiet_machine_needs_the_fewest_duels() -> None:
    assert fought(1.0, 0, spread=0.003).duels == LIMITS.fewest
    assert fought(1.15, 0, spread=0.003).duels == LIMITS.fewest


def test_a_faster_candidate_is_not_slower() -> None:
    assert fought(0.8, 0).slower is False


def test_what_lies_at_the_threshold_ends_after_the_most_duels_by_its_median() -> None:
    above = judge([math.log(1.07) + 0.02, math.log(1.07) - 0.019] * 9 + [0.1, 0.1], LIMITS)
    assert (above.slower, above.clear, above.duels) == (True, False, LIMITS.most)
    assert "by the estimate alone" in str(above)
    below = judge([0.0] * 16 + [3.0] * 4, LIMITS)
    assert (below.slower, below.clear) == (False, False)


def test_too_few_duels_give_no_verdict() -> None:
    verdict = judge([0.0, 0.001, -0.001], LIMITS)
    assert verdict.slower is None
    assert verdict.clear
    assert "not clear yet" in str(verdict)


def test_a_drift_cancels() -> None:
    base = [1.0 * 1.1**turn for turn in range(0, 20, 2)]
    candidate = [1.15 * 1.1**turn for turn in range(1, 21, 2)]
    assert math.exp(log_ratio(base, candidate)) == pytest.approx(1.15)


def test_disturbed_rounds_are_dropped() -> None:
    base = [1.0] * 10
    candidate = [1.1] * 7 + [9.0, 9.0, 9.0]
    assert math.exp(log_ratio(base, candidate)) == pytest.approx(1.1)


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="as many rounds"):
        log_ratio([1.0, 1.0], [1.0])
    with pytest.raises(ValueError, match="3 to 24 duels"):
        judge([0.0], LIMITS)
    with pytest.raises(ValueError, match="slower must be above 1"):
        Limits(slower=1.0)
    with pytest.raises(ValueError, match="fewest <= most"):
        Limits(fewest=9, most=MOST_DUELS + 1)
