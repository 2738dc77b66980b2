"""The deployed face that every network wears: uint8 pixels in, float32 scores out."""

from __future__ import annotations

from typing import Any

import keras


def image_input(tile: int, bands: int) -> tuple[Any, Any]:
    """Return the input and its pixels scaled to [0, 1].

    Args:
        tile: side of a tile, pixels.
        bands: number of channels.
    Returns:
        The symbolic input ``image``, uint8 ``[n, tile, tile, bands]``, and the scaled pixels.
    """
    image = keras.Input((tile, tile, bands), dtype="uint8", name="image")
    return image, keras.layers.Rescaling(1 / 255, name="scaled")(image)


def score_output(logits: Any, classes: int) -> Any:
    """Return the output ``score``, float32 in [0, 1] under every precision policy.

    Args:
        logits: ``[n, h, w, classes]``.
        classes: 1 gives a sigmoid, more a softmax over the last axis.
    """
    activation = "sigmoid" if classes == 1 else "softmax"
    return keras.layers.Activation(activation, dtype="float32", name="score")(logits)
