from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest

from benchmarks.gpu.training_step import Step, device_of, forward_flops, on_card, step, step_here


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
    assert "CPU" in found.device
    elsewhere = on_card(found)
    assert elsewhere.ms is None
    assert "is a build for processors" in elsewhere.reason


@pytest.mark.parametrize("device", ["cuda:0", "/job:localhost/device:GPU:0"])
def test_a_step_on_a_card_stays(device: str) -> None:
    found = Step("torch", "unet", 8, "float32", "", 5.0, 10**9, device)
    assert on_card(found) == found


def test_devices_are_named_as_the_backend_names_them() -> None:
    def model(value: Any) -> Any:
        return SimpleNamespace(trainable_variables=[SimpleNamespace(value=value)])

    assert device_of(model(SimpleNamespace(device="cuda:0"))) == "cuda:0"
    assert (
        device_of(model(SimpleNamespace(device=None, devices=lambda: {"cuda:1", "cuda:0"})))
        == "cuda:0, cuda:1"
    )


def test_a_backend_that_is_absent_or_dies_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    assert step("no_such_backend", "unet", 1, "float32").reason == "no_such_backend is not installed"
    monkeypatch.setattr(sys, "executable", "/bin/false")
    found = step("numpy", "unet", 1, "float32")
    assert found.reason == "its process ended with 1 (no message)"
    assert found.ms is None
