"""A U-Net of residual blocks with batch normalisation."""

from __future__ import annotations

from typing import Any

import keras

from segrun_train.networks.blocks import convolution, doubled
from segrun_train.networks.face import image_input, score_output

STRIDE = 32


def unet_residual(
    tile: int, bands: int, classes: int, *, base: int = 32, dropout: float = 0.2
) -> keras.Model:
    """Build a residual U-Net of six resolutions, ``base`` filters at the first and at most ``16 * base``.

    Source: He et al., "Deep Residual Learning", 2016, for the block; Zhang et al., "Road Extraction by Deep
    Residual U-Net", 2018, for its use in a U-Net.
    """
    widths = [base, 2 * base, 4 * base, 8 * base, 16 * base, 16 * base]
    image, x = image_input(tile, bands)
    x = _residual(convolution(x, base), base)
    skips = [x]
    for filters in widths[1:]:
        x = _residual(_residual(x, filters, stride=2), filters)
        skips.append(x)
    x = keras.layers.SpatialDropout2D(dropout)(skips.pop())
    for filters in reversed(widths[:-1]):
        x = keras.layers.Concatenate()([doubled(x, filters), skips.pop()])
        x = _residual(_residual(x, filters), filters)
    logits = keras.layers.Conv2D(classes, 1, name="logits")(x)
    return keras.Model(image, score_output(logits, classes), name="unet-residual")


def _residual(x: Any, filters: int, *, stride: int = 1) -> Any:
    short = x
    if stride != 1 or x.shape[-1] != filters:
        short = convolution(x, filters, kernel=1, stride=stride, relu=False)
    x = convolution(convolution(x, filters, stride=stride), filters, relu=False)
    return keras.layers.ReLU()(keras.layers.Add()([x, short]))
