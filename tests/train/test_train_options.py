from __future__ import annotations

import json
from typing import Any

import pytest

from segrun_train import TrainOptions


def test_overrides_replace_the_recipes_values() -> None:
    options = TrainOptions(recipe="accuracy", overrides={"epochs": 3, "patience": None})
    recipe = options.resolved()
    assert (recipe.epochs, recipe.patience, recipe.learning_rate) == (3, None, 4e-4)


def test_what_is_written_down_repeats_the_run_and_is_json() -> None:
    written = json.loads(json.dumps(TrainOptions(overrides={"epochs": 3}, resume=True).as_json()))
    assert written["epochs"] == 3
    assert written["learning_rate"] == 1e-3
    assert not {"resume", "overwrite", "workers"} & set(written)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"overrides": {"epoch": 3}}, "Received: epoch"),
        ({"overrides": {"epochs": 0}}, "positive"),
        ({"overrides": {"validation": 1.0}}, r"\[0, 1\)"),
        ({"recipe": "best"}, "unknown recipe"),
        ({"classes": ("roof", "roof")}, "different names"),
        ({"group_regex": "a", "group_zoom": 3}, "not both"),
        ({"gsd_range_cm": (30.0, 8.0)}, "LOW,HIGH"),
        *(
            ({"overrides": {name: float(value)}}, rf"{name} must be a finite number\. Received: {value}")
            for name in ("learning_rate", "ema", "validation", "weight_decay", "warmup_share")
            for value in ("nan", "inf")
        ),
        ({"gsd_cm": (20.0, float("nan"))}, "gsd_cm must be a finite"),
        ({"gsd_cm": (0.0,)}, "gsd_cm must be positive"),
        ({"gsd_range_cm": (8.0, float("inf"))}, "gsd_range_cm must be a finite"),
        ({"shares": (1.0, float("nan"))}, "shares must be a finite"),
        ({"shares": (0.0, 0.0)}, "at least must be positive"),
        ({"overrides": {"ema": 1.0}}, r"ema must lie in \[0, 1\)"),
        ({"classes": ("",)}, "every class needs a name"),
        ({"classes": ("ground", " ")}, "every class needs a name"),
    ],
)
def test_options_that_contradict_each_other_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        TrainOptions(**changes)
