from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.suites.counted_array import counted, counting
from benchmarks.suites.counters import Recorder, peak_kib
from segrun import tiles
from segrun.boxes import Box
from segrun.grid import Grid
from segrun.pictures import Picture

TILE, OVERLAP, BATCH = 256, 32, 4


class InMemory:
    """A frame that is an array."""

    def __init__(self, pixels: Any, valid: npt.NDArray[np.bool_] | None = None) -> None:
        self.pixels, self.valid = pixels, valid

    def read(self, box: Box) -> Picture:
        return Picture(self.pixels[box.slices], None if self.valid is None else self.valid[box.slices])

    def is_empty(self, box: Box) -> bool:
        return self.valid is not None and not self.valid[box.slices].any()


def cut(frame: InMemory) -> list[int]:
    """Cut a frame whole; return how many tiles each batch held."""
    (panel,) = Grid(frame.pixels.shape[0], frame.pixels.shape[1], TILE, OVERLAP).panels(1 << 20)
    return [batch.filled for batch in tiles.batches(None, [panel], BATCH, 3, frame)]


def measure(benchmark: Any, record: Recorder, frame: InMemory) -> None:
    filled = benchmark(cut, frame)
    peak = peak_kib(lambda: cut(frame))
    with counting(tiles) as tally:
        cut(InMemory(counted(frame.pixels), frame.valid))
    record("python", "numpy", tiles=sum(filled), batches=len(filled), peak_kib=peak, **tally)


@pytest.mark.benchmark(group="cutting")
def test_mosaic(benchmark: Any, record: Recorder, mosaic: npt.NDArray[np.uint8]) -> None:
    measure(benchmark, record, InMemory(mosaic))


@pytest.mark.benchmark(group="cutting")
def test_mosaic_with_nodata(benchmark: Any, record: Recorder, mosaic: npt.NDArray[np.uint8]) -> None:
    rows, cols = np.indices(mosaic.shape[:2])
    measure(benchmark, record, InMemory(mosaic, np.asarray(rows + cols > 700)))


@pytest.mark.benchmark(group="cutting")
def test_small_picture(benchmark: Any, record: Recorder, picture: npt.NDArray[np.uint8]) -> None:
    measure(benchmark, record, InMemory(picture[:200, :180]))
