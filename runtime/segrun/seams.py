"""Whether tiling shows: how far neighbouring tiles disagree, and whether masks break at tile borders more than elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segrun.counts import NODATA
from segrun.grid import Axis, Grid

# The coarsest resolution of a U-Net of five levels: whole multiples of it lie alike on every level.
LATTICE_PX = 32


@dataclass(frozen=True)
class SeamReport:
    """What the seam meter found on one frame.

    Args:
        disagreement: mean difference of the scores that two neighbouring tiles gave the same pixel, before blending, in
            [0, 1]; None where no tiles overlap, or all were finished by an earlier run.
        border_step: share of neighbouring pixels of different classes, across the borders of tiles.
        elsewhere_step: the same, across lines inside tiles that lie as a border does on the network's own lattice: a
            decoder that doubles the resolution steps at even lines more than at odd ones, whatever the tiles.
    """

    disagreement: float | None
    border_step: float
    elsewhere_step: float

    @property
    def ratio(self) -> float | None:
        """``border_step`` over ``elsewhere_step``: 1 where borders do not show; None where the mask has no steps."""
        return self.border_step / self.elsewhere_step if self.elsewhere_step else None

    def as_json(self) -> dict[str, float | None]:
        """Return plain values."""
        return {
            "disagreement": self.disagreement,
            "border_step": self.border_step,
            "elsewhere_step": self.elsewhere_step,
            "ratio": self.ratio,
        }


class OverlapMeter:
    """Compare the raw scores of neighbouring tiles, one panel's tiles in row-major order.

    Args:
        grid: the tiles over the frame.
        first: first tile column of the panel.
        columns: tile columns of the panel.
    """

    def __init__(self, grid: Grid, first: int, columns: int) -> None:
        self._grid = grid
        self._first = first
        self._columns = columns
        self._right: NDArray[np.float32] | None = None
        self._bottoms: dict[int, NDArray[np.float32] | None] = {}
        self._sum = 0.0
        self._pixels = 0

    def take(self, tile_row: int, column: int, scores: NDArray[np.float32]) -> None:
        """Take one tile's scores, float32 [tile, tile, k], before they are weighed; ``column`` is the panel's."""
        cols, rows, here = self._grid.cols, self._grid.rows, self._first + column
        if self._right is not None:
            self._add(self._right, scores[:, : self._right.shape[1]])
        above = self._bottoms.get(column)
        if above is not None:
            self._add(above, scores[: above.shape[0]])
        # Copies, since the scores are weighed in place next.
        across, down = _shared(cols, here), _shared(rows, tile_row)
        self._right = (
            scores[:, scores.shape[1] - across :].copy() if across and column + 1 < self._columns else None
        )
        self._bottoms[column] = scores[scores.shape[0] - down :].copy() if down else None

    def skip(self, column: int) -> None:
        """Take note of a tile that was not run: nothing is compared with it."""
        self._right = None
        self._bottoms[column] = None

    def _add(self, one: NDArray[np.float32], other: NDArray[np.float32]) -> None:
        self._sum += float(np.abs(one - other).mean(axis=-1).sum())
        self._pixels += one.shape[0] * one.shape[1]

    @property
    def total(self) -> tuple[float, int]:
        """Sum of differences and number of pixels, to be added over panels."""
        return self._sum, self._pixels


class StepMeter:
    """Count the places where a mask changes between neighbouring pixels, from full-width rows in order.

    Args:
        grid: the tiles over the frame.
    """

    def __init__(self, grid: Grid) -> None:
        self._borders = [_borders(grid.rows), _borders(grid.cols)]
        self._inside = [_inside(grid.rows), _inside(grid.cols)]
        self._column_steps = np.zeros(max(grid.width - 1, 0), np.int64)
        self._column_pairs = np.zeros(max(grid.width - 1, 0), np.int64)
        self._row_steps = np.zeros(max(grid.height - 1, 0), np.int64)
        self._row_pairs = np.zeros(max(grid.height - 1, 0), np.int64)
        self._last: NDArray[np.uint8] | None = None

    def take(self, row: int, mask: NDArray[np.uint8]) -> None:
        """Take uint8 [h, width] class indices from frame row ``row`` on; pixels without data are left out."""
        known = mask != NODATA
        across = known[:, 1:] & known[:, :-1]
        self._column_pairs += across.sum(axis=0)
        self._column_steps += ((mask[:, 1:] != mask[:, :-1]) & across).sum(axis=0)
        rows = mask if self._last is None else np.concatenate([self._last, mask])
        first = row if self._last is None else row - 1
        valid = rows != NODATA
        down = valid[1:] & valid[:-1]
        ends = slice(first, first + len(rows) - 1)
        self._row_pairs[ends] = down.sum(axis=1)
        self._row_steps[ends] = ((rows[1:] != rows[:-1]) & down).sum(axis=1)
        self._last = mask[-1:].copy()

    def skip(self) -> None:
        """Pass over rows without data: they have no steps."""
        self._last = np.full((1, len(self._column_steps) + 1), NODATA, np.uint8)

    def report(self, overlap_sum: float, overlap_pixels: int) -> SeamReport:
        """Put both meters' findings together."""
        border, elsewhere = np.zeros(2), np.zeros(2)
        pairs = (
            (self._borders[0], self._inside[0], self._row_steps, self._row_pairs),
            (self._borders[1], self._inside[1], self._column_steps, self._column_pairs),
        )
        for at, inside, steps, count in pairs:
            border += steps[at].sum(), count[at].sum()
            elsewhere += steps[inside].sum(), count[inside].sum()
        return SeamReport(
            overlap_sum / overlap_pixels if overlap_pixels else None,
            float(border[0] / max(border[1], 1)),
            float(elsewhere[0] / max(elsewhere[1], 1)),
        )


def _shared(axis: Axis, index: int) -> int:
    """Return how many pixels tile ``index`` shares with the next, counting half a tile at most; 0 for the last."""
    if index + 1 >= len(axis.starts):
        return 0
    return min(axis.starts[index] + axis.tile - axis.starts[index + 1], axis.tile // 2)


def _borders(axis: Axis) -> list[int]:
    """Return the pixels after which a tile starts or ends, inside the frame."""
    starts = {start - 1 for start in axis.starts if start > 0}
    ends = {start + axis.tile - 1 for start in axis.starts if start + axis.tile < axis.length}
    return sorted(starts | ends)


def _inside(axis: Axis) -> list[int]:
    """Return the pixels after which a tile's own lattice begins anew, borders of tiles left out."""
    lines = {
        start + offset - 1
        for start in axis.starts
        for offset in range(LATTICE_PX, axis.tile, LATTICE_PX)
        if start + offset < axis.length
    }
    return sorted(lines - set(_borders(axis)))
