"""Every Keras backend trains: `make test-backends` runs this on jax and on torch."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from segrun_train import TrainOptions, train
from segrun_train.networks import NETWORKS
from tests.train.drawn_pairs import draw_pairs

pytestmark = pytest.mark.skipif(
    keras.backend.backend() == "tensorflow",
    reason="test_training.py trains on tensorflow; make test-backends the others",
)


@pytest.mark.parametrize("network", ["unet-lite", "unet-residual"])
def test_a_backend_trains_and_saves_what_loads_again(tmp_path: Path, network: str) -> None:
    images, masks = draw_pairs(tmp_path / "pairs", 8)
    small = {"widths": (4, 8, 8, 8, 8)} if network == "unet-lite" else {"base": 4}
    overrides = {"network": network, "epochs": 3, "steps": 6, "batch": 4, "learning_rate": 5e-3, "ema": None}
    options = TrainOptions(overrides=overrides, network_options=small, tile=32)
    record = train([images], [masks], tmp_path / "run", options)
    assert record.environment["backend"] == keras.backend.backend()
    losses = [
        float(line.split(",")[3]) for line in (tmp_path / "run/history.csv").read_text().splitlines()[1:]
    ]
    assert losses[-1] < losses[0]
    model = keras.models.load_model(tmp_path / "run/model.keras", compile=False)
    scores = np.asarray(keras.ops.convert_to_numpy(model(np.full((1, 32, 32, 3), 9, np.uint8))))
    assert scores.shape == (1, 32, 32, 1)
    assert scores.dtype == np.float32
    assert 0 <= scores.min() <= scores.max() <= 1


@pytest.mark.parametrize("network", sorted(NETWORKS))
def test_a_backend_builds_every_network(network: str) -> None:
    from segrun_train.networks import build

    model = build(network, 64, 3, 2)
    assert model.input_shape == (None, 64, 64, 3)
    assert model.output_shape == (None, 64, 64, 2)
