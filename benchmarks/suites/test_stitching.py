from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.suites.counted_array import counted, counting
from benchmarks.suites.counters import Recorder, peak_kib
from segrun import stitch
from segrun.grid import Blend, Grid, Panel

TILE, OVERLAP = 256, 32


def tiles_of(panel: Panel, classes: int) -> list[npt.NDArray[np.float32]]:
    rng = np.random.default_rng(0)
    return [rng.random((TILE, TILE, classes), np.float32) for _ in range(panel.count)]


def stitched(
    panel: Panel, classes: int, blend: Blend, scores: list[Any], valid: npt.NDArray[np.bool_] | None
) -> int:
    """Stitch a panel; return the number of strips."""
    stitcher = stitch.Stitcher(panel, classes, blend)
    return sum(stitcher.add(tile, valid) is not None for tile in scores)


def measure(
    benchmark: Any,
    record: Recorder,
    *,
    classes: int = 1,
    blend: Blend = "hann",
    valid: npt.NDArray[np.bool_] | None = None,
) -> None:
    (panel,) = Grid(1024, 1536, TILE, OVERLAP).panels(1 << 20)
    scores = tiles_of(panel, classes)
    # The stitcher uses its tiles up, so every round gets new ones, off the clock.
    strips = benchmark.pedantic(
        stitched,
        setup=lambda: ((panel, classes, blend, [tile.copy() for tile in scores], valid), {}),
        rounds=30,
        warmup_rounds=2,
    )
    kept = [tile.copy() for tile in scores]
    peak = peak_kib(lambda: stitched(panel, classes, blend, kept, valid))
    with counting(stitch) as tally:
        stitched(panel, classes, blend, [counted(tile) for tile in scores], valid)
    record("python", "numpy", tiles=panel.count, strips=strips, peak_kib=peak, **tally)


@pytest.mark.benchmark(group="stitching")
def test_one_class(benchmark: Any, record: Recorder) -> None:
    measure(benchmark, record)


@pytest.mark.benchmark(group="stitching")
def test_four_classes(benchmark: Any, record: Recorder) -> None:
    measure(benchmark, record, classes=4)


@pytest.mark.benchmark(group="stitching")
def test_crop(benchmark: Any, record: Recorder) -> None:
    measure(benchmark, record, blend="crop")


@pytest.mark.benchmark(group="stitching")
def test_nodata(benchmark: Any, record: Recorder) -> None:
    rows, cols = np.indices((TILE, TILE))
    measure(benchmark, record, valid=np.asarray(rows + cols > 100))
