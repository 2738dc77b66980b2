from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segrun.boxes import Box


@settings(deadline=None)
@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 30), st.integers(1, 30))
def test_slices_cut_exactly_the_pixels_of_the_box(row: int, col: int, height: int, width: int) -> None:
    box = Box(row, col, height, width)
    rows, cols = np.indices((60, 60))
    inside = (rows >= row) & (rows < box.bottom) & (cols >= col) & (cols < box.right)
    marked = np.zeros((60, 60), np.bool_)
    marked[box.slices] = True
    assert (marked == inside).all()
    assert marked.sum() == height * width


@pytest.mark.parametrize("numbers", [(-1, 0, 1, 1), (0, -1, 1, 1), (0, 0, 0, 1), (0, 0, 1, 0), (0, 0, -3, 1)])
def test_a_box_that_holds_nothing_or_starts_outside_is_refused(numbers: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="Received: Box"):
        Box(*numbers)
