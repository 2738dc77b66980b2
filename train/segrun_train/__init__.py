"""Train segmentation U-Nets on aerial pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from segrun_train.train_options import TrainOptions as TrainOptions
    from segrun_train.training import train as train

__all__ = ["TrainOptions", "train"]


def __getattr__(name: str) -> Any:
    # Keras takes seconds to import and the scene generator needs none of it.
    if name == "train":
        from segrun_train.training import train

        return train
    if name == "TrainOptions":
        from segrun_train.train_options import TrainOptions

        return TrainOptions
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
