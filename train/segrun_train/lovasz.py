"""The Lovasz loss: a smooth stand-in for 1 - IoU."""

from __future__ import annotations

from typing import Any

from keras import ops

from segrun_train.targets import split_target


def lovasz(y_true: Any, y_pred: Any) -> Any:
    """Lovasz extension of the Jaccard loss over the whole batch, mean over classes.

    Args:
        y_true: ``[n, h, w, 1]`` class indices with ``IGNORED``.
        y_pred: ``[n, h, w, k]`` scores in [0, 1].
    Source: Berman et al., "The Lovasz-Softmax loss", 2018, algorithm 1 and equation 11 (errors of probabilities).
    """
    classes = y_pred.shape[-1]
    target, weight = split_target(y_true, classes)
    # A pixel that does not count has no error and is not of the class: it sorts last and adds nothing.
    errors = ops.abs(target - ops.cast(y_pred, "float32")) * weight
    target = ops.cast(target > 0.5, "float32") * weight
    losses = [
        _of_class(ops.reshape(errors[..., k], (-1,)), ops.reshape(target[..., k], (-1,)))
        for k in range(classes)
    ]
    return sum(losses) / classes


def _of_class(errors: Any, target: Any) -> Any:
    order = ops.argsort(-errors)
    errors, target = ops.take(errors, order), ops.take(target, order)
    total = ops.sum(target)
    intersection = total - ops.cumsum(target)
    union = total + ops.cumsum(1 - target)
    jaccard = 1 - intersection / ops.maximum(union, 1.0)
    slope = ops.concatenate([jaccard[:1], jaccard[1:] - jaccard[:-1]])
    return ops.sum(errors * ops.stop_gradient(slope))
