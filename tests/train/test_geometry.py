from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segrun_train.augmentation import AUGMENTATIONS, Augmentation
from segrun_train.geometry import RESAMPLE_AT_MOST, cut, draw_scale, draw_turn
from segrun_train.sample import Level, Sample, pyramid
from segrun_train.targets import IGNORED

UPRIGHT = np.eye(2)


def sample(height: int, width: int, *, valid: bool = True) -> Sample:
    """A smooth blob whose mask can be read off its own pixels."""
    rows, cols = np.mgrid[:height, :width]
    blob = 127 + 100 * np.sin(rows / 9) * np.sin(cols / 13)
    pixels = np.repeat(blob[..., None], 3, -1).astype(np.uint8)
    level = Level(pixels, pixels[..., 0].copy(), np.full((height, width), 255 if valid else 0, np.uint8))
    return Sample("a", 0, pyramid(level, grey_mask=True))


def test_an_unturned_crop_of_the_pictures_size_is_the_picture() -> None:
    given_sample = sample(64, 64)
    pixels, classes = cut(given_sample, 64, 1.0, UPRIGHT, (0.3, 0.9), grey_mask=True)
    np.testing.assert_array_equal(pixels, given_sample.full.pixels)
    np.testing.assert_array_equal(classes, given_sample.full.mask > 127)


@pytest.mark.parametrize(("place", "rows", "cols"), [((0, 0), 0, 0), ((1, 0), 36, 0), ((0, 1), 0, 16)])
def test_the_place_chooses_among_the_crops_that_fit(place: tuple[float, float], rows: int, cols: int) -> None:
    given_sample = sample(100, 80)
    pixels, _ = cut(given_sample, 64, 1.0, UPRIGHT, place, grey_mask=True)
    np.testing.assert_array_equal(pixels, given_sample.full.pixels[rows : rows + 64, cols : cols + 64])


def test_mirrors_and_quarter_turns_are_exact() -> None:
    given_sample = sample(64, 64)
    picture = given_sample.full.pixels
    quarter = np.array([[0.0, -1.0], [1.0, 0.0]])
    for turn, wanted in [
        (np.diag([-1.0, 1.0]), picture[:, ::-1]),
        (np.diag([1.0, -1.0]), picture[::-1]),
        (quarter, np.rot90(picture, -1)),
    ]:
        pixels, classes = cut(given_sample, 64, 1.0, turn, (0.5, 0.5), grey_mask=True)
        np.testing.assert_array_equal(pixels, wanted)
        np.testing.assert_array_equal(classes, wanted[..., 0] > 127)


@given(seed=st.integers(0, 10_000), scale=st.floats(0.4, 2.5))
def test_picture_and_mask_stay_aligned_whatever_happens(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    turn = draw_turn(rng, AUGMENTATIONS["strong"])
    pixels, classes = cut(sample(120, 110), 64, scale, turn, (rng.random(), rng.random()), grey_mask=True)
    assert set(np.unique(classes)) <= {0, 1, IGNORED}
    clear = (classes != IGNORED) & (np.abs(pixels[..., 0].astype(int) - 127) > 6)
    assert (classes[clear] == (pixels[..., 0][clear] > 127)).all()


def test_what_lies_outside_the_picture_does_not_count() -> None:
    _, classes = cut(sample(40, 40), 64, 1.0, UPRIGHT, (0.5, 0.5), grey_mask=True)
    assert (classes != IGNORED).sum() == 40 * 40
    assert (classes[12:52, 12:52] != IGNORED).all()


def test_pixels_without_data_do_not_count() -> None:
    _, classes = cut(sample(64, 64, valid=False), 64, 1.0, UPRIGHT, (0.5, 0.5), grey_mask=True)
    assert (classes == IGNORED).all()


def test_a_smaller_scale_shows_more_ground() -> None:
    given_sample = sample(128, 128)
    pixels, classes = cut(given_sample, 64, 0.5, UPRIGHT, (0.5, 0.5), grey_mask=True)
    assert (classes != IGNORED).all()
    halved = given_sample.full.pixels.reshape(64, 2, 64, 2, 3).mean((1, 3))
    assert np.abs(pixels - halved).max() <= 2


def test_class_indices_are_never_mixed() -> None:
    rng = np.random.default_rng(3)
    mask = rng.choice(np.array([0, 4], np.uint8), (90, 90))
    level = Level(np.zeros((90, 90, 3), np.uint8), mask, np.full((90, 90), 255, np.uint8))
    given_sample = Sample("a", 0, pyramid(level, grey_mask=False))
    for scale in (0.4, 1.3):
        _, classes = cut(
            given_sample, 64, scale, draw_turn(rng, AUGMENTATIONS["strong"]), (0.5, 0.5), grey_mask=False
        )
        assert set(np.unique(classes)) <= {0, 4, IGNORED}


@given(seed=st.integers(0, 1000), gsd=st.floats(4, 60))
def test_the_ground_distance_of_a_crop_lies_in_the_wanted_range(seed: int, gsd: float) -> None:
    scale = draw_scale(np.random.default_rng(seed), Augmentation(), gsd, (8.0, 30.0))
    assert 1 / RESAMPLE_AT_MOST - 1e-9 <= scale <= RESAMPLE_AT_MOST + 1e-9
    if 10 <= gsd <= 24:
        assert 8 - 1e-6 <= gsd / scale <= 30 + 1e-6


def test_without_a_ground_distance_the_augmentation_decides() -> None:
    rng = np.random.default_rng(0)
    scales = [draw_scale(rng, AUGMENTATIONS["notebook"], None, (8.0, 30.0)) for _ in range(200)]
    assert min(scales) >= 1.0
    assert max(scales) <= 1.4
    assert max(scales) > 1.3
