"""The losses by name. All take ``y_true`` with ``IGNORED`` pixels, for one class and for several."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from keras import ops

from segrun_train.lovasz import lovasz
from segrun_train.targets import split_target

Loss = Callable[[Any, Any], Any]

EPSILON = 1e-7
# Keeps Dice defined where neither truth nor scores hold anything of a class.
DICE_SMOOTH = 1.0


def bce(y_true: Any, y_pred: Any) -> Any:
    """Cross-entropy, mean over the pixels that count (binary for one class, categorical for several)."""
    target, weight = split_target(y_true, y_pred.shape[-1])
    return _mean(_cross_entropy(target, ops.cast(y_pred, "float32")), weight)


def focal(y_true: Any, y_pred: Any, *, alpha: float | None = None, gamma: float = 2.0) -> Any:
    """Focal loss, mean over the pixels that count.

    Args:
        y_true: ``[n, h, w, 1]``.
        y_pred: ``[n, h, w, k]``.
        alpha: weight of the class against ``1 - alpha`` of the background, one class only; None weighs neither. This is
            what ``keras.losses.BinaryFocalCrossentropy`` does only with ``apply_class_balancing=True``.
        gamma: how strongly easy pixels are played down.
    Source: Lin et al., "Focal Loss for Dense Object Detection", 2017.
    """
    target, weight = split_target(y_true, y_pred.shape[-1])
    score = ops.cast(y_pred, "float32")
    if y_pred.shape[-1] == 1:
        reached = target * score + (1 - target) * (1 - score)
    else:
        reached = ops.sum(target * score, axis=-1, keepdims=True)
    loss = _cross_entropy(target, score) * ops.power(ops.clip(1 - reached, 0.0, 1.0), gamma)
    if alpha is not None and y_pred.shape[-1] == 1:
        loss = loss * (target * alpha + (1 - target) * (1 - alpha))
    return _mean(loss, weight)


def dice(y_true: Any, y_pred: Any) -> Any:
    """Soft Dice over the whole batch, mean over classes; regions of a batch are large enough to be steady."""
    target, weight = split_target(y_true, y_pred.shape[-1])
    score = ops.cast(y_pred, "float32") * weight
    target = target * weight
    both = ops.sum(target * score, axis=(0, 1, 2))
    either = ops.sum(target, axis=(0, 1, 2)) + ops.sum(score, axis=(0, 1, 2))
    return ops.mean(1 - (2 * both + DICE_SMOOTH) / (either + DICE_SMOOTH))


def bce_dice(y_true: Any, y_pred: Any) -> Any:
    """Cross-entropy plus Dice."""
    return bce(y_true, y_pred) + dice(y_true, y_pred)


LOSSES: dict[str, Loss] = {
    "bce": bce,
    "focal": focal,
    # The notebook's values; alpha took effect in the library that it used.
    "focal-notebook": partial(focal, alpha=0.2, gamma=2.0),
    "dice": dice,
    "bce-dice": bce_dice,
    "lovasz": lovasz,
}


def loss_named(name: str) -> Loss:
    """Return a loss as ``compile`` wants it: of shape ``[1]``.

    Keras divides by the number of devices that share a batch only what has an axis; a plain scalar would be summed
    over them, and the step be as many times too long.

    Raises:
        ValueError: an unknown name.
    """
    if name not in LOSSES:
        raise ValueError(f"unknown loss. Received: {name!r}. Use one of {', '.join(LOSSES)}.")
    loss = LOSSES[name]

    def with_axis(y_true: Any, y_pred: Any) -> Any:
        return ops.reshape(loss(y_true, y_pred), (1,))

    return with_axis


def _cross_entropy(target: Any, score: Any) -> Any:
    """Return ``[n, h, w, 1]``."""
    score = ops.clip(score, EPSILON, 1 - EPSILON)
    if score.shape[-1] == 1:
        return -(target * ops.log(score) + (1 - target) * ops.log(1 - score))
    return -ops.sum(target * ops.log(score), axis=-1, keepdims=True)


def _mean(loss: Any, weight: Any) -> Any:
    return ops.sum(loss * weight) / ops.maximum(ops.sum(weight), 1.0)
