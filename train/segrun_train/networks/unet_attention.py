"""A U-Net with batch normalisation whose skip connections are gated by attention."""

from __future__ import annotations

from typing import Any

import keras

from segrun_train.networks.blocks import convolution, doubled, normalised
from segrun_train.networks.face import image_input, score_output

STRIDE = 32


def unet_attention(
    tile: int, bands: int, classes: int, *, base: int = 32, dropout: float = 0.2
) -> keras.Model:
    """Build an attention U-Net of six resolutions, ``base`` filters at the first and at most ``16 * base``.

    Source: Oktay et al., "Attention U-Net", 2018. The gate works at the skip's own resolution, on the up-sampled
    features, so that no resizing layer enters the graph.
    """
    widths = [base, 2 * base, 4 * base, 8 * base, 16 * base, 16 * base]
    image, x = image_input(tile, bands)
    skips = []
    for filters in widths[:-1]:
        x = convolution(convolution(x, filters), filters)
        skips.append(x)
        x = keras.layers.MaxPooling2D(2)(x)
    x = convolution(convolution(x, widths[-1]), widths[-1])
    x = keras.layers.SpatialDropout2D(dropout)(x)
    for filters in reversed(widths[:-1]):
        x = doubled(x, filters)
        x = keras.layers.Concatenate()([x, _gated(skips.pop(), x, filters // 2)])
        x = convolution(convolution(x, filters), filters)
    logits = keras.layers.Conv2D(classes, 1, name="logits")(x)
    return keras.Model(image, score_output(logits, classes), name="unet-attention")


def _gated(skip: Any, signal: Any, filters: int) -> Any:
    seen = convolution(skip, filters, kernel=1, relu=False)
    asked = convolution(signal, filters, kernel=1, relu=False)
    x = keras.layers.ReLU()(keras.layers.Add()([seen, asked]))
    x = normalised(keras.layers.Conv2D(1, 1, use_bias=False)(x))
    return keras.layers.Multiply()([skip, keras.layers.Activation("sigmoid")(x)])
