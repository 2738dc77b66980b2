"""Scores of many pixels in little memory, from which every threshold's figures follow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segrun_train.targets import IGNORED

BINS = 1000
EDGES = (np.arange(BINS + 1) / BINS).astype(np.float32)
# Thresholds outside this range would be answers to a model that has learnt nothing.
CANDIDATES = np.round(np.arange(0.05, 0.951, 0.01), 2)


@dataclass(frozen=True)
class Figures:
    """How well one class was met.

    Args:
        iou: intersection over union.
        f1: harmonic mean of precision and recall.
        precision: share of what was said that is true.
        recall: share of what is true that was said.
        pixels: pixels that were counted.
    """

    iou: float
    f1: float
    precision: float
    recall: float
    pixels: int

    @classmethod
    def of_counts(cls, *, right: int, said: int, true: int, pixels: int) -> Figures:
        """Return the figures of one class from pixels counted; what would be 0 / 0 is 0.

        Args:
            right: said and true.
            said: said.
            true: true.
            pixels: all that were looked at.
        """
        return cls(
            iou=_ratio(right, true + said - right),
            f1=_ratio(2 * right, true + said),
            precision=_ratio(right, said),
            recall=_ratio(right, true),
            pixels=pixels,
        )


class ScoreHistogram:
    """Counts of pixels by class, truth and score.

    For several classes a pixel counts for the class with its largest score, as the model contract decides masks.

    Args:
        classes: channels of the scores.
    """

    def __init__(self, classes: int) -> None:
        self.classes = classes
        counted = 1 if classes == 1 else classes - 1
        self._said = np.zeros((counted, 2, BINS + 1), np.int64)
        self._true = np.zeros(counted, np.int64)
        self._pixels = 0

    def add(self, truth: NDArray[np.uint8], scores: NDArray[np.float32]) -> None:
        """Count a batch.

        Args:
            truth: uint8 ``[n, h, w, 1]`` class indices, ``IGNORED`` where a pixel does not count.
            scores: float32 ``[n, h, w, k]`` in [0, 1].
        """
        counts = truth[..., 0] != IGNORED
        wanted, given = truth[..., 0][counts], scores[counts]
        best = np.zeros(len(wanted), np.intp) if self.classes == 1 else given.argmax(-1)
        self._pixels += len(wanted)
        for index in range(len(self._true)):
            number = index + 1
            mine = wanted == number
            self._true[index] += int(mine.sum())
            here = slice(None) if self.classes == 1 else best == number
            score = given[here, 0 if self.classes == 1 else number]
            bins = _bins(score)
            for true in (0, 1):
                chosen = bins[mine[here] == bool(true)]
                self._said[index, true] += np.bincount(chosen, minlength=BINS + 1)

    def figures(self, index: int, threshold: float) -> Figures:
        """Return the figures of one class at one threshold.

        Args:
            index: 0 for the first class that is not the background.
            threshold: in [0, 1], a multiple of ``1 / BINS``.
        """
        start = round(threshold * BINS)
        wrong, right = (int(self._said[index, true, start:].sum()) for true in (0, 1))
        return Figures.of_counts(
            right=right, said=right + wrong, true=int(self._true[index]), pixels=self._pixels
        )

    def best_threshold(self, index: int) -> float:
        """Return the candidate threshold of the highest IoU; the highest F1 lies at the same.

        Among equals the one nearest to 0.5.
        """
        ious = np.array([self.figures(index, float(value)).iou for value in CANDIDATES])
        equals = CANDIDATES[ious >= ious.max() - 1e-12]
        return float(equals[np.abs(equals - 0.5).argmin()])


def _bins(scores: NDArray[np.float32]) -> NDArray[np.intp]:
    """Return the last edge that each score reaches, compared in float32 as masks are."""
    bins = np.clip((scores * BINS).astype(np.intp), 0, BINS)
    bins += scores >= EDGES[np.minimum(bins + 1, BINS)]
    bins -= scores < EDGES[np.minimum(bins, BINS)]
    return np.minimum(bins, BINS)


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
