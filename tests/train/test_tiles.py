from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from segrun_train.sample import Level, Sample
from segrun_train.targets import IGNORED
from segrun_train.tiles import GridTiles


def sample(height: int, width: int) -> Sample:
    rng = np.random.default_rng([height, width])
    valid = np.full((height, width), 255, np.uint8)
    valid[: height // 3, : width // 3] = 0
    pixels = rng.integers(0, 256, (height, width, 3), np.uint8)
    return Sample("a", 0, (Level(pixels, pixels[..., 0].copy(), valid),))


@settings(max_examples=40, deadline=None)
@given(
    height=st.integers(1, 90), width=st.integers(1, 90), batch=st.integers(1, 5), devices=st.integers(1, 3)
)
def test_every_pixel_is_counted_in_exactly_one_tile(
    height: int, width: int, batch: int, devices: int
) -> None:
    full = sample(height, width)
    tiles = GridTiles([full], 32, batch, grey_mask=True, devices=devices)
    counted = positive = valid_pixels = 0
    for index in range(len(tiles)):
        pixels, classes, valid = tiles.with_validity(index)
        assert pixels.shape[1:] == (32, 32, 3)
        assert len(pixels) == tiles.batch
        assert tiles.batch % devices == 0
        assert (classes != IGNORED).any()
        here = classes != IGNORED
        counted += int(here.sum())
        positive += int((classes == 1).sum())
        valid_pixels += int((here & valid).sum())
        np.testing.assert_array_equal(classes[here] == 1, pixels[..., :1][here] > 127)
    assert counted == height * width
    assert positive == int((full.full.mask > 127).sum())
    assert valid_pixels == int((full.full.valid != 0).sum())


def test_pixels_without_data_are_ignored_in_a_batch() -> None:
    tiles = GridTiles([sample(32, 32)], 32, 4, grey_mask=True)
    _, classes = tiles[0]
    assert (classes[0, :10, :10] == IGNORED).all()
    assert (classes[0, 11:, 11:] != IGNORED).all()


def test_indices_of_several_classes_are_kept() -> None:
    mask = np.arange(32 * 32, dtype=np.uint8).reshape(32, 32) % 5
    level = Level(np.zeros((32, 32, 3), np.uint8), mask, np.full((32, 32), 255, np.uint8))
    _, classes = GridTiles([Sample("a", 0, (level,))], 32, 1, grey_mask=False)[0]
    np.testing.assert_array_equal(classes[0, ..., 0], mask)
