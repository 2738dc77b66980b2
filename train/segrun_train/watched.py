"""What is watched while training: counts over the pixels of an epoch that count."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from segrun_train.targets import split_target


class PixelAccuracy(keras.metrics.Mean):  # type: ignore[misc]  # keras ships no types
    """Share of pixels whose class is met at 0.5; a grey truth is never met, as in Keras's own ``accuracy``."""

    def __init__(self, classes: int, name: str = "accuracy") -> None:
        super().__init__(name=name)
        self.classes = classes

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # noqa: ARG002
        """Count one batch; see ``split_target`` for the shapes."""
        target, weight = split_target(y_true, self.classes)
        if self.classes == 1:
            met = ops.equal(target, ops.cast(y_pred > 0.5, "float32"))
        else:
            met = ops.equal(ops.argmax(target, -1), ops.argmax(y_pred, -1))[..., None]
        super().update_state(ops.cast(met, "float32"), sample_weight=weight)


class StreamingIoU(keras.metrics.Metric):  # type: ignore[misc]  # keras ships no types
    """IoU at 0.5 of the one class, or the mean over the classes above the background by largest score."""

    def __init__(self, classes: int, name: str = "iou") -> None:
        super().__init__(name=name)
        self.classes = classes
        counted = (max(classes - 1, 1),)
        self.both = self.add_weight(shape=counted, initializer="zeros", name="both")
        self.either = self.add_weight(shape=counted, initializer="zeros", name="either")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # noqa: ARG002
        """Count one batch; see ``split_target`` for the shapes."""
        target, weight = split_target(y_true, self.classes)
        if self.classes == 1:
            truth, said = ops.cast(target > 0.5, "float32"), ops.cast(y_pred > 0.5, "float32")
        else:
            chosen = ops.one_hot(ops.argmax(y_pred, -1), self.classes, dtype="float32")
            truth, said = target[..., 1:], chosen[..., 1:]
        both = ops.sum(truth * said * weight, axis=(0, 1, 2))
        self.both.assign_add(both)
        self.either.assign_add(ops.sum((truth + said) * weight, axis=(0, 1, 2)) - both)

    def result(self) -> Any:
        """Return the IoU so far; 0 before anything was seen."""
        return ops.mean(self.both / ops.maximum(self.either, 1.0))


class CastMeanIoU(keras.metrics.MeanIoU):  # type: ignore[misc]  # keras ships no types
    """The notebook's ``MeanIoU(num_classes=2)``, which casts scores below 1.0 to class 0; kept to show just that."""

    def __init__(self, classes: int, name: str = "mean_io_u") -> None:
        super().__init__(num_classes=max(classes, 2), name=name, sparse_y_pred=classes == 1)
        self.classes = classes

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:  # noqa: ARG002
        """Count one batch; see ``split_target`` for the shapes."""
        target, weight = split_target(y_true, 1)
        return super().update_state(target, y_pred, sample_weight=ops.cast(weight, "int32"))


def watched(names: tuple[str, ...], classes: int) -> list[keras.metrics.Metric]:
    """Return the metrics of a recipe by name.

    Raises:
        ValueError: an unknown name.
    """
    known = {"accuracy": PixelAccuracy, "iou": StreamingIoU, "mean_io_u": CastMeanIoU}
    for name in names:
        if name not in known:
            raise ValueError(f"unknown metric. Received: {name!r}. Use one of {', '.join(known)}.")
    return [known[name](classes) for name in names]
