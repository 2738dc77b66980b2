"""One input on its way through predict: from its tiles to its finished mask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segrun.card import ModelCard
from segrun.counts import NODATA
from segrun.errors import InputError
from segrun.grid import Blend, Grid, Panel
from segrun.packed_scores import BYTES, packed
from segrun.seams import OverlapMeter
from segrun.stitch import Stitcher, Strip
from segrun.threshold import mask_from_scores


@dataclass(frozen=True)
class MaskRule:
    """How scores become masks.

    Args:
        card: of the model.
        thresholds: one for each class, in place of the card's where the user says so.
        overlap: of neighbouring tiles, pixels.
        blend: how overlapping scores are weighed.
    """

    card: ModelCard
    thresholds: tuple[float, ...]
    overlap: int
    blend: Blend = "hann"


class RowKeeper(Protocol):
    """Where a job's mask rows go: straight into a sink, or into a store from which a run can be resumed."""

    def finished_rows(self, index: int, panel: Panel) -> int:
        """Return how many tile rows of a panel are there already."""

    def failed_tiles(self, index: int, panel: Panel, rows: int) -> int:
        """Return how many tiles failed in the first ``rows`` tile rows of a panel, which are there already."""

    def write(self, panel: int, tile_row: int, rows: NDArray[np.uint8], failed: int = 0) -> None:
        """Keep mask rows, uint8 [h, panel width], 255 where there is no data, and how many of their tiles failed."""

    def write_constant(self, panel: int, tile_row: int, shape: tuple[int, int], value: int) -> None:
        """Keep mask rows of one value."""


