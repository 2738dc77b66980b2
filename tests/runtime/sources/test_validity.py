from __future__ import annotations

import numpy as np
import pytest

from segrun.sources.validity import both, differs_from, none_if_all

PIXELS = np.array([[[0, 0, 0], [0, 5, 0], [9, 9, 9]]], np.uint8)


@pytest.mark.parametrize(
    ("nodata", "valid"),
    [
        ([0, 0, 0], [False, True, True]),
        ([9, 9, 9], [True, True, False]),
        ([0, 5, 0], [True, False, True]),
        ([0, None, 0], [True, True, True]),
    ],
)
def test_a_pixel_is_invalid_where_every_band_holds_its_nodata_value(
    nodata: list[int | None], valid: list[bool]
) -> None:
    assert differs_from(PIXELS, nodata).tolist() == [valid]


def test_statements_join() -> None:
    some, other = np.array([True, True, False]), np.array([True, False, False])
    assert both(None, None) is None
    assert both(some, None) is some
    assert both(None, other) is other
    joined = both(some, other)
    assert joined is not None
    assert joined.tolist() == [True, False, False]


def test_a_mask_that_leaves_nothing_out_is_none() -> None:
    assert none_if_all(None) is None
    assert none_if_all(np.array([True, True])) is None
    assert none_if_all(np.array([True, False])) is not None
