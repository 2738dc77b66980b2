from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from segrun.errors import ParityError
from segrun.golden import MOST_BYTES
from segrun.threshold import mask_from_scores
from segrun_export.golden_choice import golden_from
from segrun_export.reference import keras_scores
from tests.export.conftest import drawn_pair, small_unet


def tiles(count: int) -> Any:
    return np.stack([drawn_pair(seed)[0] for seed in range(count)])


def test_the_crops_have_positives_and_keras_scores(unet: Any) -> None:
    pixels = tiles(4)
    golden = golden_from(unet, pixels, keras_scores(unet, pixels), (0.5,), "sigmoid")
    again = golden.crop(keras_scores(unet, golden.padded(64)))
    assert float(np.abs(again - golden.reference).max()) <= 1e-5
    for scores in golden.reference:
        assert 0.05 < mask_from_scores(scores, (0.5,), "sigmoid").mean() < 0.95


def test_one_tile_gives_both_crops(unet: Any) -> None:
    pixels = tiles(1)
    golden = golden_from(unet, pixels, keras_scores(unet, pixels), (0.5,), "sigmoid")
    np.testing.assert_array_equal(golden.pixels[0], golden.pixels[1])


def test_many_classes_get_smaller_crops_that_fit(keras: Any) -> None:
    model = small_unet(keras, classes=9, tile=128)
    pixels = np.random.default_rng(0).integers(0, 256, (2, 128, 128, 3)).astype(np.uint8)
    thresholds = (0.0, *(0.1,) * 8)
    golden = golden_from(model, pixels, keras_scores(model, pixels), thresholds, "softmax")
    assert golden.side < 128
    assert len(golden.encode()) <= MOST_BYTES


def test_scores_without_positives_are_refused(unet: Any) -> None:
    pixels = np.full((2, 64, 64, 3), 50, np.uint8)
    with pytest.raises(ParityError, match="Keras finds none"):
        golden_from(unet, pixels, keras_scores(unet, pixels), (0.5,), "sigmoid")
