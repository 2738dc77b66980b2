from __future__ import annotations

import sys

import keras
import numpy as np
import pytest

from benchmarks.gpu.training_step import forward_flops, step, step_here


def test_flops_of_layers_by_hand() -> None:
    layers = keras.layers
    source = keras.Input((8, 8, 3))
    x = layers.Conv2D(5, 3, strides=2, padding="same")(source)
    x = layers.DepthwiseConv2D(3, padding="same")(x)
    x = layers.SeparableConv2D(6, 3, padding="same")(x)
    x = layers.Conv2DTranspose(4, 2, strides=2)(x)
    by_hand = 16 * 5 * 27 + 16 * 5 * 9 + 16 * (5 * 9 + 5 * 6) + 16 * 6 * 4 * 4
    assert forward_flops(keras.Model(source, x)) == 2 * by_hand


def test_a_step_is_timed_here() -> None:
    found = step_here("unet-lite", 2, "float32", tile=32, steps=2)
    assert found.reason == ""
    assert found.backend == keras.backend.backend()
    assert found.ms is not None
    assert found.ms > 0
    assert found.flops > 0
    assert np.isfinite(found.ms)


def test_a_backend_that_is_absent_or_dies_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    assert step("no_such_backend", "unet", 1, "float32").reason == "no_such_backend is not installed"
    monkeypatch.setattr(sys, "executable", "/bin/false")
    found = step("numpy", "unet", 1, "float32")
    assert found.reason == "its process ended with 1 (no message)"
    assert found.ms is None
