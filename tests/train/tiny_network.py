"""A network of two layers in place of the real ones, where a test is not about them."""

from __future__ import annotations

from typing import Any


def tiny_network(_name: str, tile: int, bands: int, classes: int, **_options: Any) -> Any:
    """Return a model of the contract's face for tests that must not wait for a real one to compile."""
    import keras

    image = keras.Input((tile, tile, bands), dtype="uint8", name="image")
    x = keras.layers.Conv2D(4, 3, padding="same", activation="relu")(keras.layers.Rescaling(1 / 255)(image))
    return keras.Model(image, keras.layers.Conv2D(classes, 1, activation="sigmoid")(x))
