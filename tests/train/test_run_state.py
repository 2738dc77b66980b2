from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest

from segrun.errors import InputError
from segrun_train import TrainOptions
from segrun_train.fingerprint import Fingerprint
from segrun_train.run_state import STATE_FILE, RunState, load_state, save_state


def compiled() -> keras.Model:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(), loss="mse", jit_compile=False)
    model.optimizer.build(model.trainable_variables)
    return model


def fingerprint() -> Fingerprint:
    return {**TrainOptions().as_json(), "training_data": [], "split": "2 train", "backend": "any"}


def without_rows(path: Path) -> None:
    with np.load(path) as arrays:
        kept = dict(arrays)
    saved = json.loads(kept["json"].tobytes())
    saved["state"]["column"] = 1
    kept["json"] = np.frombuffer(json.dumps(saved).encode(), np.uint8)
    np.savez(path, **kept)


def of_a_list(path: Path) -> None:
    np.savez(path, json=np.frombuffer(b"[1]", np.uint8))


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[content.index(b'"epoch"')] ^= 1
    path.write_bytes(content)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [cut_short, flipped, emptied, of_a_list, without_rows])
def test_a_damaged_state_is_said_in_one_line(damage: Callable[[Path], None], tmp_path: Path) -> None:
    model = compiled()
    save_state(tmp_path, RunState(epoch=3), model, fingerprint())
    assert load_state(tmp_path, model, fingerprint()).epoch == 3
    damage(tmp_path / STATE_FILE)
    with pytest.raises(InputError, match=r"cannot be resumed.*Start again with --overwrite") as found:
        load_state(tmp_path, model, fingerprint())
    assert "\n" not in str(found.value)
