"""The networks by name. Every one wears the same face: see ``docs/model-contract.md``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from segrun_train.networks import unet as notebook
from segrun_train.networks import unet_attention, unet_lite, unet_residual


@dataclass(frozen=True)
class Network:
    """One architecture.

    Args:
        make: ``(tile, bands, classes, **options) -> keras.Model``.
        stride: the tile must be a multiple of this, pixels.
    """

    make: Callable[..., keras.Model]
    stride: int


NETWORKS = {
    "unet": Network(notebook.unet, notebook.STRIDE),
    "unet-residual": Network(unet_residual.unet_residual, unet_residual.STRIDE),
    "unet-attention": Network(unet_attention.unet_attention, unet_attention.STRIDE),
    "unet-lite": Network(unet_lite.unet_lite, unet_lite.STRIDE),
}


def build(name: str, tile: int, bands: int, classes: int, **options: Any) -> keras.Model:
    """Build a network with fresh weights under the current precision policy.

    Args:
        name: a key of ``NETWORKS``.
        tile: side of a tile, pixels.
        bands: number of channels of the pictures.
        classes: 1 for a sigmoid, the number of classes with the background for a softmax.
        **options: what the architecture itself takes, e.g. ``base`` or ``dropout``.
    Returns:
        An uncompiled model: ``image`` uint8 ``[n, tile, tile, bands]`` to ``score`` float32 ``[n, tile, tile, classes]``.
    Raises:
        ValueError: an unknown name, no band or class, or a tile that the network cannot halve often enough.
    """
    check_tile(name, tile)
    if bands < 1 or classes < 1:
        raise ValueError(f"bands and classes must be positive. Received: bands={bands}, classes={classes}.")
    return NETWORKS[name].make(tile, bands, classes, **options)


def check_tile(name: str, tile: int) -> None:
    """Refuse a tile that a network cannot halve often enough.

    Raises:
        ValueError: that, or an unknown name.
    """
    if name not in NETWORKS:
        raise ValueError(f"unknown network. Received: {name!r}. Use one of {', '.join(NETWORKS)}.")
    stride = NETWORKS[name].stride
    if tile < stride or tile % stride:
        nearest = max(stride, round(tile / stride) * stride)
        raise ValueError(
            f"tile must be a multiple of {stride} for {name}. Received: tile={tile}. Use {nearest}."
        )
