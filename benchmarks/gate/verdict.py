"""From the log-ratios of duels to a verdict: slower, not slower, or not clear yet."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

# One-sided 99.9 % quantiles of Student's t for 2 to 23 degrees of freedom; a test computes them again.
_T999 = (
    22.327, 10.215, 7.173, 5.893, 5.208, 4.785, 4.501, 4.297, 4.144, 4.025, 3.93,
    3.852, 3.787, 3.733, 3.686, 3.646, 3.61, 3.579, 3.552, 3.527, 3.505, 3.485,
)  # fmt: skip
FEWEST_DUELS, MOST_DUELS = 3, len(_T999) + 2


@dataclass(frozen=True)
class Limits:
    """When a verdict is reached.

    Args:
        slower: ratio of processor times from which code counts as slower; decision 12 says why 1.07.
        fewest: duels before the first verdict.
        most: duels after which the estimate alone decides.
    Raises:
        ValueError: a threshold of 1 or below, or numbers of duels that are out of order or out of the table.
    """

    slower: float = 1.07
    fewest: int = 6
    most: int = 20

    def __post_init__(self) -> None:
        if not self.slower > 1:
            raise ValueError(f"slower must be above 1. Received: {self.slower}.")
        if not FEWEST_DUELS <= self.fewest <= self.most <= MOST_DUELS:
            raise ValueError(
                f"{FEWEST_DUELS} <= fewest <= most <= {MOST_DUELS} duels. Received: {self.fewest} and {self.most}."
            )


@dataclass(frozen=True)
class Verdict:
    """What the duels of one workload say.

    Args:
        ratio: candidate's processor time over the base's, geometric mean over the duels.
        low: lower bound of the ratio, 99.9 % one-sided.
        high: upper bound, the same.
        duels: how many were fought.
        slower: whether the candidate counts as slower; None where more duels are needed to tell.
        clear: whether the interval lies on one side of the threshold; otherwise the estimate decided.
    """

    ratio: float
    low: float
    high: float
    duels: int
    slower: bool | None
    clear: bool

    def __str__(self) -> str:
        word = {None: "not clear yet", True: "SLOWER", False: "not slower"}[self.slower]
        doubt = "" if self.clear or self.slower is None else ", by the estimate alone"
        return f"{self.ratio:.3f} ({self.low:.3f} to {self.high:.3f}) after {self.duels} duels: {word}{doubt}"


def log_ratio(base: Sequence[float], candidate: Sequence[float]) -> float:
    """Compare rounds that were run in turn: base, candidate, base, candidate ...

    Each round is compared with the mean of its two neighbours of the other side, so that a drift cancels; the median
    of these drops the rounds that were disturbed.

    Args:
        base: seconds of the base's rounds, in order.
        candidate: as many of the candidate's.
    Returns:
        The logarithm of candidate / base.
    Raises:
        ValueError: fewer than two rounds, or not as many on both sides.
    """
    if len(base) < 2 or len(base) != len(candidate):
        raise ValueError(
            f"as many rounds on both sides, two at least. Received: {len(base)}, {len(candidate)}."
        )
    first, second = ([math.log(seconds) for seconds in side] for side in (base, candidate))
    found = []
    for index in range(len(first) - 1):
        found.append(second[index] - (first[index] + first[index + 1]) / 2)
        found.append((second[index] + second[index + 1]) / 2 - first[index + 1])
    return statistics.median(found)


def judge(log_ratios: Sequence[float], limits: Limits) -> Verdict:
    """Judge one workload by its duels so far.

    Args:
        log_ratios: the logarithm of candidate / base, one for each duel.
        limits: when a verdict is reached.
    Raises:
        ValueError: fewer than ``FEWEST_DUELS`` duels, or more than ``MOST_DUELS``.
    """
    count = len(log_ratios)
    if not FEWEST_DUELS <= count <= MOST_DUELS:
        raise ValueError(f"{FEWEST_DUELS} to {MOST_DUELS} duels. Received: {count}.")
    mean = statistics.fmean(log_ratios)
    reach = _T999[count - FEWEST_DUELS] * statistics.stdev(log_ratios) / math.sqrt(count)
    ratio, low, high = (math.exp(value) for value in (mean, mean - reach, mean + reach))
    slower: bool | None = None
    clear = low > limits.slower or high < limits.slower
    if clear and count >= limits.fewest:
        slower = low > limits.slower
    elif count >= limits.most:
        # Here a few wild duels have widened the interval; the median does not see them.
        slower = math.exp(statistics.median(log_ratios)) > limits.slower
    return Verdict(ratio, low, high, count, slower, clear)
