"""A small U-Net for edge devices: plain 3x3 convolutions, an early stride, few filters where pixels are many."""

from __future__ import annotations

import keras

from segrun_train.networks.blocks import convolution, doubled
from segrun_train.networks.face import image_input, score_output

STRIDE = 32
# Multiples of 16, the block in which onnxruntime and OpenVINO lay out channels on AVX-512.
WIDTHS = (16, 32, 96, 128, 128)


def unet_lite(
    tile: int, bands: int, classes: int, *, widths: tuple[int, ...] = WIDTHS, dropout: float = 0.1
) -> keras.Model:
    """Build the edge network: about 1.3 M parameters, so that its fp32 file stays under 6 MB.

    The stem halves the resolution at once, the last transposed convolution gives the four pixels of each 2x2 cell
    their own weights, and no 3x3 convolution ever runs at full resolution: those layers are bound by memory.
    """
    image, x = image_input(tile, bands)
    x = convolution(x, widths[0], stride=2)
    x = convolution(x, widths[0])
    skips = []
    for filters in widths[1:]:
        skips.append(x)
        x = keras.layers.MaxPooling2D(2)(x)
        x = convolution(convolution(x, filters), filters)
    x = keras.layers.SpatialDropout2D(dropout)(x)
    for filters in reversed(widths[:-1]):
        x = keras.layers.Concatenate()([doubled(x, filters), skips.pop()])
        x = convolution(x, filters)
    logits = keras.layers.Conv2DTranspose(classes, 2, strides=2, padding="same", name="logits")(x)
    return keras.Model(image, score_output(logits, classes), name="unet-lite")
