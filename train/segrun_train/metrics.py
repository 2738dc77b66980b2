"""What a model's scores and masks come to, class by class, over pictures given one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segrun.card import ModelClass
from segrun_train.boundary import TOLERANCE_PX, BoundaryFigures, BoundaryMeter
from segrun_train.calibration import Reliability, ReliabilityMeter
from segrun_train.score_histogram import Figures, ScoreHistogram
from segrun_train.targets import IGNORED


@dataclass(frozen=True)
class ClassMetrics:
    """The figures of one class.

    Args:
        name: of the class.
        threshold: that the masks were made with.
        at_threshold: of the masks.
        best_threshold: of the highest IoU on these very pictures, so its figures flatter; 0.05 to 0.95 in steps of 0.01.
        at_best: there. Of several classes: the other classes' thresholds do not stand in the way.
        boundary: how well the masks' outlines are met.
        reliability: whether its scores can be read as probabilities.
    """

    name: str
    threshold: float
    at_threshold: Figures
    best_threshold: float
    at_best: Figures
    boundary: BoundaryFigures
    reliability: Reliability


class Meter:
    """Counts pictures; its memory does not grow with their number.

    Args:
        classes: of the model, with the thresholds in use; several: the background first, which is not measured.
        tolerance_px: of the outlines, pixels.
    """

    def __init__(self, classes: Sequence[ModelClass], tolerance_px: float = TOLERANCE_PX) -> None:
        self._measured = measured_classes(classes)
        self._histogram = ScoreHistogram(len(classes))
        self._counts = np.zeros((len(self._measured), 3), np.int64)
        self._pixels = 0
        self._boundary = [BoundaryMeter(tolerance_px) for _ in self._measured]
        self._reliability = [ReliabilityMeter() for _ in self._measured]

    def add(
        self, truth: NDArray[np.uint8], scores: NDArray[np.float32], mask: NDArray[np.uint8]
    ) -> tuple[Figures, ...]:
        """Count one picture and return its own figures, class by class.

        Args:
            truth: uint8 ``[h, w]`` class indices, ``IGNORED`` where a pixel does not count.
            scores: float32 ``[h, w, k]`` in [0, 1].
            mask: uint8 ``[h, w]``, what was said: class indices.
        """
        counts = truth != IGNORED
        pixels = int(counts.sum())
        self._pixels += pixels
        self._histogram.add(truth[None, ..., None], scores[None])
        found = []
        for place in range(len(self._measured)):
            value = place + 1
            true, said = truth == value, (mask == value) & counts
            right, all_said, all_true = int((true & said).sum()), int(said.sum()), int(true.sum())
            self._counts[place] += (right, all_said, all_true)
            self._boundary[place].add(true, said, counts)
            channel = 0 if scores.shape[-1] == 1 else value
            self._reliability[place].add(true[counts], scores[..., channel][counts])
            found.append(Figures.of_counts(right=right, said=all_said, true=all_true, pixels=pixels))
        return tuple(found)

    def metrics(self) -> tuple[ClassMetrics, ...]:
        """Return the figures over all pictures so far, one for each class above the background."""
        return tuple(self._class_metrics(place, item) for place, item in enumerate(self._measured))

    def _class_metrics(self, place: int, item: ModelClass) -> ClassMetrics:
        right, said, true = (int(count) for count in self._counts[place])
        best = self._histogram.best_threshold(place)
        return ClassMetrics(
            name=item.name,
            threshold=item.threshold,
            at_threshold=Figures.of_counts(right=right, said=said, true=true, pixels=self._pixels),
            best_threshold=best,
            at_best=self._histogram.figures(place, best),
            boundary=self._boundary[place].figures(),
            reliability=self._reliability[place].figures(),
        )


def measured_classes(classes: Sequence[ModelClass]) -> tuple[ModelClass, ...]:
    """Return the classes above the background: the one class of a sigmoid, all but the first of a softmax."""
    return tuple(classes) if len(classes) == 1 else tuple(classes[1:])
