"""Convolution with batch normalisation: the brick of every network but the notebook's."""

from __future__ import annotations

from typing import Any

import keras

# Keras's default of 0.99 needs several hundred steps to forget its start: too many for a short fine-tuning.
NORM_MOMENTUM = 0.95


def normalised(x: Any) -> Any:
    """Apply batch normalisation."""
    return keras.layers.BatchNormalization(momentum=NORM_MOMENTUM)(x)


def convolution(x: Any, filters: int, *, kernel: int = 3, stride: int = 1, relu: bool = True) -> Any:
    """Apply convolution, batch normalisation and, unless ``relu`` is False, ReLU.

    The convolution has no bias since the normalisation brings one; exporters fold both into one operator.
    """
    x = keras.layers.Conv2D(
        filters, kernel, strides=stride, padding="same", use_bias=False, kernel_initializer="he_normal"
    )(x)
    x = normalised(x)
    return keras.layers.ReLU()(x) if relu else x


def doubled(x: Any, filters: int) -> Any:
    """Return ``x`` at twice the height and width, by a transposed 2x2 convolution.

    Chosen over up-sampling layers: nearest leaves eight Transposes in the ONNX graph, bilinear does not export
    with a dynamic size, and this converts to one operator everywhere.
    """
    return keras.layers.Conv2DTranspose(
        filters, 2, strides=2, padding="same", kernel_initializer="he_normal"
    )(x)
