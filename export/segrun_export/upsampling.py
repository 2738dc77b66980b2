"""Nearest-neighbour upsampling in a form that converts to a single node."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def resizing_upsampling(model: Any) -> Iterator[None]:
    """Let the model's nearest ``UpSampling2D`` layers call TensorFlow's resize while the block runs.

    Keras writes them as two repeats, which become transposes, shape arithmetic and tiles in ONNX and TFLite.
    For whole factors, repeating a pixel and asking for the nearest one are the same.
    """
    import keras

    changed = [
        layer
        for layer in model._flatten_layers(include_self=False)
        if isinstance(layer, keras.layers.UpSampling2D)
        and layer.interpolation == "nearest"
        and layer.data_format == "channels_last"
    ]
    try:
        for layer in changed:
            layer.call = functools.partial(_resized, layer.size)
        yield
    finally:
        for layer in changed:
            del layer.call


def _resized(factors: tuple[int, int], inputs: Any) -> Any:
    import tensorflow as tf

    _, height, width, _ = inputs.shape
    return tf.raw_ops.ResizeNearestNeighbor(images=inputs, size=(height * factors[0], width * factors[1]))
