from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from segrun.mask_values import value_trouble


def mask_of(*values: int) -> NDArray[np.uint8]:
    return np.resize(np.array(values, np.uint8), (8, 9))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((3, 7), "holds 3 and 7; masks of one class hold 0 and 255. Save it with 0 and 255"),
        ((0, 1), "holds 0 and 1; masks of one class hold 0 and 255. Multiply it by 255."),
        ((1,), "holds 1; masks of one class hold 0 and 255. Multiply it by 255."),
        ((0, 1, 255), "holds 0, 1 and 255; masks of one class hold 0 and 255. Write 255 for the class"),
        ((0, 1, 2, 3, 4, 90), "holds 0, 1, 2, 3 ... 90;"),
    ],
)
def test_a_mask_of_one_class_that_would_count_as_empty_is_refused(values: tuple[int, ...], said: str) -> None:
    assert said in (value_trouble(mask_of(*values), 1) or "")


@pytest.mark.parametrize("values", [(0,), (0, 255), (255,), (0, 36, 237), (0, 128), (0, 1, 100, 255)])
def test_empty_binary_and_antialiased_masks_are_fine(values: tuple[int, ...]) -> None:
    assert value_trouble(mask_of(*values), 1) is None


@given(st.lists(st.integers(0, 255), min_size=1, max_size=20), st.integers(2, 255))
def test_indices_below_the_number_of_classes_are_fine(values: list[int], classes: int) -> None:
    assert (value_trouble(mask_of(*values), classes) is None) == (max(values) < classes)


@given(st.lists(st.integers(0, 255), min_size=1, max_size=20))
def test_no_mask_that_marks_something_becomes_empty(values: list[int]) -> None:
    if any(values) and max(values) <= 127:
        assert value_trouble(mask_of(*values), 1)