class FrameJob:
    """Stitch the tiles of one frame and hand on its mask rows.

    Args:
        rule: how scores become masks.
        grid: the tiles over the frame.
        panel_width: of the widest panel, pixels.
        keeper: takes the mask rows.
        score_keeper: takes the scores, packed as ``segrun.packed_scores`` does; None where nobody wants them.
    """

    def __init__(
        self,
        rule: MaskRule,
        grid: Grid,
        panel_width: int,
        keeper: RowKeeper,
        score_keeper: RowKeeper | None = None,
    ) -> None:
        self.panels: list[Panel] = grid.panels(panel_width)
        self.skipped_tiles: int = 0
        self.run_tiles: int = 0
        self._rule = rule
        self._grid = grid
        self._keeper = keeper
        self._score_keeper = score_keeper
        self._starts = [self._first_row(index, panel) for index, panel in enumerate(self.panels)]
        self.failed_tiles: int = sum(
            keeper.failed_tiles(index, panel, wanted)
            for index, (panel, (_, wanted)) in enumerate(zip(self.panels, self._starts, strict=True))
        )
        self._failed_in_row = 0
        self._panel = -1
        self._awaited = 0
        self._stitcher: Stitcher | None = None
        self._meter: OverlapMeter | None = None
        self._metered = (0.0, 0)
        self._next_panel()

    def _first_row(self, index: int, panel: Panel) -> tuple[int, int]:
        """Return the first tile row to run again and the first whose strip is still wanted.

        Rows above the missing strip are run again as far as they reach into it: the same sums in the same order
        give the same bytes.
        """
        wanted = self._keeper.finished_rows(index, panel)
        if self._score_keeper is not None:
            wanted = min(wanted, self._score_keeper.finished_rows(index, panel))
        starts = panel.grid.rows.starts
        first = wanted
        if wanted < len(starts):
            while first > 0 and starts[first - 1] + panel.grid.tile > starts[wanted]:
                first -= 1
        return first, wanted

    @property
    def tiles(self) -> int:
        """Tiles that are still to run or to skip."""
        rows = len(self._grid.rows.starts)
        pairs = zip(self.panels, self._starts, strict=True)
        return sum((rows - first) * panel.columns for panel, (first, wanted) in pairs if wanted < rows)

    def rows_to_cut(self) -> Iterator[tuple[Panel, int]]:
        """Yield the tile rows to cut, in the order in which ``add`` wants their tiles."""
        rows = len(self._grid.rows.starts)
        for panel, (first, wanted) in zip(self.panels, self._starts, strict=True):
            if wanted < rows:
                for tile_row in range(first, rows):
                    yield panel, tile_row

    def _next_panel(self) -> None:
        rows = len(self._grid.rows.starts)
        self._stitcher = None
        self._metered = self.overlap_difference
        self._meter = None
        while self._stitcher is None and self._panel + 1 < len(self.panels):
            self._panel += 1
            first, wanted = self._starts[self._panel]
            if wanted < rows:
                panel = self.panels[self._panel]
                self._stitcher = Stitcher(panel, len(self._rule.card.classes), self._rule.blend)
                self._stitcher.start_at(first)
                self._meter = OverlapMeter(self._grid, panel.first, panel.columns)
                self._tile_row, self._column = first, 0
                self._awaited = (rows - first) * panel.columns

    @property
    def overlap_difference(self) -> tuple[float, int]:
        """Sum of the differences between neighbouring tiles' scores, and the pixels it was taken over."""
        total, pixels = self._meter.total if self._meter is not None else (0.0, 0)
        return self._metered[0] + total, self._metered[1] + pixels

    @property
    def finished(self) -> bool:
        """Whether every tile has come."""
        return self._stitcher is None

    def add(self, scores: NDArray[np.float32] | None, valid: NDArray[np.bool_] | None) -> None:
        """Take the next tile.

        Args:
            scores: float32 [tile, tile, k], used up; None for a tile that was not run.
            valid: bool [h, w] of its part on the frame; None when all is valid.
        """
        if self._stitcher is None or self._meter is None:
            raise RuntimeError("a tile came after the last one")
        if scores is None:
            self.skipped_tiles += 1
            self._meter.skip(self._column)
        elif not np.isfinite(scores.sum()):
            # A failed tile is no data, never background.
            self._failed_in_row += 1
            self._meter.skip(self._column)
            scores = None
            tile = self._grid.tile
            valid = np.zeros((min(tile, self._grid.height), min(tile, self._grid.width)), np.bool_)
        else:
            self.run_tiles += 1
            self._meter.take(self._tile_row, self._column, scores)
        self._column += 1
        strip = self._stitcher.add(scores, valid)
        self._awaited -= 1
        if strip is not None:
            if self._tile_row >= self._starts[self._panel][1]:
                self.failed_tiles += self._failed_in_row
                self._keeper.write(self._panel, self._tile_row, self._mask(strip), self._failed_in_row)
                if self._score_keeper is not None:
                    self._score_keeper.write(self._panel, self._tile_row, packed(strip.scores, strip.valid))
            self._tile_row, self._column, self._failed_in_row = self._tile_row + 1, 0, 0
        if self._awaited == 0:
            self._next_panel()

    def skip_row(self) -> None:
        """Take a whole tile row of which no pixel is valid: nearly free, so that empty rasters are."""
        if self._stitcher is None or self._meter is None:
            raise RuntimeError("a tile came after the last one")
        panel = self.panels[self._panel]
        self._stitcher.skip_row()
        for column in range(panel.columns):
            self._meter.skip(column)
        self.skipped_tiles += panel.columns
        self._awaited -= panel.columns
        if self._tile_row >= self._starts[self._panel][1]:
            row, end = panel.strip_rows(self._tile_row)
            self._keeper.write_constant(self._panel, self._tile_row, (end - row, panel.width), NODATA)
            if self._score_keeper is not None:
                shape = (end - row, panel.width * BYTES * len(self._rule.card.classes))
                self._score_keeper.write_constant(self._panel, self._tile_row, shape, NODATA)
        self._tile_row += 1
        if self._awaited == 0:
            self._next_panel()

    def _mask(self, strip: Strip) -> NDArray[np.uint8]:
        mask = mask_from_scores(strip.scores, self._rule.thresholds, self._rule.card.activation)
        if strip.valid is not None:
            mask[~strip.valid] = NODATA
        return mask


class DirectRows:
    """Hand a picture's mask rows on at once: a picture is one panel, and done in a moment."""

    def __init__(self, grid: Grid, take: Callable[[int, NDArray[np.uint8]], None]) -> None:
        self._grid = grid
        self._take = take

    def finished_rows(self, index: int, panel: Panel) -> int:  # noqa: ARG002 - a picture is never half done
        """Return 0."""
        return 0

    def failed_tiles(self, index: int, panel: Panel, rows: int) -> int:  # noqa: ARG002 - nothing was done before
        """Return 0."""
        return 0

    def write(self, panel: int, tile_row: int, rows: NDArray[np.uint8], failed: int = 0) -> None:  # noqa: ARG002
        """Hand rows on with the frame row at which they start.

        Raises:
            InputError: rows of a second panel, which a picture never has.
        """
        if panel != 0:
            raise InputError("a picture has one panel")
        self._take(self._grid.rows.starts[tile_row], rows)

    def write_constant(self, panel: int, tile_row: int, shape: tuple[int, int], value: int) -> None:
        """Hand on rows of one value; see ``write``."""
        self.write(panel, tile_row, np.full(shape, value, np.uint8))
