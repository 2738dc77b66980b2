"""Ways of training by name: the notebook's three, and one for quality."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """How a network is trained; every value can be overridden by an option.

    Args:
        network: name in ``networks.NETWORKS``.
        loss: name in ``losses.LOSSES``.
        watched: names of metrics, see ``watched.watched``.
        optimizer: ``adam`` or ``adamw``.
        learning_rate: the constant or, with ``cosine``, the highest.
        cosine: fall to nought along a cosine after a linear warm-up.
        warmup_share: share of all steps spent warming up.
        weight_decay: of AdamW.
        ema: momentum of the running mean of weights that is measured and kept; None keeps the weights themselves.
        batch: tiles in a step.
        epochs: at most this many.
        steps: steps in an epoch; None shows every picture once.
        patience: epochs without a better validation loss before stopping; None never stops.
        validation: share of the training pictures that chooses epoch and threshold.
        augment: name in ``augmentation.AUGMENTATIONS``.
    """

    network: str = "unet-residual"
    loss: str = "bce-dice"
    watched: tuple[str, ...] = ("accuracy", "iou")
    optimizer: str = "adamw"
    learning_rate: float = 1e-3
    cosine: bool = True
    warmup_share: float = 0.05
    weight_decay: float = 1e-4
    ema: float | None = 0.99
    batch: int = 16
    epochs: int = 60
    steps: int | None = 100
    patience: int | None = 20
    validation: float = 0.2
    augment: str = "strong"


def _notebook(loss: str, learning_rate: float, metric: str) -> Recipe:
    return Recipe(
        network="unet", loss=loss, watched=(metric, "iou"), optimizer="adam", learning_rate=learning_rate,
        cosine=False, weight_decay=0.0, ema=None, batch=8, epochs=70, steps=None, patience=6, augment="none",
    )  # fmt: skip


# Source of the first three: Azari, "Semantic Segmentation of the Aerial Images", notebook, 2021.
RECIPES = {
    "accuracy": _notebook("bce", 4e-4, "accuracy"),
    "iou": _notebook("bce", 6e-4, "mean_io_u"),
    "focal": _notebook("focal-notebook", 5e-4, "mean_io_u"),
    "modern": Recipe(),
}


def recipe_named(name: str) -> Recipe:
    """Return a recipe.

    Raises:
        ValueError: an unknown name.
    """
    if name not in RECIPES:
        raise ValueError(f"unknown recipe. Received: {name!r}. Use one of {', '.join(RECIPES)}.")
    return RECIPES[name]
