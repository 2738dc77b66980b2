"""Options that cannot work, found before anything is read."""

from __future__ import annotations

import inspect
from typing import Any

from segrun_train.augmentation import augmentation_named
from segrun_train.corpus import spread
from segrun_train.crops import CropPlan
from segrun_train.losses import loss_named
from segrun_train.networks import NETWORKS, check_tile
from segrun_train.optimisation import make_optimizer
from segrun_train.split import split_rules
from segrun_train.train_options import TrainOptions
from segrun_train.watched import watched


def check_options(options: TrainOptions, folders: int) -> None:
    """Refuse options that cannot work, before anything is read.

    Args:
        options: how to train.
        folders: number of folders of pictures.
    Raises:
        ValueError: an unknown name, a tile the network cannot take, a pattern that is none, values for other folders,
            an option that the network does not take, a range of distances without a distance.
    """
    recipe = options.resolved()
    check_tile(recipe.network, options.tile)
    loss_named(recipe.loss)
    watched(recipe.watched, len(options.classes))
    make_optimizer(recipe, 1)
    _check_network_options(recipe.network, options.network_options)
    distances = spread(options.gsd_cm, folders)
    if options.gsd_range_cm is not None and not any(distances):
        raise ValueError(
            f"a range of ground distances needs pictures whose own is known. Received: gsd_range {options.gsd_range_cm}, "
            "no gsd_cm. Say it with --gsd-cm, or leave --gsd-range out."
        )
    if options.shares and len(options.shares) != folders:
        raise ValueError(
            f"one share for each folder. Received: {len(options.shares)} shares, {folders} folders."
        )
    plan_of(options)
    split_rules(options, [])


def plan_of(options: TrainOptions) -> CropPlan:
    """Return how the crops of a run are drawn."""
    recipe = options.resolved()
    return CropPlan(
        options.tile, recipe.batch, augmentation_named(recipe.augment), recipe.steps, options.shares,
        options.gsd_range_cm, grey_mask=len(options.classes) == 1,
        grey_truth=options.grey_truth, seed=options.seed,
    )  # fmt: skip


def _check_network_options(network: str, given: dict[str, Any]) -> None:
    """Refuse what the architecture does not take, and a number of filters that is none."""
    taken = [
        name
        for name, parameter in inspect.signature(NETWORKS[network].make).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    ]
    for name, value in given.items():
        if name not in taken:
            raise ValueError(
                f"{network} takes no {name}. Received: {name}={value}. It takes {', '.join(taken)}; or use another network."
            )
        if name == "base" and value < 1:
            raise ValueError(f"base must be positive. Received: {value}.")
