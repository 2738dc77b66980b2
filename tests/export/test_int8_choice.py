from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from segrun_export.histogram import METHODS
from segrun_export.int8_choice import MARGIN, Recipe, Trial, proposals

LAYERS = [f"layer{index}" for index in range(12)]


def attempting(flips: Callable[[Recipe], float], made: list[Recipe]) -> Callable[[Recipe], Trial]:
    def attempt(recipe: Recipe) -> Trial:
        made.append(recipe)
        return Trial(recipe, flips(recipe), 1.0, b"")

    return attempt


def first(
    attempt: Callable[[Recipe], Trial], layers: list[str], **told: Any
) -> tuple[Trial, tuple[Trial, ...]]:
    return next(proposals(attempt, layers, **told))


def test_the_best_calibration_is_taken_where_all_layers_can_be_int8() -> None:
    made: list[Recipe] = []
    best, tried = first(attempting(lambda item: 0.0005 * (1 + METHODS.index(item.method)), made), LAYERS)
    assert best.recipe == Recipe("minmax")
    assert [trial.recipe for trial in tried] == made == [Recipe(method) for method in METHODS]


def test_layers_stay_float_one_after_the_other_until_the_margin_holds() -> None:
    def flips(recipe: Recipe) -> float:
        harmful = {"first": 0.001, "last": 0.001, "layer1": 0.002, "layer9": 0.003}
        return 0.008 - sum(harmful.get(name, 0.0) for name in recipe.keep_float)

    made: list[Recipe] = []
    best, _ = first(attempting(flips, made), LAYERS)
    assert best.recipe.keep_float == ("first", "last", "layer9")
    assert best.spent <= MARGIN
    assert Recipe(best.recipe.method, ("first", "last")) in made


def test_two_harmful_layers_are_kept_together() -> None:
    def flips(recipe: Recipe) -> float:
        harmful = {"layer2": 0.002, "layer10": 0.003}
        return 0.0065 - sum(harmful.get(name, 0.0) for name in recipe.keep_float)

    best, _ = first(attempting(flips, []), LAYERS)
    assert best.recipe.keep_float == ("first", "last", "layer10", "layer2")


def test_where_nothing_helps_the_best_is_taken_and_the_search_ends() -> None:
    made: list[Recipe] = []
    best, _ = first(attempting(lambda item: 0.03 - 0.0035 * len(item.keep_float), made), LAYERS)
    assert len(best.recipe.keep_float) == 6
    assert len(made) <= 4 + 1 + 6 + 3


@pytest.mark.parametrize("method", METHODS)
def test_what_the_user_said_is_not_changed(method: Any) -> None:
    made: list[Recipe] = []
    first(attempting(lambda _: 1.0, made), LAYERS, method=method, keep_float=("last",))
    assert made == [Recipe(method, ("last",))]


def test_iou_counts_as_flips_do() -> None:
    assert Trial(Recipe("minmax"), 0.001, 0.98, b"").spent == pytest.approx(1.0)
    assert Trial(Recipe("minmax"), 0.005, 1.0, b"").spent == pytest.approx(1.0)


def test_asked_again_it_keeps_more_layers_in_float() -> None:
    made: list[Recipe] = []
    found = list(proposals(attempting(lambda item: 0.002 - 0.0001 * len(item.keep_float), made), LAYERS))
    assert [len(best.recipe.keep_float) for best, _ in found[:6]] == [0, 2, 3, 4, 5, 6]
    assert len({len(tried) for _, tried in found[:6]}) == 6
    assert len({best.recipe for best, _ in found}) == len(found) == 10


def test_what_keeps_within_the_gates_comes_after_what_keeps_within_the_margin() -> None:
    flips = {"minmax": 0.006, "percentile": 0.0045, "entropy": 0.0038, "cubic": 0.009}
    found = list(proposals(attempting(lambda item: flips[item.method], []), LAYERS[:2]))
    assert [best.recipe.method for best, _ in found] == ["entropy", "percentile"]


def test_nearly_equal_calibrations_count_as_equal() -> None:
    best, _ = first(attempting(lambda item: 0.001 if item.method == "minmax" else 0.00095, []), LAYERS)
    assert best.recipe.method == "minmax"


def test_a_network_of_one_layer_has_nothing_to_keep() -> None:
    assert len(list(proposals(attempting(lambda _: 0.1, []), ["only"]))) == 1
