from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from segrun_export.receptive_field import TOLERANCE, ReceptiveField, receptive_field


def averaging(keras: Any, reach: int) -> Any:
    """Build a network whose score is the mean over a window of known reach."""
    layers = keras.layers
    image = keras.Input((64, 64, 3), dtype="uint8")
    x = layers.Rescaling(1 / 255)(image)
    side = 2 * reach + 1
    x = layers.Conv2D(1, side, padding="same", use_bias=False, activation="sigmoid")(x)
    model = keras.Model(image, x)
    model.set_weights([np.full((side, side, 3, 1), 12 / (3 * side**2), np.float32)])
    return model


def contrasting() -> np.ndarray[Any, np.dtype[np.uint8]]:
    tiles = np.zeros((4, 64, 64, 3), np.uint8)
    tiles[1::2] = 255
    return tiles


@pytest.mark.parametrize("reach", [2, 9, 13])
def test_the_radius_is_the_reach_that_was_built(keras: Any, reach: int) -> None:
    found = receptive_field(averaging(keras, reach), contrasting())
    assert found.radius_px is not None
    # Distances are tried in steps of 3 to 4 pixels; within the reach the error grows continuously.
    assert reach - 4 <= found.radius_px <= reach + 4
    assert all(error == 0 for distance, error in found.errors.items() if distance >= reach)
    assert found.overlap_px == min(2 * found.radius_px, 16)


def test_a_reach_beyond_every_distance_is_said(keras: Any) -> None:
    found = receptive_field(averaging(keras, 31), contrasting())
    assert found.radius_px is None or found.errors[found.radius_px] <= TOLERANCE
    assert found.overlap_px <= 16
    assert found.seam_error > TOLERANCE


def test_one_tile_alone_is_enough(keras: Any) -> None:
    tile = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3)).astype(np.uint8)
    assert isinstance(receptive_field(averaging(keras, 3), tile), ReceptiveField)
