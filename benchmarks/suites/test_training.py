from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks.suites.counters import Recorder
from segrun_export.keras_face import import_keras
from segrun_export.silence import silenced
from segrun_train.recipes import Recipe

TILE, BATCH = 64, 4


@pytest.mark.benchmark(group="training-step")
def test_one_step(benchmark: Any, record: Recorder) -> None:
    with silenced():
        keras = import_keras()
        from segrun_train.losses import loss_named
        from segrun_train.networks import build
        from segrun_train.optimisation import jit_compile, make_optimizer

        keras.utils.set_random_seed(0)
        recipe = Recipe()
        model = build("unet-lite", TILE, 3, 1)
        model.compile(
            optimizer=make_optimizer(recipe, 100),
            loss=loss_named(recipe.loss),
            jit_compile=jit_compile(keras.backend.backend()),
        )
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (BATCH, TILE, TILE, 3)).astype(np.uint8)
    masks = rng.integers(0, 2, (BATCH, TILE, TILE, 1)).astype(np.float32)
    benchmark.pedantic(model.train_on_batch, args=(images, masks), rounds=10, warmup_rounds=2)
    record(
        "keras", tiles=BATCH, layers=len(model.layers), parameters=model.count_params(),
        weights=len(model.weights), optimizer_variables=len(model.optimizer.variables),
    )  # fmt: skip
