from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from segrun.frame_scores import ArrayFrame
from segrun.grid import BLENDS, Blend, Grid, Panel
from segrun.stitch import Stitcher
from segrun.tiles import batches, padded


def stitched(
    panel: Panel, pixels: NDArray[np.uint8], blend: Blend, first_row: int = 0
) -> NDArray[np.float32]:
    """Run an identity model over a panel from a tile row on and return its rows; rows that never came stay NaN."""
    grid = panel.grid
    classes = pixels.shape[2]
    result = np.full((grid.height, panel.width, classes), np.nan, np.float32)
    stitcher = Stitcher(panel, classes, blend)
    stitcher.start_at(first_row)
    for tile_row in range(first_row, len(grid.rows.starts)):
        for box in panel.boxes(tile_row):
            scores = padded(pixels[box.slices], grid.tile).astype(np.float32) / np.float32(255)
            strip = stitcher.add(scores, None)
            if strip is not None:
                result[strip.row : strip.row + len(strip.scores)] = strip.scores
    return result


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 200), st.integers(1, 200), st.sampled_from([8, 16, 33]), st.floats(0, 1), st.sampled_from(BLENDS),
    st.integers(1, 300), st.integers(1, 3),
)  # fmt: skip
def test_an_identity_model_gives_every_pixel_back(
    height: int, width: int, tile: int, share: float, blend: Blend, panel_width: int, classes: int
) -> None:
    pixels = np.random.default_rng(height * 1000 + width).integers(0, 256, (height, width, classes), np.uint8)
    grid = Grid(height, width, tile, int(share * (tile // 2)))
    for panel in grid.panels(panel_width):
        scores = stitched(panel, pixels, blend)
        np.testing.assert_array_equal(np.rint(255 * scores), pixels[:, panel.left : panel.right])


@given(st.integers(40, 200), st.integers(1, 80), st.floats(0, 1), st.data())
@settings(max_examples=40, deadline=None)
def test_starting_further_down_gives_the_same_bytes(
    height: int, width: int, share: float, data: st.DataObject
) -> None:
    pixels = np.random.default_rng(height).integers(0, 256, (height, width, 1), np.uint8)
    panel = Grid(height, width, 32, int(share * 16)).panels(10_000)[0]
    starts = panel.grid.rows.starts
    wanted = data.draw(st.integers(0, len(starts) - 1))
    first = min(row for row, start in enumerate(starts) if start + 32 > starts[wanted])
    whole, resumed = stitched(panel, pixels, "hann"), stitched(panel, pixels, "hann", first)
    np.testing.assert_array_equal(whole[starts[wanted] :], resumed[starts[wanted] :])


def test_validity_follows_the_tiles() -> None:
    panel = Grid(16, 28, 16, 4).panels(100)[0]
    stitcher = Stitcher(panel, 1)
    valid = np.ones((16, 16), np.bool_)
    valid[3, 5] = False
    assert stitcher.add(np.ones((16, 16, 1), np.float32), valid) is None
    strip = stitcher.add(np.ones((16, 16, 1), np.float32), None)
    assert strip is not None
    assert strip.valid is not None
    assert np.argwhere(~strip.valid).tolist() == [[3, 5]]


def test_overlaps_are_blended_and_not_taken_from_one_side() -> None:
    panel = Grid(8, 14, 8, 2).panels(100)[0]
    stitcher = Stitcher(panel, 1)
    stitcher.add(np.zeros((8, 8, 1), np.float32), None)
    strip = stitcher.add(np.ones((8, 8, 1), np.float32), None)
    assert strip is not None
    row = strip.scores[0, :, 0]
    assert row[:6].tolist() == [0.0] * 6
    assert row[8:].tolist() == [1.0] * 6
    assert 0 < row[6] < 0.5 < row[7] < 1


@pytest.mark.parametrize("batch", [1, 3, 7])
def test_batches_hold_every_tile_once_in_order(batch: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (100, 130, 3), np.uint8)
    panel = Grid(100, 130, 32, 8).panels(1000)[0]
    expected = [pixels[box.slices] for row in range(len(panel.grid.rows.starts)) for box in panel.boxes(row)]
    found = []
    for tiles in batches(None, [panel], batch, 3, ArrayFrame(pixels)):
        assert tiles.pixels.shape == (batch, 32, 32, 3)
        found += list(tiles.pixels[: tiles.filled])
    np.testing.assert_array_equal(np.stack(found), np.stack(expected))
