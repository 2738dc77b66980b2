from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from segrun.agreement import iou


@given(st.integers(0, 2**32 - 1))
def test_iou_is_symmetric_and_bounded(seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, other = rng.integers(0, 3, (2, 6, 6)).astype(np.uint8)
    assert iou(one, other) == iou(other, one)
    assert 0 <= iou(one, other) <= 1
    assert iou(one, one) == (1.0 if one.any() else 0.0)
