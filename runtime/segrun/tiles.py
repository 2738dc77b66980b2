"""Cut frames into batches of tiles of one static shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from segrun.boxes import Box
from segrun.grid import Panel

if TYPE_CHECKING:
    from segrun.pictures import Picture

Job = TypeVar("Job")
MOST_SKIPPED = 32


class Readable(Protocol):
    """What tiles are cut from; every ``Frame`` is one."""

    def read(self, box: Box) -> Picture:
        """Return the pixels of a box."""

    def is_empty(self, box: Box) -> bool:
        """Say cheaply whether no pixel of a box is valid; False where that is not known."""


@dataclass(frozen=True)
class Slot(Generic[Job]):
    """One tile of a batch.

    Args:
        job: whose tile it is.
        position: its index in the batch, None for a tile that is not run because none of its pixels is valid.
        valid: bool [h, w] of the part that lies on the frame; None when all of it is valid.
        tiles: how many tiles it stands for: 1; or those of a whole row of a panel, none of them with a valid pixel;
            or 0, where it only says that the job goes on.
        whole_row: whether it stands for a whole row.
    """

    job: Job
    position: int | None
    valid: NDArray[np.bool_] | None
    tiles: int = 1
    whole_row: bool = False


@dataclass(frozen=True)
class TileBatch(Generic[Job]):
    """Tiles for one call of the engine, in the order in which they are stitched.

    Args:
        pixels: uint8 [batch, tile, tile, bands]; positions that no slot names are left over from padding.
        filled: how many positions are used.
        slots: the tiles, skipped ones among them.
    """

    pixels: NDArray[np.uint8]
    filled: int
    slots: list[Slot[Job]] = field(default_factory=list)


class Cutter(Generic[Job]):
    """Fill batches with tiles, of several frames where one frame does not fill a batch.

    Args:
        batch: tiles in a batch.
        tile: side of a tile, pixels.
        bands: channels.
        emit: takes each batch as it is full; a new array is used for every batch, so it may be kept.
    """

    def __init__(self, batch: int, tile: int, bands: int, emit: Callable[[TileBatch[Job]], None]) -> None:
        self._shape = (batch, tile, tile, bands)
        self._emit = emit
        self._start()

    def _start(self) -> None:
        self._pixels = np.empty(self._shape, np.uint8)
        self._filled = 0
        self._slots: list[Slot[Job]] = []

    def cut_row(self, job: Job, panel: Panel, tile_row: int, frame: Readable) -> None:
        """Cut one row of tiles, reading the pixels under it once.

        Args:
            job: goes into the slots.
            panel: the columns to cut.
            tile_row: index into ``panel.grid.rows.starts``.
            frame: where the pixels come from.
        """
        boxes = list(panel.boxes(tile_row))
        first, last = boxes[0], boxes[-1]
        whole = Box(first.row, first.col, first.height, last.right - first.col)
        if frame.is_empty(whole):
            self._skip(Slot(job, None, None, len(boxes), whole_row=True))
            return
        band = frame.read(whole)
        for box in boxes:
            columns = slice(box.col - first.col, box.right - first.col)
            valid = None if band.valid is None else band.valid[:, columns]
            if valid is None or valid.all():
                self._add(job, band.pixels[:, columns], None)
            elif valid.any():
                self._add(job, band.pixels[:, columns], valid)
            else:
                self._skip(Slot(job, None, valid))

    def announce(self, job: Job) -> None:
        """Emit what waits, and after it a slot without a tile: the job has come to its end in another way."""
        self._slots.append(Slot(job, None, None, 0))
        self.flush()

    def _skip(self, slot: Slot[Job]) -> None:
        self._slots.append(slot)
        if self._filled == 0 and len(self._slots) >= MOST_SKIPPED:
            self.flush()

    def _add(self, job: Job, pixels: NDArray[np.uint8], valid: NDArray[np.bool_] | None) -> None:
        self._pixels[self._filled] = padded(pixels, self._shape[1])
        self._slots.append(Slot(job, self._filled, valid))
        self._filled += 1
        if self._filled == self._shape[0]:
            self.flush()

    def flush(self) -> None:
        """Emit what waits; the unused positions repeat the last tile, so that no engine meets uninitialised numbers."""
        if not self._slots:
            return
        if 0 < self._filled < self._shape[0]:
            self._pixels[self._filled :] = self._pixels[self._filled - 1]
        self._emit(TileBatch(self._pixels, self._filled, self._slots))
        self._start()


def padded(pixels: NDArray[np.uint8], tile: int) -> NDArray[np.uint8]:
    """Reflect-pad a picture smaller than a tile at its bottom and right; others come back as they are.

    Args:
        pixels: uint8 [h, w, b] with h, w <= tile.
        tile: wanted side, pixels.
    Returns:
        uint8 [tile, tile, b].
    """
    height, width = pixels.shape[:2]
    if (height, width) == (tile, tile):
        return pixels
    return np.pad(pixels, ((0, tile - height), (0, tile - width), (0, 0)), mode="reflect")


def batches(
    job: Job, panels: list[Panel], batch: int, bands: int, frame: Readable
) -> Iterator[TileBatch[Job]]:
    """Cut one frame whole, one tile row at a time: the plain loop for callers without threads."""
    ready: list[TileBatch[Job]] = []
    cutter: Cutter[Job] = Cutter(batch, panels[0].grid.tile, bands, ready.append)
    for panel in panels:
        for tile_row in range(len(panel.grid.rows.starts)):
            cutter.cut_row(job, panel, tile_row, frame)
            yield from ready
            ready.clear()
    cutter.flush()
    yield from ready
