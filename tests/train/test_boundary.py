from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from segrun_train.boundary import BoundaryMeter, disk, outline

Plane = NDArray[np.bool_]


def outline_by_hand(inside: Plane, counts: Plane) -> set[tuple[int, int]]:
    height, width = inside.shape
    found = set()
    for row in range(height):
        for col in range(width):
            if not (inside[row, col] and counts[row, col]):
                continue
            for r, c in ((row - 1, col), (row + 1, col), (row, col - 1), (row, col + 1)):
                if 0 <= r < height and 0 <= c < width and counts[r, c] and not inside[r, c]:
                    found.add((row, col))
    return found


def share_within(of: set[tuple[int, int]], other: set[tuple[int, int]], tolerance: float) -> tuple[int, int]:
    near = [p for p in of if any((p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2 <= tolerance**2 for q in other)]
    return len(near), len(of)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 9999),
    tolerance=st.sampled_from([0.0, 1.0, 1.5, 3.0, 4.2]),
    density=st.floats(0.05, 0.95),
)
def test_it_counts_as_brute_force_does(seed: int, tolerance: float, density: float) -> None:
    rng = np.random.default_rng(seed)
    meter = BoundaryMeter(tolerance)
    right = said = met = true = 0
    for _ in range(2):
        shape = (int(rng.integers(1, 14)), int(rng.integers(1, 14)))
        truth, mask = rng.random(shape) < density, rng.random(shape) < density
        counts = rng.random(shape) < 0.9
        meter.add(truth, mask, counts)
        edges = outline_by_hand(truth, counts), outline_by_hand(mask, counts)
        assert {(int(r), int(c)) for r, c in np.argwhere(outline(truth, counts))} == edges[0]
        one, all_said = share_within(edges[1], edges[0], tolerance)
        two, all_true = share_within(edges[0], edges[1], tolerance)
        right, said, met, true = right + one, said + all_said, met + two, true + all_true
    found = meter.figures()
    precision, recall = right / said if said else 0.0, met / true if true else 0.0
    assert found.precision == pytest.approx(precision)
    assert found.recall == pytest.approx(recall)
    wanted = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    assert found.f1 == pytest.approx(wanted)


@pytest.mark.parametrize(("shift", "wanted"), [(3, 1.0), (4, 0.0)])
def test_a_line_may_lie_three_pixels_off_and_no_more(shift: int, wanted: float) -> None:
    truth = np.zeros((40, 20), bool)
    truth[20:] = True
    said = np.zeros_like(truth)
    said[20 + shift :] = True
    meter = BoundaryMeter()
    meter.add(truth, said, np.ones_like(truth))
    assert meter.figures().f1 == wanted


def test_the_pictures_own_edge_and_unknown_ground_are_no_outline() -> None:
    full = np.ones((6, 6), bool)
    assert not outline(full, full).any()
    roof, counts = np.zeros((6, 6), bool), np.ones((6, 6), bool)
    roof[:, :3] = True
    counts[:, 3:] = False
    assert not outline(roof, counts).any()
    assert outline(roof, np.ones((6, 6), bool)).sum() == 6


def test_a_disk_holds_the_pixels_within_its_radius() -> None:
    assert disk(0).tolist() == [[1]]
    assert disk(3).sum() == 29


def test_a_negative_tolerance_is_refused() -> None:
    with pytest.raises(ValueError, match="-1"):
        BoundaryMeter(-1)
