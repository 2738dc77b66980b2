"""Whether tiling shows: how far neighbouring tiles disagree, and whether masks break at tile borders more than elsewhere."""

from __future__ import annotations

import functools
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
        border_step: share of neighbouring pixels of different classes, across the borders of tiles; None where a frame is
            one tile, which has none, and then nothing is counted.
        elsewhere_step: the same, across lines inside tiles that lie as a border does on the network's own lattice: a
            decoder that doubles the resolution steps at even lines more than at odd ones, whatever the tiles.
    """

    disagreement: float | None
    border_step: float | None
    elsewhere_step: float | None

    @property
    def ratio(self) -> float | None:
        """``border_step`` over ``elsewhere_step``: 1 where borders do not show; None where there are no borders or steps."""
        if self.border_step is None or not self.elsewhere_step:
            return None
        return self.border_step / self.elsewhere_step

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

    A frame of one tile has no borders: its steps are not counted, and its ratio is None.

    Args:
        grid: the tiles over the frame.
    """

    def __init__(self, grid: Grid) -> None:
        self._rows = _Lines.of(grid.rows)
        self._columns = _Lines.of(grid.cols)
        # Steps and pairs of pixels, across borders and across the other lines: int64 [2, 2].
        self._counted = np.zeros((2, 2), np.int64)
        self._width = grid.width
        # Without a border there is nothing to compare, and a folder holds thousands of pictures of one tile.
        self._is_one_tile = grid.count == 1
        self._last: NDArray[np.uint8] | None = None

    def take(self, row: int, mask: NDArray[np.uint8]) -> None:
        """Take uint8 [h, width] class indices from frame row ``row`` on; pixels without data are left out."""
        if self._is_one_tile:
            return
        for kind, at in enumerate((self._columns.borders, self._columns.inside)):
            if at.size:
                self._count(kind, mask[:, at], mask[:, at + 1])
        for kind, at in enumerate((self._rows.borders, self._rows.inside)):
            if self._last is not None and row - 1 in at:
                self._count(kind, self._last, mask[0])
            here = at[(at >= row) & (at < row + len(mask) - 1)] - row
            if here.size:
                self._count(kind, mask[here], mask[here + 1])
        self._last = mask[-1].copy()

    def _count(self, kind: int, one: NDArray[np.uint8], other: NDArray[np.uint8]) -> None:
        known = (one != NODATA) & (other != NODATA)
        self._counted[kind] += np.count_nonzero((one != other) & known), np.count_nonzero(known)

    def skip(self) -> None:
        """Pass over rows without data: they have no steps."""
        self._last = np.full(self._width, NODATA, np.uint8)

    def report(self, overlap_sum: float, overlap_pixels: int) -> SeamReport:
        """Put both meters' findings together."""
        disagreement = overlap_sum / overlap_pixels if overlap_pixels else None
        if self._is_one_tile:
            return SeamReport(disagreement, None, None)
        border, elsewhere = (float(steps / max(pairs, 1)) for steps, pairs in self._counted)
        return SeamReport(disagreement, border, elsewhere)


@dataclass(frozen=True)
class _Lines:
    """The lines of one axis that are looked at: each by the pixel after which it lies, int64 [lines], ascending."""

    borders: NDArray[np.int64]
    inside: NDArray[np.int64]

    @classmethod
    @functools.lru_cache(maxsize=8)
    def of(cls, axis: Axis) -> _Lines:
        """Find the lines; kept for the next frame of this size, since a folder holds thousands of them."""
        return cls(np.array(_borders(axis), np.int64), np.array(_inside(axis), np.int64))


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
