from __future__ import annotations

import dataclasses

import keras
import pytest

from segrun_train.optimisation import learning_rate, make_optimizer
from segrun_train.recipes import RECIPES, Recipe


def test_the_rate_warms_up_then_falls_along_a_cosine() -> None:
    schedule = learning_rate(Recipe(learning_rate=1e-3, warmup_share=0.1), 100)
    assert not isinstance(schedule, float)
    rates = [float(schedule(step)) for step in range(101)]
    assert rates[0] == 0
    assert max(rates) == pytest.approx(1e-3, rel=1e-3)
    assert 8 <= rates.index(max(rates)) <= 11
    assert rates[55] == pytest.approx(0.5e-3, rel=0.1)
    assert rates[100] == pytest.approx(1e-5, rel=0.05)


def test_the_notebooks_rate_is_constant() -> None:
    optimizer = make_optimizer(RECIPES["accuracy"], 100)
    assert type(optimizer) is keras.optimizers.Adam
    assert float(optimizer.learning_rate) == pytest.approx(4e-4)
    assert not optimizer.use_ema


def test_weight_decay_spares_biases_and_norms() -> None:
    optimizer = make_optimizer(Recipe(), 100)
    assert type(optimizer) is keras.optimizers.AdamW
    assert optimizer.use_ema
    kernel, bias = (keras.Variable([1.0], name=name) for name in ("kernel", "bias"))
    optimizer.build([kernel, bias])
    assert optimizer._use_weight_decay(kernel)
    assert not optimizer._use_weight_decay(bias)


def test_an_unknown_optimizer_is_refused() -> None:
    with pytest.raises(ValueError, match="adamw"):
        make_optimizer(dataclasses.replace(Recipe(), optimizer="sgd"), 1)
