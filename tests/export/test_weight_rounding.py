from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from segrun_export.weight_rounding import LEVELS, RoundedKernels, rounded
from tests.export.conftest import drawn_pair, small_unet


def tiles() -> Any:
    return np.stack([drawn_pair(seed)[0] for seed in range(6)])


def on_steps(kernel: Any, axis: int) -> float:
    """Return the largest distance from a whole number of steps, in steps, each output's largest weight being 127."""
    by_output = np.moveaxis(kernel.astype(np.float64), axis, 0).reshape(kernel.shape[axis], -1)
    whole = by_output / np.abs(by_output).max(axis=1, keepdims=True) * LEVELS
    return float(np.abs(whole - np.round(whole)).max())


def test_correlated_inputs_lose_less_than_by_rounding_each_weight() -> None:
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(4000, 6)) @ rng.normal(size=(6, 40)) + 0.1 * rng.normal(size=(4000, 40))
    weights = rng.normal(size=(40, 8))
    steps = np.abs(weights).max(axis=0) / LEVELS
    whole = rounded(weights, steps, inputs.T @ inputs / len(inputs))
    np.testing.assert_array_equal(whole, np.round(whole))
    assert np.abs(whole).max() <= LEVELS

    def lost(kept: Any) -> float:
        return float(np.square(inputs @ (weights - kept)).mean())

    assert lost(whole * steps) < 0.3 * lost(np.round(weights / steps) * steps)


def test_inputs_that_are_never_seen_are_no_trouble() -> None:
    moment = np.zeros((4, 4))
    weights = np.array([[1.0], [-0.4], [0.2], [0.0]])
    np.testing.assert_array_equal(rounded(weights, np.array([1 / LEVELS]), moment)[:, 0], [127, -51, 25, 0])


def test_kernels_lie_on_their_steps_inside_the_block_and_come_back(unet: Any) -> None:
    kernels = RoundedKernels(unet, tiles())
    before = unet.get_weights()
    assert len(kernels) == 5
    with kernels.in_place():
        for layer in unet.layers:
            if hasattr(layer, "kernel"):
                axis = 2 if "transpose" in layer.name else 3
                assert on_steps(np.asarray(layer.kernel), axis) < 1e-3
    for old, new in zip(before, unet.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_scores_move_less_than_by_rounding_each_weight(unet: Any) -> None:
    pixels = np.stack([drawn_pair(seed)[0] for seed in range(20, 26)])
    before = np.asarray(unet(pixels, training=False))

    def moved() -> float:
        return float(np.square(np.asarray(unet(pixels, training=False)) - before).mean())

    with RoundedKernels(unet, tiles()).in_place():
        ours = moved()
    kept = unet.get_weights()
    for layer in unet.layers:
        if hasattr(layer, "kernel"):
            kernel = np.asarray(layer.kernel)
            axes = (0, 1, 3) if "transpose" in layer.name else (0, 1, 2)
            steps = np.abs(kernel).max(axis=axes, keepdims=True) / LEVELS
            layer.kernel.assign(np.round(kernel / steps) * steps)
    nearest = moved()
    unet.set_weights(kept)
    assert ours < nearest


def test_what_cannot_be_rounded_so_stays_as_it_is(keras: Any) -> None:
    layers = keras.layers
    image = keras.Input((16, 16, 3), dtype="uint8")
    x = layers.Rescaling(1 / 255)(image)
    shared = layers.Conv2D(3, 3, padding="same")
    x = shared(shared(x))
    x = layers.DepthwiseConv2D(3, padding="same")(x)
    x = layers.Conv2D(4, 3, padding="same", dilation_rate=2)(x)
    x = layers.Conv2DTranspose(4, 3, strides=1, padding="same")(x)
    inner = keras.Sequential([keras.Input((16, 16, 4)), layers.Conv2D(1, 1, activation="sigmoid")])
    model = keras.Model(image, inner(x))
    assert len(RoundedKernels(model, tiles()[:, :16, :16])) == 0


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("strides", [1, 2])
def test_samples_are_what_the_convolution_sees(keras: Any, padding: str, strides: int) -> None:
    from segrun_export.weight_rounding import _samples

    layers = keras.layers
    layer = layers.Conv2D(5, 3, strides=strides, padding=padding, use_bias=False)
    value = np.random.default_rng(0).normal(size=(1, 9, 8, 4)).astype(np.float32)
    expected = np.asarray(layer(value)).reshape(-1, 5)
    seen = _samples(layer, value[0], 10_000, np.random.default_rng(1))
    found = seen @ np.asarray(layer.kernel).reshape(-1, 5)
    order = np.random.default_rng(1).permutation(len(expected))
    np.testing.assert_allclose(found, expected[order], atol=1e-5)


def test_a_network_of_another_face_is_untouched(keras: Any) -> None:
    model = small_unet(keras)
    before = model.get_weights()
    RoundedKernels(model, tiles())
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
