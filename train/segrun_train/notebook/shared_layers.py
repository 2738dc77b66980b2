"""Claim: the three models shared one set of layers, so one training went on where another had ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from segrun_train.networks import build

_TILE = 64
_STEPS = 12


@dataclass(frozen=True)
class SharedFound:
    """What the experiment found.

    Args:
        shared: weights that the second model has in common with the first, by identity.
        weights: weights of a model.
        fresh_loss: BCE of the second model before the first one trained.
        first_loss: of the first model after a few steps.
        second_loss: of the second model at that moment; it never trained itself.
        steps: how many.
    """

    shared: int
    weights: int
    fresh_loss: float
    first_loss: float
    second_loss: float
    steps: int


def shared_layers(
    pictures: Sequence[NDArray[np.uint8]], labels: Sequence[NDArray[np.float32]], seed: int = 0
) -> SharedFound:
    """Make two models of one graph as the notebook does, train one, look at the other.

    Args:
        pictures: uint8 ``[h, w, 3]``, at least 64 pixels a side.
        labels: float32 ``[h, w]`` in [0, 1].
        seed: of weights.
    """
    keras.utils.set_random_seed(seed)
    # The notebook's own network, on smaller tiles.
    graph = build("unet", _TILE, 3, 1)
    first = keras.Model(graph.inputs, graph.outputs)
    second = keras.Model(graph.inputs, graph.outputs)
    for model, rate in ((first, 4e-4), (second, 6e-4)):
        model.compile(optimizer=keras.optimizers.Adam(rate), loss="binary_crossentropy")
    x = np.stack([picture[:_TILE, :_TILE] for picture in pictures])
    y = np.stack([label[:_TILE, :_TILE, None] for label in labels])
    same = sum(a is b for a, b in zip(first.weights, second.weights, strict=True))
    fresh = float(second.evaluate(x, y, verbose=0))
    for _ in range(_STEPS):
        first.train_on_batch(x, y)
    return SharedFound(
        same, len(first.weights), fresh, float(first.evaluate(x, y, verbose=0)),
        float(second.evaluate(x, y, verbose=0)), _STEPS,
    )  # fmt: skip
