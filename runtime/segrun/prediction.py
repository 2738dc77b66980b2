"""What a model says about one frame, and what a deadline cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segrun.boxes import Box

Concession = Literal["symmetries", "overlap", "resolution", "freshness"]


@dataclass(frozen=True)
class Prediction:
    """What a model says about one frame.

    Args:
        mask: uint8 [h, w] class indices; the caller's own.
        scores: float32 [h, w, k] in [0, 1]; the caller's own.
        gave_up: what was given up to keep ``budget_ms``, in the order in which it is given up: ``symmetries`` (no
            test-time augmentation), ``overlap`` (less of it), ``resolution`` (half), ``freshness`` (mask and scores are
            those of an earlier frame). Empty when everything asked for was done.
        age_ms: how long ago the frame was handed in of which this is the mask; equal to ``latency_ms`` for a fresh one.
        latency_ms: from the call to the result.
        budget_ms: the deadline asked for, None without one.
    """

    mask: NDArray[np.uint8]
    scores: NDArray[np.float32]
    gave_up: tuple[Concession, ...] = ()
    age_ms: float = 0.0
    latency_ms: float = 0.0
    budget_ms: float | None = None

    @property
    def fresh(self) -> bool:
        """Whether this is the mask of the frame that was handed in."""
        return "freshness" not in self.gave_up

    @property
    def late(self) -> bool:
        """Whether the deadline was missed all the same."""
        return self.budget_ms is not None and self.latency_ms > self.budget_ms


@dataclass(frozen=True)
class TileScores:
    """The scores of one tile, as the model gave them, before any blending.

    Args:
        box: where the tile lies on the frame; smaller than a tile where the frame is.
        scores: float32 [box.height, box.width, k] in [0, 1]; the caller's own.
    """

    box: Box
    scores: NDArray[np.float32]
