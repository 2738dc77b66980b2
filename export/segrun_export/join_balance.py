"""Bringing the two parts of a join to one range, since in int8 they share one step.

Measured on the notebook's network: the first encoder block gives 0 to 2, the upsampled part it is joined with -9 to 8.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt


class BalancedJoins:
    """Powers of two between an upsampling and the convolution behind its join; the scores stay the same.

    The upsampled part is multiplied, and the weights that read it are divided. Found are joins of a linear transposed
    convolution with anything else that one plain convolution reads; others stay as they are.

    Args:
        model: the Keras model, float32.
        tiles: uint8 [n, tile, tile, b], calibration tiles.
    """

    def __init__(self, model: Any, tiles: npt.NDArray[np.uint8]) -> None:
        self._joins = [join for layer in model.layers if (join := _join_of(layer)) is not None]
        self._factors = _factors(model, self._joins, tiles)

    @property
    def factors(self) -> tuple[float, ...]:
        """What each upsampled part is multiplied with."""
        return self._factors

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let the model have these weights while the block runs."""
        layers = [layer for _, upsampling, reader in self._joins for layer in (upsampling, reader)]
        before = [layer.get_weights() for layer in layers]
        try:
            for (join, upsampling, reader), factor in zip(self._joins, self._factors, strict=True):
                upsampling.set_weights([weight * np.float32(factor) for weight in upsampling.get_weights()])
                kernel, *bias = reader.get_weights()
                start, stop = _channels_of(join, upsampling)
                changed = kernel.copy()
                changed[:, :, start:stop] /= np.float32(factor)
                reader.set_weights([changed, *bias])
            yield
        finally:
            # Backwards: a layer that stands in two joins gets its first weights last.
            for layer, weights in reversed(list(zip(layers, before, strict=True))):
                layer.set_weights(weights)


def _join_of(layer: Any) -> tuple[Any, Any, Any] | None:
    """Return join, upsampling and reader where the layer is such a join."""
    import keras

    if (
        type(layer) is not keras.layers.Concatenate
        or len(layer._inbound_nodes) != 1
        or layer.axis not in (-1, 3)
    ):
        return None
    readers = [node.operation for node in layer._outbound_nodes]
    if len(readers) != 1 or type(readers[0]) is not keras.layers.Conv2D or readers[0].groups != 1:
        return None
    parts = [tensor._keras_history.operation for tensor in layer.input]
    found = [part for part in parts if _is_linear_upsampling(part)]
    once = len(readers[0]._inbound_nodes) == 1
    return (layer, found[0], readers[0]) if len(found) == 1 and len(parts) > 1 and once else None


def _is_linear_upsampling(layer: Any) -> bool:
    import keras

    return (
        type(layer) is keras.layers.Conv2DTranspose
        and layer.activation is keras.activations.linear
        and len(layer._inbound_nodes) == len(layer._outbound_nodes) == 1
    )


def _channels_of(join: Any, upsampling: Any) -> tuple[int, int]:
    start = 0
    for tensor in join.input:
        if tensor._keras_history.operation is upsampling:
            return start, start + int(tensor.shape[-1])
        start += int(tensor.shape[-1])
    raise ValueError(f"the layer is no part of this join. Received: {upsampling.name}.")


def _factors(
    model: Any, joins: list[tuple[Any, Any, Any]], tiles: npt.NDArray[np.uint8]
) -> tuple[float, ...]:
    import keras

    if not joins:
        return ()
    seen = keras.Model(model.inputs, [join.output for join, _, _ in joins])
    largest = np.zeros((len(joins), 2))
    for tile in tiles:
        given = seen([tile[None]], training=False)
        for index, (join, upsampling, _) in enumerate(joins):
            value = np.abs(np.asarray(given[index] if isinstance(given, list | tuple) else given))
            start, stop = _channels_of(join, upsampling)
            other = np.delete(value, slice(start, stop), axis=-1)
            largest[index] = np.maximum(largest[index], (value[..., start:stop].max(), other.max()))
    return tuple(
        2.0 ** math.floor(math.log2(other / own)) if own > 0 < other else 1.0 for own, other in largest
    )
