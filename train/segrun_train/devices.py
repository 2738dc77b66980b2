"""Where the arithmetic happens, through Keras's own distribution."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import keras

from segrun.errors import EngineError


@contextlib.contextmanager
def placed(devices: str, batch: int) -> Iterator[int]:
    """Within, models are built on one device or on copies over all of them; yields how many share a batch.

    Raises:
        EngineError: the backend cannot share a batch, or the batch cannot be shared evenly.
    """
    if devices == "one":
        yield 1
        return
    backend = keras.backend.backend()
    if backend == "jax":
        yield from _placed_on_jax(batch)
    elif backend == "tensorflow":
        yield from _placed_on_tensorflow(batch)
    else:
        raise EngineError(
            f"several devices need another backend. Received: --devices all with {backend}. Use KERAS_BACKEND=jax."
        )


def _placed_on_jax(batch: int) -> Iterator[int]:
    found = keras.distribution.list_devices()
    _check(batch, len(found))
    keras.distribution.set_distribution(keras.distribution.DataParallel(devices=found))
    try:
        yield len(found)
    finally:
        keras.distribution.set_distribution(None)


def _placed_on_tensorflow(batch: int) -> Iterator[int]:
    import tensorflow as tf

    found = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    _check(batch, len(found))
    strategy = tf.distribute.MirroredStrategy([device.name for device in found])
    with strategy.scope():
        yield len(found)


def _check(batch: int, count: int) -> None:
    if batch % count:
        raise EngineError(
            f"the batch must be a multiple of the devices. Received: --batch {batch} on {count} devices. "
            f"Use {-(-batch // count) * count}."
        )
