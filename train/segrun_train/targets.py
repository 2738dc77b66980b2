"""Truth as the networks see it: class indices, with one value for pixels that do not count."""

from __future__ import annotations

from typing import Any

# Outside the picture, alpha 0, or counted in another tile. One byte a pixel instead of a float weight beside each
# truth, and the only form that losses over regions (Dice, Lovasz) can honour: Keras weighs their result, not their sums.
IGNORED = 255


def split_target(y_true: Any, classes: int) -> tuple[Any, Any]:
    """Split truth into what to reach and what counts.

    Args:
        y_true: ``[n, h, w, 1]`` class indices with ``IGNORED``; for one class also shares in [0, 1] (grey masks).
        classes: channels of the network's output.
    Returns:
        float32 target ``[n, h, w, classes]`` (one class: as given, more: one-hot) and float32 weight ``[n, h, w, 1]``.
    """
    from keras import ops

    truth = ops.cast(y_true, "float32")
    weight = ops.cast(truth < IGNORED - 0.5, "float32")
    truth = truth * weight
    if classes == 1:
        return truth, weight
    return ops.one_hot(ops.cast(truth[..., 0], "int32"), classes, dtype="float32"), weight
