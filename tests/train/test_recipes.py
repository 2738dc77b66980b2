from __future__ import annotations

import pytest

from segrun_train.recipes import RECIPES, recipe_named


@pytest.mark.parametrize(
    ("name", "loss", "rate", "metric"),
    [
        ("accuracy", "bce", 4e-4, "accuracy"),
        ("iou", "bce", 6e-4, "mean_io_u"),
        ("focal", "focal-notebook", 5e-4, "mean_io_u"),
    ],
)
def test_the_notebooks_recipes_have_its_values(name: str, loss: str, rate: float, metric: str) -> None:
    recipe = recipe_named(name)
    assert (recipe.network, recipe.loss, recipe.optimizer, recipe.learning_rate) == (
        "unet",
        loss,
        "adam",
        rate,
    )
    assert recipe.watched[0] == metric
    assert (recipe.batch, recipe.epochs, recipe.patience, recipe.validation) == (8, 70, 6, 0.2)
    assert (recipe.cosine, recipe.ema, recipe.steps) == (False, None, None)


def test_an_unknown_recipe_is_refused() -> None:
    with pytest.raises(ValueError, match=", ".join(RECIPES)):
        recipe_named("best")
