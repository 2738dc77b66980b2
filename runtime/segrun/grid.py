"""Where tiles lie on a frame, and how their scores are weighed so that no seam shows.

A grid is separable: tile rows and tile columns are two independent ``Axis`` objects, and the weight of a tile's pixel
is the product of a row weight and a column weight. Each axis' weights are normalised to sum to one at every pixel, so
blending needs neither a weight accumulator nor a division.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segrun.boxes import Box

Blend = Literal["hann", "linear", "crop"]
BLENDS: tuple[Blend, ...] = ("hann", "linear", "crop")


@dataclass(frozen=True)
class Axis:
    """Tile starts along one axis of a frame.

    The last tile is shifted inwards so that it ends with the frame; a frame shorter than a tile gets one tile.

    Args:
        length: of the frame along this axis, pixels.
        tile: side of a tile, pixels.
        overlap: wanted overlap of neighbours, pixels; the last pair may overlap more.
    Raises:
        ValueError: a length below 1, or an overlap that is negative or above half a tile.
    """

    length: int
    tile: int
    overlap: int

    def __post_init__(self) -> None:
        if self.length < 1 or self.tile < 1:
            raise ValueError(
                f"length and tile must be at least 1. Received: length={self.length}, tile={self.tile}."
            )
        if not 0 <= self.overlap <= self.tile // 2:
            raise ValueError(
                f"overlap must be 0 to half a tile. Received: overlap={self.overlap}, tile={self.tile}. "
                f"Use {self.tile // 2} at most."
            )

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The first pixel of each tile, ascending; at least one."""
        last = max(self.length - self.tile, 0)
        starts = list(range(0, last, self.tile - self.overlap))
        return (*starts, last)

    def weights(self, blend: Blend) -> NDArray[np.float32]:
        """Return the normalised weight of each pixel of each tile.

        Args:
            blend: ``hann`` and ``linear`` fall off towards the tile's edge and are positive everywhere;
                ``crop`` gives each pixel to the tile whose centre is nearest.
        Returns:
            float32 [len(starts), tile]; at every frame pixel the weights of the tiles over it sum to one.
        Source: the Hann window, sin^2(pi (i + 1/2) / tile), https://en.wikipedia.org/wiki/Hann_function.
        """
        index = np.arange(self.tile) + 0.5
        rising = np.minimum(index, self.tile - index)
        window = np.sin(np.pi * index / self.tile) ** 2 if blend == "hann" else rising
        padded = max(self.length, self.tile)
        total = np.zeros(padded)
        if blend == "crop":
            nearest = np.zeros(padded)
            for start in self.starts:
                covered = nearest[start : start + self.tile]
                np.maximum(covered, rising, out=covered)
            raw = [np.where(rising == nearest[start : start + self.tile], 1.0, 0.0) for start in self.starts]
        else:
            raw = [window] * len(self.starts)
        for start, weight in zip(self.starts, raw, strict=True):
            total[start : start + self.tile] += weight
        shares = [w / total[start : start + self.tile] for start, w in zip(self.starts, raw, strict=True)]
        return np.stack(shares).astype(np.float32)


@dataclass(frozen=True)
class Grid:
    """The tiles over one frame, in row-major order.

    Args:
        height: of the frame, pixels.
        width: of the frame, pixels.
        tile: side of a tile, pixels.
        overlap: of neighbouring tiles, pixels.
    """

    height: int
    width: int
    tile: int
    overlap: int

    @cached_property
    def rows(self) -> Axis:
        """The vertical axis."""
        return Axis(self.height, self.tile, self.overlap)

    @cached_property
    def cols(self) -> Axis:
        """The horizontal axis."""
        return Axis(self.width, self.tile, self.overlap)

    @property
    def count(self) -> int:
        """Number of tiles."""
        return len(self.rows.starts) * len(self.cols.starts)

    def panels(self, max_width: int) -> list[Panel]:
        """Split the frame into column panels, so that accumulators stay bounded however wide the frame is.

        A panel's left border is the start of a tile column, so that only one tile column is run twice at each border.

        Args:
            max_width: of a panel, pixels; at least one tile column is taken whatever it says.
        """
        starts = self.cols.starts
        panels: list[Panel] = []
        first = 0
        while first < len(starts):
            after = first + 1
            while after < len(starts) and self._end(after) - starts[first] <= max_width:
                after += 1
            # The tile column before a panel reaches into it and is needed there too.
            reach = first
            while reach > 0 and starts[reach - 1] + self.tile > starts[first]:
                reach -= 1
            panels.append(Panel(self, reach, after, starts[first], self._end(after - 1)))
            first = after
        return panels

    def _end(self, column: int) -> int:
        """Return the first pixel column that belongs to the tile column after ``column``."""
        starts = self.cols.starts
        return starts[column + 1] if column + 1 < len(starts) else self.width


@dataclass(frozen=True)
class Panel:
    """A range of whole tile columns of a grid and the pixel columns that they finish.

    Args:
        grid: the grid of the whole frame.
        first: first tile column to run.
        after: first tile column not to run.
        left: first pixel column of the panel's output.
        right: first pixel column after it.
    """

    grid: Grid
    first: int
    after: int
    left: int
    right: int

    @property
    def width(self) -> int:
        """Of the panel's output, pixels."""
        return self.right - self.left

    @property
    def columns(self) -> int:
        """Tile columns to run."""
        return self.after - self.first

    @property
    def count(self) -> int:
        """Tiles to run."""
        return len(self.grid.rows.starts) * self.columns

    def strip_rows(self, tile_row: int) -> tuple[int, int]:
        """Return the first pixel row that is final after ``tile_row`` and the first that is not."""
        starts = self.grid.rows.starts
        end = starts[tile_row + 1] if tile_row + 1 < len(starts) else self.grid.height
        return starts[tile_row], end

    def boxes(self, tile_row: int) -> Iterator[Box]:
        """Yield the boxes of one tile row from left to right, clipped to a frame smaller than a tile."""
        grid = self.grid
        row = grid.rows.starts[tile_row]
        height, width = min(grid.tile, grid.height), min(grid.tile, grid.width)
        for column in range(self.first, self.after):
            yield Box(row, grid.cols.starts[column], height, width)
