"""How well the outlines of a class are met: the boundary F1 measure."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

TOLERANCE_PX = 3.0
_CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)


@dataclass(frozen=True)
class BoundaryFigures:
    """How well the outlines of one class were met.

    Args:
        f1: harmonic mean of precision and recall.
        precision: share of the outline said that lies within the tolerance of the true one.
        recall: share of the true outline that lies within the tolerance of the one said.
        tolerance_px: the tolerance, pixels.
    Source: Csurka, Larlus, Perronnin, "What is a good evaluation measure for semantic segmentation?", BMVC 2013,
        https://doi.org/10.5244/C.27.32; counted over all pictures together, as the other figures are.
    """

    f1: float
    precision: float
    recall: float
    tolerance_px: float


class BoundaryMeter:
    """Counts outline pixels picture by picture.

    Args:
        tolerance_px: how far apart two outlines may lie, pixels.
    Raises:
        ValueError: a negative tolerance.
    """

    def __init__(self, tolerance_px: float = TOLERANCE_PX) -> None:
        if tolerance_px < 0:
            raise ValueError(f"tolerance_px must not be negative. Received: {tolerance_px}.")
        self._tolerance = tolerance_px
        self._disk = disk(tolerance_px)
        self._said = self._said_right = self._true = self._true_met = 0

    def add(self, truth: NDArray[np.bool_], said: NDArray[np.bool_], counts: NDArray[np.bool_]) -> None:
        """Count one picture.

        Args:
            truth: bool ``[h, w]``, where the class is.
            said: bool ``[h, w]``, where it was said to be.
            counts: bool ``[h, w]``, pixels that count.
        """
        true_edge, said_edge = outline(truth, counts), outline(said, counts)
        self._true += int(true_edge.sum())
        self._said += int(said_edge.sum())
        self._true_met += int((true_edge & self._near(said_edge)).sum())
        self._said_right += int((said_edge & self._near(true_edge)).sum())

    def figures(self) -> BoundaryFigures:
        """Return the figures over all pictures so far; what would be 0 / 0 is 0."""
        precision = self._said_right / self._said if self._said else 0.0
        recall = self._true_met / self._true if self._true else 0.0
        both = precision + recall
        return BoundaryFigures(
            2 * precision * recall / both if both else 0.0, precision, recall, self._tolerance
        )

    def _near(self, edge: NDArray[np.bool_]) -> NDArray[np.bool_]:
        near: NDArray[np.bool_] = cv2.dilate(edge.astype(np.uint8), self._disk) > 0
        return near


def outline(inside: NDArray[np.bool_], counts: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the pixels of a class that touch, by one of four sides, a pixel that is not of the class.

    The picture's own edge and pixels that do not count make no outline: what lies beyond them is unknown.

    Args:
        inside: bool ``[h, w]``.
        counts: bool ``[h, w]``.
    """
    other = (~inside & counts).astype(np.uint8)
    touched: NDArray[np.bool_] = cv2.dilate(other, _CROSS) > 0
    return touched & inside & counts


def disk(radius: float) -> NDArray[np.uint8]:
    """Return the pixels whose centres lie within ``radius`` of the middle one, as uint8 0 and 1."""
    reach = np.arange(-math.floor(radius), math.floor(radius) + 1)
    return (reach[:, None] ** 2 + reach[None] ** 2 <= radius**2).astype(np.uint8)
