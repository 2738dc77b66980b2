from __future__ import annotations

import numpy as np
import pytest

from segrun_train.augmentation import AUGMENTATIONS, Augmentation
from segrun_train.colour import recolour


def crop(bands: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(1).integers(0, 256, (32, 48, bands), np.uint8)


def test_none_changes_nothing() -> None:
    np.testing.assert_array_equal(recolour(crop(3), np.random.default_rng(0), AUGMENTATIONS["none"]), crop(3))


@pytest.mark.parametrize("bands", [1, 3, 4])
def test_any_number_of_bands_keeps_shape_and_type(bands: int) -> None:
    changes = Augmentation(
        brightness=0.2, contrast=0.3, gamma=0.3, channel_gain=0.1, saturation=0.5, hue_deg=20,
        blur_share=1, noise_share=1, jpeg_share=1, shadow_share=1,
    )  # fmt: skip
    before = crop(bands)
    after = recolour(before, np.random.default_rng(0), changes)
    assert after.shape == before.shape
    assert after.dtype == np.uint8
    assert (after != before).mean() > 0.5
    np.testing.assert_array_equal(before, crop(bands))


def test_equal_seeds_give_equal_pixels() -> None:
    strong = AUGMENTATIONS["strong"]
    for seed in range(20):
        first, second = (recolour(crop(3), np.random.default_rng(seed), strong) for _ in range(2))
        np.testing.assert_array_equal(first, second)


def test_colour_taken_away_leaves_grey() -> None:
    grey = recolour(crop(3), np.random.default_rng(0), Augmentation(saturation=1e-9, grey_share=1.0))
    assert np.ptp(grey.astype(int), axis=-1).max() <= 1


def test_jpeg_keeps_the_order_of_bands() -> None:
    red = np.zeros((32, 32, 3), np.uint8)
    red[..., 0] = 200
    after = recolour(red, np.random.default_rng(0), Augmentation(jpeg_share=1.0))
    assert after[..., 0].mean() > 150
    assert after[..., 2].mean() < 50
