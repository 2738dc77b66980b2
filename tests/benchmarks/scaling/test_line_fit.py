from __future__ import annotations

import pytest

from benchmarks.scaling.line_fit import LineFit


def test_a_line_is_found_and_its_fit_told() -> None:
    exact = LineFit.through([1, 2, 4], [5, 7, 11])
    assert (exact.offset, exact.slope, exact.r2) == pytest.approx((3.0, 2.0, 1.0))
    # By hand: the line through (0, 0), (1, 0), (2, 3) is -0.5 + 1.5 x; 1.5 of 6 are left over.
    loose = LineFit.through([0, 1, 2], [0, 0, 3])
    assert (loose.offset, loose.slope, loose.r2) == pytest.approx((-0.5, 1.5, 0.75))


def test_two_points_prove_nothing() -> None:
    with pytest.raises(ValueError, match="at least three points"):
        LineFit.through([1, 2, 2], [1, 2, 3])
