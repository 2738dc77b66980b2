"""How much work one frame gets, and in which order a deadline takes it away."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from statistics import median

from segrun.grid import Axis
from segrun.prediction import Concession

VIEWS = 8
REMEMBERED = 9
# Calls of the engine scatter by a few per cent on a quiet machine.
CAUTION = 1.1
EASED = 0.8


@dataclass(frozen=True)
class Effort:
    """One way to do a frame.

    Args:
        overlap: of neighbouring tiles, pixels.
        symmetries: whether each tile is run in its eight views.
        halved: whether the frame is run at half its resolution.
        calls: of the engine.
        gave_up: what this does not do of what was asked for.
    """

    overlap: int
    symmetries: bool
    halved: bool
    calls: int
    gave_up: tuple[Concession, ...] = ()


def efforts(
    height: int, width: int, *, tile: int, overlap: int, symmetries: bool, batch: int
) -> tuple[Effort, ...]:
    """List the ways to do a frame, from everything asked for to the least, each with fewer calls than the one before.

    The order is declared: first the symmetries go, then overlap that costs tiles, then half the resolution.

    Args:
        height: of the frame, pixels.
        width: of the frame, pixels.
        tile: side of a tile, pixels.
        overlap: asked for, pixels.
        symmetries: whether they were asked for.
        batch: tiles in one call of the engine.
    Raises:
        ValueError: an overlap that is negative or above half a tile.
    """
    small = (height + 1) // 2, (width + 1) // 2
    less = _cheapest_overlap(height, width, tile, overlap)
    least = _cheapest_overlap(*small, tile, overlap)
    ladder = [
        (height, width, overlap, symmetries, False),
        (height, width, overlap, False, False),
        (height, width, less, False, False),
        (*small, least, False, True),
    ]
    found: list[Effort] = []
    for rows, cols, pixels, views, halved in ladder:
        calls = -(-_tiles(rows, cols, tile, pixels) // batch) * (VIEWS if views else 1)
        if found and calls >= found[-1].calls:
            continue
        given: dict[Concession, bool] = {
            "symmetries": symmetries and not views,
            "overlap": pixels < overlap,
            "resolution": halved,
        }
        gave_up: tuple[Concession, ...] = tuple(name for name, gone in given.items() if gone)
        found.append(Effort(pixels, views, halved, calls, gave_up))
    return tuple(found)


def _tiles(height: int, width: int, tile: int, overlap: int) -> int:
    return len(Axis(height, tile, overlap).starts) * len(Axis(width, tile, overlap).starts)


def _cheapest_overlap(height: int, width: int, tile: int, overlap: int) -> int:
    """Return the largest overlap up to the one asked for that takes no more tiles than none at all."""
    least = _tiles(height, width, tile, 0)
    low, high = 0, overlap
    while low < high:
        middle = (low + high + 1) // 2
        if _tiles(height, width, tile, middle) > least:
            high = middle - 1
        else:
            low = middle
    return low


class Pace:
    """How long a call of the engine takes here, stitching included: the median of the last few frames."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=REMEMBERED)

    def note(self, calls: int, seconds: float) -> None:
        """Remember that so many calls took so long."""
        self._recent.append(seconds / calls)

    def ease(self) -> None:
        """Expect a little less from now on: a hiccup must not keep the engine from ever being tried again."""
        if self._recent:
            self._recent.append(EASED * median(self._recent))

    def expected_s(self, calls: int) -> float:
        """Return how long so many calls will take, with some caution; 0 while nothing is known."""
        return CAUTION * calls * median(self._recent) if self._recent else 0.0


class Deadline:
    """A moment by which a result must be there.

    Args:
        budget_ms: from now on; None for no deadline.
    Raises:
        ValueError: a budget that is not above 0.
    """

    def __init__(self, budget_ms: float | None) -> None:
        if budget_ms is not None and not budget_ms > 0:
            raise ValueError(
                f"budget_ms must be above 0. Received: {budget_ms}. Leave it out for no deadline."
            )
        self.budget_ms = budget_ms
        self.started: float = time.perf_counter()

    @property
    def spent_s(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.started

    def allows(self, seconds: float) -> bool:
        """Say whether so much more work fits."""
        return self.budget_ms is None or self.spent_s + seconds <= self.budget_ms / 1000

    @property
    def wait_s(self) -> float:
        """Seconds left to wait for another thread, at least 0; -1, which waits for ever, without a deadline."""
        return -1.0 if self.budget_ms is None else max(0.0, self.budget_ms / 1000 - self.spent_s)
