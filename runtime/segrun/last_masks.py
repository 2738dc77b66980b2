"""The last mask of each stream of frames, which stands in where a deadline leaves no time for a new one."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from segrun.effort import Deadline
from segrun.prediction import Prediction


@dataclass(frozen=True)
class LastMask:
    """A mask that was given out before.

    Args:
        handed_in: when its frame came, on ``time.perf_counter``'s clock.
        prediction: with arrays that nobody else writes on.
    """

    handed_in: float
    prediction: Prediction

    def again(self, deadline: Deadline) -> Prediction:
        """Give it out once more, with its age."""
        now = time.perf_counter()
        return replace(
            self.prediction,
            mask=self.prediction.mask.copy(),
            scores=self.prediction.scores.copy(),
            gave_up=(*self.prediction.gave_up, "freshness"),
            age_ms=1000 * (now - self.handed_in),
            latency_ms=1000 * deadline.spent_s,
            budget_ms=deadline.budget_ms,
        )


class LastMasks:
    """One mask for each stream."""

    def __init__(self) -> None:
        self._of: dict[str, LastMask] = {}

    def keep(self, stream: str, handed_in: float, prediction: Prediction) -> None:
        """Remember a fresh prediction; its arrays are copied, since the caller may write on its own."""
        own = replace(prediction, mask=prediction.mask.copy(), scores=prediction.scores.copy())
        self._of[stream] = LastMask(handed_in, own)

    def of(self, stream: str, shape: tuple[int, int]) -> LastMask | None:
        """Return the last mask of a stream, None where there is none of this height and width."""
        last = self._of.get(stream)
        return None if last is None or last.prediction.mask.shape != shape else last
