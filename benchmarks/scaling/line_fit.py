"""A straight line through points, and how well it fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LineFit:
    """The line of least squares.

    Args:
        offset: at 0.
        slope: for each unit.
        r2: share of the variance that the line explains, at most 1.
    """

    offset: float
    slope: float
    r2: float

    @classmethod
    def through(cls, positions: Sequence[float], values: Sequence[float]) -> LineFit:
        """Fit.

        Raises:
            ValueError: fewer than three points, or all at one position: a line through two proves nothing.
        """
        if len(set(positions)) < 3 or len(positions) != len(values):
            raise ValueError(f"at least three points are needed. Received: {len(set(positions))}.")
        slope, offset = np.polyfit(positions, values, 1)
        rest = np.asarray(values) - (slope * np.asarray(positions) + offset)
        spread = np.asarray(values) - np.mean(values)
        return cls(float(offset), float(slope), 1.0 - float((rest**2).sum() / (spread**2).sum()))
