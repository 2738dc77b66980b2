from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segrun.grid import BLENDS, Axis, Blend, Grid

axes = st.builds(
    lambda length, tile, share: Axis(length, tile, int(share * (tile // 2))),
    st.integers(1, 700),
    st.integers(1, 96),
    st.floats(0, 1),
)


@given(axes)
def test_tiles_cover_every_pixel_and_stay_inside(axis: Axis) -> None:
    covered = np.zeros(max(axis.length, axis.tile), int)
    for start in axis.starts:
        covered[start : start + axis.tile] += 1
    assert covered[: axis.length].min() >= 1
    assert axis.starts[0] == 0
    assert axis.starts[-1] + axis.tile == max(axis.length, axis.tile)
    assert list(axis.starts) == sorted(set(axis.starts))


@given(axes, st.sampled_from(BLENDS))
def test_weights_sum_to_one_at_every_pixel(axis: Axis, blend: Blend) -> None:
    total = np.zeros(max(axis.length, axis.tile))
    for start, weights in zip(axis.starts, axis.weights(blend), strict=True):
        assert weights.dtype == np.float32
        assert blend == "crop" or weights.min() > 0
        total[start : start + axis.tile] += weights
    np.testing.assert_allclose(total[: axis.length], 1.0, atol=3e-7)


def test_crop_takes_the_nearest_centre() -> None:
    first, second = Axis(14, 8, 2).weights("crop")
    assert first.tolist() == [1, 1, 1, 1, 1, 1, 1, 0]
    assert second.tolist() == [0, 1, 1, 1, 1, 1, 1, 1]


def test_hann_fades_from_one_tile_into_the_next() -> None:
    first = Axis(448, 256, 64).weights("hann")[0]
    assert (first[:192] == 1.0).all()
    assert np.all(np.diff(first[192:]) < 0)
    assert first[192] > 0.999
    assert first[-1] < 0.001


@given(st.integers(1, 900), st.integers(1, 500), st.integers(2, 64), st.integers(1, 400))
def test_panels_split_the_width_without_gap_or_overlap(
    height: int, width: int, tile: int, panel_width: int
) -> None:
    grid = Grid(height, width, tile, tile // 4)
    panels = grid.panels(panel_width)
    assert [panel.left for panel in panels[1:]] == [panel.right for panel in panels[:-1]]
    assert panels[0].left == 0
    assert panels[-1].right == width
    for panel in panels:
        reached = [grid.cols.starts[c] for c in range(panel.first, panel.after)]
        needed = [s for s in grid.cols.starts if s < panel.right and s + tile > panel.left]
        assert reached == needed
        assert panel.width <= max(panel_width, tile)


def test_strips_of_a_panel_follow_each_other() -> None:
    panel = Grid(1000, 300, 256, 32).panels(10_000)[0]
    ends = [panel.strip_rows(r) for r in range(len(panel.grid.rows.starts))]
    assert ends[0][0] == 0
    assert ends[-1][1] == 1000
    assert all(before[1] == after[0] for before, after in itertools.pairwise(ends))


@pytest.mark.parametrize(("length", "tile", "overlap"), [(0, 8, 0), (8, 0, 0), (8, 8, 5), (8, 8, -1)])
def test_impossible_axes_are_refused(length: int, tile: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="Received"):
        Axis(length, tile, overlap)
