from __future__ import annotations

from collections.abc import Callable

import pytest

from segrun_export.histogram import METHODS
from segrun_export.int8_choice import MARGIN, Recipe, Trial, choose

LAYERS = [f"layer{index}" for index in range(12)]


def attempting(flips: Callable[[Recipe], float], made: list[Recipe]) -> Callable[[Recipe], Trial]:
    def attempt(recipe: Recipe) -> Trial:
        made.append(recipe)
        return Trial(recipe, flips(recipe), 1.0, b"")

    return attempt


def test_the_best_calibration_is_taken_where_all_layers_can_be_int8() -> None:
    made: list[Recipe] = []
    best, tried = choose(attempting(lambda item: 0.0005 * (1 + METHODS.index(item.method)), made), LAYERS)
    assert best.recipe == Recipe("minmax")
    assert [trial.recipe for trial in tried] == made == [Recipe(method) for method in METHODS]


def test_layers_stay_float_one_after_the_other_until_the_margin_holds() -> None:
    def flips(recipe: Recipe) -> float:
        harmful = {"first": 0.001, "last": 0.001, "layer1": 0.002, "layer9": 0.003}
        return 0.008 - sum(harmful.get(name, 0.0) for name in recipe.keep_float)

    made: list[Recipe] = []
    best, _ = choose(attempting(flips, made), LAYERS)
    assert best.recipe.keep_float == ("first", "last", "layer9")
    assert best.spent <= MARGIN
    assert Recipe(best.recipe.method, ("first", "last")) in made


def test_two_harmful_layers_are_kept_together() -> None:
    def flips(recipe: Recipe) -> float:
        harmful = {"layer2": 0.002, "layer10": 0.003}
        return 0.0065 - sum(harmful.get(name, 0.0) for name in recipe.keep_float)

    best, _ = choose(attempting(flips, []), LAYERS)
    assert best.recipe.keep_float == ("first", "last", "layer10", "layer2")


def test_where_nothing_helps_the_best_is_taken_and_the_search_ends() -> None:
    made: list[Recipe] = []
    best, _ = choose(attempting(lambda item: 0.02 - 0.001 * len(item.keep_float), made), LAYERS)
    assert len(best.recipe.keep_float) == 6
    assert len(made) <= 4 + 1 + 6 + 3


@pytest.mark.parametrize("method", METHODS)
def test_what_the_user_said_is_not_changed(method: str) -> None:
    made: list[Recipe] = []
    choose(attempting(lambda _: 1.0, made), LAYERS, method=method, keep_float=("last",))  # type: ignore[arg-type]
    assert made == [Recipe(method, ("last",))]  # type: ignore[arg-type]


def test_iou_counts_as_flips_do() -> None:
    assert Trial(Recipe("minmax"), 0.001, 0.98, b"").spent == pytest.approx(1.0)
    assert Trial(Recipe("minmax"), 0.005, 1.0, b"").spent == pytest.approx(1.0)
