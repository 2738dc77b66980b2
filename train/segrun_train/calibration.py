"""Whether scores can be read as probabilities: reliability curve and expected calibration error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 15


@dataclass(frozen=True)
class ReliabilityBin:
    """Pixels whose score lies in ``[low, high)``; the last bin holds 1 too.

    Args:
        low: lower edge, in [0, 1].
        high: upper edge.
        pixels: how many there are.
        score: their mean score; the bin's middle where there is none.
        share: share of them that is of the class; 0 where there is none.
    """

    low: float
    high: float
    pixels: int
    score: float
    share: float


@dataclass(frozen=True)
class Reliability:
    """The reliability curve of one class.

    Args:
        bins: equally wide, from 0 to 1.
        ece: expected calibration error, the mean of ``|share - score|`` over the bins, weighed by their pixels.
    Source: Naeini, Cooper, Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian Binning", AAAI 2015;
        15 bins as in Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017,
        https://arxiv.org/abs/1706.04599; of each class by itself, since a mask is cut from each class's own score.
    """

    bins: tuple[ReliabilityBin, ...]
    ece: float


class ReliabilityMeter:
    """Counts pixels, their scores and how many are of the class, by bins of the score; memory does not grow."""

    def __init__(self) -> None:
        self._pixels = np.zeros(BINS, np.int64)
        self._true = np.zeros(BINS, np.int64)
        self._scores = np.zeros(BINS, np.float64)

    def add(self, truth: NDArray[np.bool_], scores: NDArray[np.float32]) -> None:
        """Count pixels.

        Args:
            truth: bool ``[n]``, whether each pixel is of the class.
            scores: float32 ``[n]`` in [0, 1].
        """
        bins = np.clip((scores * BINS).astype(np.intp), 0, BINS - 1)
        self._pixels += np.bincount(bins, minlength=BINS)
        self._true += np.bincount(bins[truth], minlength=BINS)
        self._scores += np.bincount(bins, weights=scores.astype(np.float64), minlength=BINS)

    def figures(self) -> Reliability:
        """Return the curve so far; without any pixel its error is 0."""
        pixels = np.maximum(self._pixels, 1)
        middle = (np.arange(BINS) + 0.5) / BINS
        scores = np.where(self._pixels > 0, self._scores / pixels, middle)
        shares = self._true / pixels
        gaps = np.abs(shares - scores) * self._pixels
        bins = tuple(
            ReliabilityBin(i / BINS, (i + 1) / BINS, int(self._pixels[i]), float(scores[i]), float(shares[i]))
            for i in range(BINS)
        )
        return Reliability(bins, float(gaps.sum() / max(1, int(self._pixels.sum()))))
