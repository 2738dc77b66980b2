from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from segrun.counts import NODATA
from segrun.grid import Grid
from segrun.models import find_model
from segrun.predict import PredictOptions, predict
from segrun.seams import OverlapMeter, StepMeter

GRID = Grid(200, 300, 64, 16)


def measured(value_of: NDArray[np.float32]) -> tuple[float, int]:
    """Feed tiles whose scores are constant, one value for each tile."""
    meter = OverlapMeter(GRID, 0, len(GRID.cols.starts))
    for tile_row in range(len(GRID.rows.starts)):
        for column in range(len(GRID.cols.starts)):
            meter.take(tile_row, column, np.full((64, 64, 1), value_of[tile_row, column], np.float32))
    return meter.total


def test_tiles_that_agree_differ_by_nothing() -> None:
    total, pixels = measured(np.full((len(GRID.rows.starts), len(GRID.cols.starts)), 0.5, np.float32))
    assert total == 0
    assert pixels > 0


def test_the_difference_is_the_mean_over_shared_pixels() -> None:
    board = np.indices((len(GRID.rows.starts), len(GRID.cols.starts))).sum(axis=0) % 2
    total, pixels = measured(board.astype(np.float32) * 0.25)
    assert total / pixels == pytest.approx(0.25)


def test_tiles_that_were_not_run_are_not_compared() -> None:
    meter = OverlapMeter(GRID, 0, len(GRID.cols.starts))
    for tile_row in range(len(GRID.rows.starts)):
        for column in range(len(GRID.cols.starts)):
            if (tile_row + column) % 2:
                meter.skip(column)
            else:
                meter.take(tile_row, column, np.full((64, 64, 1), tile_row, np.float32))
    assert meter.total == (0.0, 0)


def steps(mask: NDArray[np.uint8], rows: int) -> StepMeter:
    height, width = mask.shape
    meter = StepMeter(Grid(height, width, 64, 16))
    for row in range(0, mask.shape[0], rows):
        meter.take(row, mask[row : row + rows])
    return meter


@pytest.mark.parametrize("rows", [1, 7, 48, 200])
def test_noise_steps_everywhere_alike(rows: int) -> None:
    mask = np.random.default_rng(0).integers(0, 2, (1000, 1500), np.uint8)
    report = steps(mask, rows).report(0.0, 0)
    assert report.disagreement is None
    assert report.ratio == pytest.approx(1, abs=0.05)
    assert report == steps(mask, 33).report(0.0, 0)


def test_a_mask_that_breaks_at_tile_borders_is_found() -> None:
    mask = np.zeros((200, 300), np.uint8)
    mask[:, GRID.cols.starts[1] : GRID.cols.starts[2]] = 1
    mask[::7, :40] = 1
    ratio = steps(mask, 48).report(0.0, 0).ratio
    assert ratio is not None
    assert ratio > 3


def test_the_edge_of_the_data_is_no_step() -> None:
    mask = np.zeros((200, 300), np.uint8)
    mask[:, 150:] = NODATA
    report = steps(mask, 48).report(1.0, 4)
    assert (report.border_step, report.elsewhere_step, report.ratio, report.disagreement) == (
        0,
        0,
        None,
        0.25,
    )


def test_a_frame_of_one_tile_has_no_seams() -> None:
    meter = StepMeter(Grid(60, 64, 64, 16))
    meter.take(0, np.random.default_rng(3).integers(0, 2, (60, 64), np.uint8))
    report = meter.report(0.0, 0)
    assert (report.border_step, report.elsewhere_step, report.ratio) == (None, None, None)


def test_the_lattice_of_a_network_is_no_seam() -> None:
    cells = np.random.default_rng(1).integers(0, 2, (500, 750), np.uint8)
    ratio = steps(cells.repeat(2, axis=0).repeat(2, axis=1), 48).report(0.0, 0).ratio
    assert ratio == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize("rows", [1, 33, 200])
def test_steps_are_those_of_every_pair_across_the_lines(rows: int) -> None:
    mask = np.random.default_rng(2).choice([0, 1, NODATA], (200, 300)).astype(np.uint8)
    borders, inside = [0, 0], [0, 0]
    for axis, turned in ((GRID.rows, mask), (GRID.cols, mask.T)):
        edges = {start - 1 for start in axis.starts} | {start + 63 for start in axis.starts}
        halves = {start + 31 for start in axis.starts} - edges
        for at in range(axis.length - 1):
            known = (turned[at] != NODATA) & (turned[at + 1] != NODATA)
            found = borders if at in edges else inside if at in halves else [0, 0]
            found[0] += int((known & (turned[at] != turned[at + 1])).sum())
            found[1] += int(known.sum())
    report = steps(mask, rows).report(0.0, 0)
    assert report.border_step == pytest.approx(borders[0] / borders[1])
    assert report.elsewhere_step == pytest.approx(inside[0] / inside[1])


@pytest.mark.torture
def test_on_a_real_orthophoto_borders_step_no_more_than_other_lines(
    tmp_path: Path, shared_data: Path
) -> None:
    pytest.importorskip("rasterio", reason="the geo extra is not installed")
    source = shared_data / "oam_banepa/geotiff/train_mosaic.tif"
    report = predict(find_model("roofs"), [source], PredictOptions(out=tmp_path / "out"))
    assert report.inputs[0]["seams"]["ratio"] == pytest.approx(1.0, abs=0.05)
