"""Blend overlapping tile scores into finished rows, holding one tile row at a time."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segrun.grid import Axis, Blend, Panel


@dataclass(frozen=True)
class Strip:
    """Finished rows of one panel.

    Args:
        row: first frame row.
        scores: float32 [rows, width, k] in [0, 1]; a view that the next ``Stitcher.add`` may overwrite.
        valid: bool [rows, width]; None when every pixel is valid.
    """

    row: int
    scores: NDArray[np.float32]
    valid: NDArray[np.bool_] | None


class Stitcher:
    """Collect the tiles of a panel in row-major order and give back strips as they become final.

    Memory: two accumulators of ``tile * width * classes * 4`` bytes, whatever the height.

    Args:
        panel: where the tiles lie.
        classes: channels of the scores.
        blend: how overlapping scores are weighed, see ``Axis.weights``.
    """

    def __init__(self, panel: Panel, classes: int, blend: Blend = "hann") -> None:
        grid = panel.grid
        self._panel = panel
        self._classes = classes
        self._next = 0
        shape = (grid.tile, panel.width, classes)
        self._single = grid.count == 1
        # One tile is not weighed, and a folder holds thousands of pictures of one tile.
        self._margins_of_row = [] if self._single else _margins(grid.rows, blend)
        self._margins_of_column = [] if self._single else _margins(grid.cols, blend)
        self._rows = np.zeros((0, 0, 0) if self._single else shape, np.float32)
        self._spare = np.zeros_like(self._rows)
        self._valid: NDArray[np.bool_] | None = None
        # Whether the accumulators may hold anything but zeros.
        self._used = False

    def start_at(self, tile_row: int) -> None:
        """Go on from ``tile_row`` without the rows above it: what their tiles add to it must be added again first."""
        self._next = tile_row * self._panel.columns

    def add(self, scores: NDArray[np.float32] | None, valid: NDArray[np.bool_] | None) -> Strip | None:
        """Add the next tile.

        Args:
            scores: float32 [tile, tile, k]; weighed in place, so the caller's array is used up. None counts as zeros.
            valid: bool [h, w] of the part of the tile that lies on the frame; None when all of it is valid.
        Returns:
            The strip that this tile finished, None in the midst of a tile row.
        """
        panel, grid = self._panel, self._panel.grid
        tile_row, column = divmod(self._next, panel.columns)
        self._next += 1
        if self._single:
            if scores is None:
                scores = np.zeros((grid.tile, grid.tile, self._classes), np.float32)
            return Strip(0, scores[: grid.height, : grid.width], valid)
        start = grid.cols.starts[panel.first + column]
        # A tile column left of the panel reaches into it with its right part alone.
        left, right = max(start, panel.left), min(start + grid.tile, panel.right)
        inside = slice(left - start, right - start)
        target = slice(left - panel.left, right - panel.left)
        if scores is not None:
            self._margins_of_column[panel.first + column].weigh(scores, axis=1)
            self._margins_of_row[tile_row].weigh(scores, axis=0)
            self._rows[:, target] += scores[:, inside]
            self._used = True
        if valid is not None:
            self._mark(valid[:, inside], target)
        return self._finish(tile_row) if column + 1 == panel.columns else None

    def _mark(self, valid: NDArray[np.bool_], target: slice) -> None:
        if self._valid is None:
            self._valid = np.ones(self._rows.shape[:2], np.bool_)
        self._valid[: valid.shape[0], target] &= valid

    def skip_row(self) -> None:
        """Pass over a whole tile row of which no pixel is valid; its strip holds no data, so none is made.

        Raises:
            RuntimeError: in the midst of a tile row.
        """
        tile_row, column = divmod(self._next, self._panel.columns)
        if column:
            raise RuntimeError("a row is skipped from its first tile on")
        self._next += self._panel.columns
        if self._single:
            return
        row, end = self._panel.strip_rows(tile_row)
        if self._used:
            self._shift(end - row)
            self._used = bool(self._rows.any())
        self._valid = np.ones(self._rows.shape[:2], np.bool_)
        self._valid[: self._panel.grid.tile - (end - row)] = False

    def _finish(self, tile_row: int) -> Strip:
        row, end = self._panel.strip_rows(tile_row)
        done = end - row
        strip = Strip(row, self._rows[:done], None if self._valid is None else self._valid[:done])
        self._shift(done)
        if self._valid is not None:
            rest = self._valid[done:]
            self._valid = (
                None if rest.all() else np.concatenate([rest, np.ones((done, rest.shape[1]), np.bool_)])
            )
        return strip

    def _shift(self, done: int) -> None:
        kept = self._panel.grid.tile - done
        self._spare[:kept] = self._rows[done:]
        self._spare[kept:] = 0.0
        self._rows, self._spare = self._spare, self._rows


@functools.lru_cache(maxsize=8)
def _margins(axis: Axis, blend: Blend) -> list[_Margins]:
    """Return the margins of each tile of an axis; kept for the next frame of this size."""
    return [_Margins.of(weights) for weights in axis.weights(blend)]


@dataclass(frozen=True)
class _Margins:
    """The weights of a tile along one axis, where they are not one.

    The core of a tile that no neighbour covers has weight one: leaving it alone saves most of the multiplications.
    """

    head: NDArray[np.float32]
    tail: NDArray[np.float32]

    @classmethod
    def of(cls, weights: NDArray[np.float32]) -> _Margins:
        ones = np.flatnonzero(weights == 1.0)
        if ones.size == 0 or ones[-1] - ones[0] + 1 != ones.size:
            return cls(weights, weights[:0])
        return cls(weights[: ones[0]], weights[ones[-1] + 1 :])

    def weigh(self, scores: NDArray[np.float32], axis: int) -> None:
        shape = (1, -1, 1) if axis == 1 else (-1, 1, 1)
        if self.head.size:
            part = scores[:, : self.head.size] if axis == 1 else scores[: self.head.size]
            part *= self.head.reshape(shape)
        if self.tail.size:
            part = scores[:, -self.tail.size :] if axis == 1 else scores[-self.tail.size :]
            part *= self.tail.reshape(shape)
