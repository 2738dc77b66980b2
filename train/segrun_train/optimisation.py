"""Optimizer and learning-rate schedule of a recipe."""

from __future__ import annotations

import keras

from segrun_train.recipes import Recipe

# A cosine ends here, as a share of its height, so that the last epochs still move.
END_SHARE = 0.01


def make_optimizer(recipe: Recipe, steps: int) -> keras.optimizers.Optimizer:
    """Return the optimizer of a recipe.

    Args:
        recipe: names it and its values.
        steps: in the whole run.
    Raises:
        ValueError: an unknown optimizer.
    """
    rate = learning_rate(recipe, steps)
    mean = {"use_ema": True, "ema_momentum": recipe.ema} if recipe.ema else {}
    if recipe.optimizer == "adam":
        return keras.optimizers.Adam(rate, **mean)
    if recipe.optimizer == "adamw":
        optimizer = keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay, **mean)
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        return optimizer
    raise ValueError(f"unknown optimizer. Received: {recipe.optimizer!r}. Use adam or adamw.")


def learning_rate(recipe: Recipe, steps: int) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """Return the constant rate, or a linear warm-up followed by a cosine."""
    if not recipe.cosine:
        return recipe.learning_rate
    warmup = max(1, round(recipe.warmup_share * steps))
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        warmup_target=recipe.learning_rate,
        warmup_steps=warmup,
        decay_steps=max(1, steps - warmup),
        alpha=END_SHARE,
    )


def jit_compile(backend: str) -> bool | str:
    """XLA for jax, which has nothing else; on tensorflow's CPU it measured 1.4 times slower than without."""
    return "auto" if backend == "jax" else False
