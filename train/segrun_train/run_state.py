"""What a killed run needs to go on as if nothing had happened: one file, whole or absent."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from segrun.atomic import replacing
from segrun.errors import InputError
from segrun_train.fingerprint import Fingerprint, refuse_other

STATE_FILE = Path("state") / "epoch.npz"
Weights = list[NDArray[np.float32]]


@dataclass
class RunState:
    """Where a run stands after an epoch.

    Args:
        epoch: epochs done.
        waited: epochs since the best.
        best_loss: lowest validation loss so far; None before the first.
        best_epoch: the epoch, from 0, that gave it.
        best_weights: the weights of that epoch.
        rows: one dictionary an epoch, as in ``history.csv``.
        seconds: spent training so far.
    """

    epoch: int = 0
    waited: int = 0
    best_loss: float | None = None
    best_epoch: int = -1
    best_weights: Weights = field(default_factory=list)
    rows: list[dict[str, float]] = field(default_factory=list)
    seconds: float = 0.0


def save_state(run: Path, state: RunState, model: keras.Model, fingerprint: Fingerprint) -> None:
    """Save weights, seed states, optimizer variables and the run's own state in one step."""
    arrays = {f"model{index}": _numpy(variable) for index, variable in enumerate(model.variables)}
    arrays |= {f"optimizer{index}": _numpy(v) for index, v in enumerate(model.optimizer.variables)}
    arrays |= {f"best{index}": weight for index, weight in enumerate(state.best_weights)}
    own = {key: value for key, value in vars(state).items() if key != "best_weights"}
    text = json.dumps({"state": own, "fingerprint": fingerprint, "best": len(state.best_weights)})
    arrays["json"] = np.frombuffer(text.encode(), np.uint8)
    (run / STATE_FILE).parent.mkdir(exist_ok=True)
    with replacing(run / STATE_FILE) as path:
        np.savez(path, **arrays)  # type: ignore[arg-type]  # numpy's stub mistakes the names for allow_pickle


def load_state(run: Path, model: keras.Model, fingerprint: Fingerprint) -> RunState:
    """Put a saved state into a freshly built and compiled model.

    Raises:
        InputError: the state is of a run with other options or pictures, or damaged.
    """
    try:
        with (run / STATE_FILE).open("rb") as file, np.load(file) as arrays:
            saved = json.loads(arrays["json"].tobytes())
            refuse_other(saved["fingerprint"], fingerprint, run)
            _assign(model.variables, arrays, "model")
            _assign(model.optimizer.variables, arrays, "optimizer")
            best = [arrays[f"best{index}"] for index in range(saved["best"])]
            return RunState(**saved["state"], best_weights=best)
    except (KeyError, TypeError, ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{run / STATE_FILE} cannot be resumed ({error!r}). Start again with --overwrite."
        ) from error


def _assign(variables: list[Any], arrays: Any, prefix: str) -> None:
    for index, variable in enumerate(variables):
        variable.assign(arrays[f"{prefix}{index}"])


def _numpy(variable: Any) -> NDArray[Any]:
    return np.asarray(keras.ops.convert_to_numpy(variable))
