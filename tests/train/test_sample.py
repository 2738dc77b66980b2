from __future__ import annotations

import numpy as np

from segrun_train.sample import Level, binary, pyramid


def level(side: int) -> Level:
    rng = np.random.default_rng(0)
    return Level(
        rng.integers(0, 256, (side, side, 3), np.uint8),
        rng.choice(np.array([0, 7], np.uint8), (side, side)),
        np.full((side, side), 255, np.uint8),
    )


def test_antialiased_masks_are_cut_in_the_middle() -> None:
    assert binary(np.array([[0, 36, 127, 128, 237, 255]], np.uint8)).tolist() == [[0, 0, 0, 1, 1, 1]]


def test_a_pyramid_halves_pictures_that_are_large_enough() -> None:
    assert [item.size for item in pyramid(level(130), grey_mask=True)] == [(130, 130), (65, 65), (32, 32)]
    assert [item.size for item in pyramid(level(40), grey_mask=True)] == [(40, 40)]


def test_grey_masks_are_averaged_and_indices_picked() -> None:
    assert set(np.unique(pyramid(level(128), grey_mask=False)[1].mask)) == {0, 7}
    assert len(np.unique(pyramid(level(128), grey_mask=True)[1].mask)) > 2
