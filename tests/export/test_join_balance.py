from __future__ import annotations

from typing import Any

import numpy as np

from segrun_export.join_balance import BalancedJoins
from tests.export.conftest import drawn_pair, small_unet


def tiles() -> Any:
    return np.stack([drawn_pair(seed)[0] for seed in range(4)])


def unbalanced(keras: Any) -> Any:
    model = small_unet(keras)
    upsampling = next(layer for layer in model.layers if "transpose" in layer.name)
    upsampling.set_weights([weight * 50 for weight in upsampling.get_weights()])
    return model


def parts(keras: Any, model: Any) -> tuple[float, float]:
    join = next(layer for layer in model.layers if "concatenate" in layer.name)
    value = np.abs(np.asarray(keras.Model(model.inputs, join.output)([tiles()], training=False)))
    return float(value[..., :8].max()), float(value[..., 8:].max())


def test_both_parts_get_one_range_and_the_scores_stay(keras: Any) -> None:
    model = unbalanced(keras)
    before, weights = np.asarray(model(tiles(), training=False)), model.get_weights()
    up, skip = parts(keras, model)
    assert up > 4 * skip
    joins = BalancedJoins(model, tiles())
    with joins.in_place():
        up, skip = parts(keras, model)
        assert 0.5 * skip <= up <= skip
        np.testing.assert_allclose(np.asarray(model(tiles(), training=False)), before, atol=1e-6)
    assert len(joins.factors) == 1
    assert np.log2(joins.factors[0]) % 1 == 0
    for old, new in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_joins_of_another_kind_stay_as_they_are(keras: Any) -> None:
    layers = keras.layers
    image = keras.Input((64, 64, 3), dtype="uint8")
    x = layers.Rescaling(1 / 255)(image)
    curved = layers.Conv2DTranspose(4, 1, activation="sigmoid")(x)
    x = layers.Conv2D(4, 3, padding="same")(layers.Concatenate()([curved, x]))
    model = keras.Model(image, layers.Conv2D(1, 1, activation="sigmoid")(x))
    assert BalancedJoins(model, tiles()).factors == ()
