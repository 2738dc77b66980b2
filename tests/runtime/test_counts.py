from __future__ import annotations

import numpy as np
import pytest

from segrun.counts import MaskCounts


def test_pixels_and_ground_are_counted_by_class() -> None:
    counts = MaskCounts(["background", "roof"], lambda row, col: 0.01 * row + 0.001 * col)
    mask = np.zeros((10, 600), np.uint8)
    mask[:, 300:310] = 1
    mask[:, 590:] = 255
    counts.add(20, mask)
    assert counts.pixels == {"background": 5800, "roof": 100}
    assert counts.invalid == 100
    area = counts.area_m2
    assert area is not None
    # The roof's columns lie in the second segment, whose middle is row 25, column 384.
    assert area["roof"] == pytest.approx(100 * (0.25 + 0.384))
    assert counts.constant is None


def test_one_class_throughout_is_told_and_no_data_does_not_count() -> None:
    counts = MaskCounts(["background", "roof"], None)
    counts.add(0, np.array([[1, 1, 255]], np.uint8))
    assert counts.constant == "roof"
    assert counts.area_m2 is None
    assert MaskCounts(["background", "roof"], None).constant is None


@pytest.mark.parametrize("classes", [2, 5, 8, 9, 200])
def test_few_and_many_classes_are_counted_alike(classes: int) -> None:
    rng = np.random.default_rng(classes)
    mask = rng.choice([*range(classes), 255], (70, 90)).astype(np.uint8)
    counts = MaskCounts([str(index) for index in range(classes)], None)
    counts.add(0, mask)
    assert counts.pixels == {str(index): int((mask == index).sum()) for index in range(classes)}
    assert counts.invalid == int((mask == 255).sum())
