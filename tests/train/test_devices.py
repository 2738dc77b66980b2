from __future__ import annotations

import os
import subprocess
import sys

import keras
import pytest

from segrun.errors import EngineError
from segrun_train.devices import placed

# Two processors have to be asked for before tensorflow starts, so this runs in a process of its own.
TWO = """
import numpy as np, keras, tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from segrun.errors import EngineError
from segrun_train.devices import placed
from segrun_train.losses import loss_named
from segrun_train.watched import watched
pixels = np.random.default_rng(0).random((4, 8, 8, 1)).astype("float32")
truth = (pixels > 0.5).astype("uint8")
class Batches(keras.utils.PyDataset):
    def __len__(self): return 3
    def __getitem__(self, index): return pixels, truth
found = {}
for devices in ("one", "all"):
    with placed(devices, 4) as count:
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Dense(1, activation="sigmoid")])
        loss = loss_named("bce")
        model.compile(optimizer=keras.optimizers.SGD(0.1), loss=loss, metrics=watched(("iou",), 1), jit_compile=False)
        model.fit(Batches(), epochs=1, verbose=0)
        found[count] = [np.array(weight) for weight in model.get_weights()]
for mine, theirs in zip(found[1], found[2], strict=True):
    np.testing.assert_allclose(mine, theirs, rtol=1e-5)
try:
    with placed("all", 3): raise SystemExit("shared three among two")
except EngineError as error:
    print(error)
"""


def test_two_devices_train_to_the_same_weights_as_one() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TWO], check=False, capture_output=True, text=True, timeout=300,
        env={**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Received: --batch 3 on 2 devices. Use 4." in done.stdout


def test_one_device_is_the_plain_way() -> None:
    with placed("one", 3) as count:
        assert count == 1


def test_a_backend_that_cannot_share_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(EngineError, match="KERAS_BACKEND=jax"), placed("all", 4):
        pass
