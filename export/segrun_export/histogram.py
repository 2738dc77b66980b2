"""Values of one activation over calibration tiles, and the range of them that eight bits shall represent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Method = Literal["minmax", "percentile", "entropy", "cubic"]
METHODS: tuple[Method, ...] = ("minmax", "percentile", "entropy", "cubic")
BINS = 2048
_LEVELS = 256
_PERCENTILE = 99.99
_CUTS = 48
# Squares would cut off strong edges, which are rare and matter; the fourth power would cut off nothing.
_POWER = 3
_SHARES = np.linspace(1.0, 0.3, 15)


@dataclass(frozen=True)
class Histogram:
    """Values of one activation over all calibration tiles.

    Args:
        low: smallest value.
        high: largest value.
        counts: int64 [2048], equal bins from low to high.
    """

    low: float
    high: float
    counts: npt.NDArray[np.int64]

    def range(self, method: Method) -> tuple[float, float]:
        """Return the lowest and highest value that int8 shall represent; zero lies always inside.

        Source: for ``entropy``, S. Migacz, 8-bit inference with TensorRT, GTC 2017.
        """
        if method == "minmax" or self.high <= self.low:
            low, high = self.low, self.high
        elif method == "percentile":
            low, high = self._percentile()
        elif method == "entropy":
            low, high = self._entropy()
        else:
            low, high = self._cubic()
        return min(low, 0.0), max(high, 0.0)

    def _edges(self) -> npt.NDArray[np.float64]:
        return np.linspace(self.low, self.high, BINS + 1)

    def _percentile(self) -> tuple[float, float]:
        share = self.counts.cumsum() / self.counts.sum()
        outside = (1 - _PERCENTILE / 100) / 2
        edges = self._edges()
        first = int(np.searchsorted(share, outside))
        last = int(np.searchsorted(share, 1 - outside))
        return float(edges[first]), float(edges[min(last, BINS - 1) + 1])

    def _entropy(self) -> tuple[float, float]:
        """Return the cut that loses least information, after Kullback and Leibler."""
        edges, counts = self._edges(), self._without_zeros()
        best = (np.inf, self.low, self.high)
        for share in np.linspace(1.0, 0.2, _CUTS):
            low = self.low * share if self.low < 0 else self.low
            high = self.high * share if self.high > 0 else self.high
            first = int(np.searchsorted(edges, low, "right")) - 1
            last = int(np.searchsorted(edges, high, "left"))
            if last - first < _LEVELS:
                break
            loss = _divergence(counts, max(first, 0), min(last, BINS))
            if loss < best[0]:
                best = (loss, low, high)
        return float(best[1]), float(best[2])

    def _without_zeros(self) -> npt.NDArray[np.int64]:
        """Level the bin of the zeros: what a ReLU cut off is represented exactly, and would outweigh all the rest."""
        if self.low > 0 or self.high < 0:
            return self.counts
        position = min(int(-self.low / (self.high - self.low) * BINS), BINS - 1)
        levelled = self.counts.copy()
        levelled[position] = min(levelled[position], self.counts[max(position - 1, 0) : position + 2].min())
        return levelled

    def _cubic(self) -> tuple[float, float]:
        """Return the range with the least mean cube of the error, rounding and cutting off together."""
        edges = self._edges()
        middles = (edges[1:] + edges[:-1]) / 2
        lows = self.low * _SHARES if self.low < 0 else np.zeros(1)
        highs = self.high * _SHARES if self.high > 0 else np.zeros(1)
        best = (np.inf, self.low, self.high)
        for low in lows:
            for high in highs:
                step = (high - low) / (_LEVELS - 1)
                beyond = np.maximum(middles - high, 0) + np.maximum(low - middles, 0)
                # The mean of |error|^p where it is spread evenly over half a step to either side.
                rounding = (step / 2) ** _POWER / (_POWER + 1)
                loss = float((self.counts * np.where(beyond > 0, beyond**_POWER, rounding)).sum())
                if loss < best[0]:
                    best = (loss, float(low), float(high))
        return best[1], best[2]


def _divergence(counts: npt.NDArray[np.int64], first: int, last: int) -> float:
    inside = counts[first:last].astype(np.float64)
    clipped = inside.copy()
    clipped[0] += counts[:first].sum()
    clipped[-1] += counts[last:].sum()
    level = np.arange(len(inside)) * _LEVELS // len(inside)
    filled = inside > 0
    sums = np.bincount(level, weights=inside, minlength=_LEVELS)
    bins = np.bincount(level, weights=filled, minlength=_LEVELS)
    spread = np.where(filled, sums[level] / np.maximum(bins[level], 1), 0.0)
    p, q = clipped / max(clipped.sum(), 1.0), spread / max(spread.sum(), 1.0)
    used = (p > 0) & (q > 0)
    # Mass that the cut moved onto an empty bin cannot be told from the quantised side: count it in full.
    return float((p[used] * np.log(p[used] / q[used])).sum() + p[(p > 0) & (q == 0)].sum() * 10)
