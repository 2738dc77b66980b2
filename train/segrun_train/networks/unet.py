"""The notebook's U-Net, layer for layer."""

from __future__ import annotations

from typing import Any

import keras

from segrun_train.networks.face import image_input, score_output

STRIDE = 64
FILTERS = (16, 32, 64, 128, 256, 512)
MIDDLE = 1024


def unet(tile: int, bands: int, classes: int, *, dropout: float = 0.3) -> keras.Model:
    """Build the notebook's U-Net: 31,110,001 parameters for 3 bands and one class.

    Source: Azari, "Semantic Segmentation of the Aerial Images", notebook, 2021. Its output convolution carries the
    sigmoid itself; here the sigmoid is a layer of its own so that it stays float32 under mixed precision.
    """
    image, x = image_input(tile, bands)
    skips = []
    for filters in FILTERS:
        x = _block(x, filters, dropout)
        skips.append(x)
        x = keras.layers.MaxPooling2D(2)(x)
    x = _convolution(_convolution(x, MIDDLE), MIDDLE)
    for filters, skip in zip(reversed(FILTERS), reversed(skips), strict=True):
        x = keras.layers.Conv2DTranspose(filters, 2, strides=2, padding="same")(x)
        x = _block(keras.layers.Concatenate()([x, skip]), filters, dropout)
    logits = keras.layers.Conv2D(classes, 1, name="logits")(x)
    return keras.Model(image, score_output(logits, classes), name="unet")


def _convolution(x: Any, filters: int) -> Any:
    return keras.layers.Conv2D(filters, 3, padding="same", activation="relu", kernel_initializer="he_normal")(
        x
    )


def _block(x: Any, filters: int, dropout: float) -> Any:
    x = keras.layers.Dropout(dropout)(_convolution(x, filters))
    return _convolution(x, filters)
