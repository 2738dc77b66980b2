"""What happens after each epoch: measure on the inner split, keep the best, stop early, write things down."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np

from segrun.errors import ModelError
from segrun.progress import Progress
from segrun_train.crops import TrainingCrops
from segrun_train.history import Events, write_history
from segrun_train.run_state import RunState
from segrun_train.tiles import GridTiles


class EpochEnd(keras.callbacks.Callback):  # type: ignore[misc]  # keras ships no types
    """Keras's early stopping, checkpoint, logger and backup in one, since a resumed run needs all their states.

    Args:
        run: the RUN folder.
        crops: the training batches, told which epoch comes.
        inner: the tiles to choose by; None keeps the last epoch.
        state: where the run stands; changed in place.
        patience: epochs without a better loss before stopping; None never stops.
        averaged: whether the optimizer holds a running mean of weights, to be measured and kept instead of them.
        save: writes the state to disk; called when that is due.
        state_every_s: seconds between saves.
    """

    def __init__(
        self,
        run: Path,
        crops: TrainingCrops,
        inner: GridTiles | None,
        state: RunState,
        *,
        patience: int | None,
        averaged: bool,
        save: Callable[[], None],
        state_every_s: float,
    ) -> None:
        super().__init__()
        self.run = run
        self.crops = crops
        self.inner = inner
        self.state = state
        self.patience = patience
        self.averaged = averaged
        self.save = save
        self.state_every_s = state_every_s
        self._events = Events(run)
        self._saved = self._began = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Turn to the batches of this epoch."""
        self.crops.epoch = epoch
        self._began = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Measure, keep, stop, write.

        Raises:
            ModelError: the loss is not a number.
        """
        row: dict[str, float] = {"epoch": epoch, **{key: float(value) for key, value in (logs or {}).items()}}
        with self._measured_weights():
            if self.inner is not None:
                found = self.model.evaluate(self.inner, verbose=0, return_dict=True)
                row |= {f"val_{key}": float(value) for key, value in found.items()}
            self._keep_if_better(epoch, row)
        state = self.state
        row["learning_rate"] = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        row["seconds"] = time.monotonic() - self._began
        state.rows.append(row)
        state.epoch = epoch + 1
        state.seconds += row["seconds"]
        write_history(self.run, state.rows)
        self._events.write(row)
        self.model.stop_training = self.should_stop()
        if time.monotonic() - self._saved >= self.state_every_s:
            self.save()
            self._saved = time.monotonic()

    def should_stop(self) -> bool:
        """Say whether the patience has run out."""
        return self.inner is not None and self.patience is not None and self.state.waited >= self.patience

    def _keep_if_better(self, epoch: int, row: dict[str, float]) -> None:
        loss = row.get("val_loss", row["loss"])
        if not (math.isfinite(loss) and math.isfinite(row["loss"])):
            raise ModelError(
                f"training ran away. Received: loss {row['loss']} in epoch {epoch + 1}. Lower --learning-rate."
            )
        state = self.state
        if self.inner is None or state.best_loss is None or loss < state.best_loss:
            state.best_loss, state.best_epoch, state.waited = loss, epoch, 0
            state.best_weights = [np.array(weight) for weight in self.model.get_weights()]
        else:
            state.waited += 1

    @contextlib.contextmanager
    def _measured_weights(self) -> Iterator[None]:
        if not self.averaged:
            yield
            return
        swap = keras.callbacks.SwapEMAWeights()
        swap.set_model(self.model)
        swap.on_test_begin()
        try:
            yield
        finally:
            swap.on_test_end()


class StepReport(keras.callbacks.Callback):  # type: ignore[misc]  # keras ships no types
    """Tell a ``Progress`` of every step, without making the device wait for the logs."""

    async_safe = True

    def __init__(self, progress: Progress | None, epochs: int, steps: int) -> None:
        super().__init__()
        self._progress = progress
        self._epochs, self._steps = epochs, steps
        self._done = 0
        self._lock = threading.Lock()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Say how many epochs are done."""
        self._done = 0
        self._tell("epochs", epoch, self._epochs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Report the step; Keras's threads may bring steps out of order."""
        with self._lock:
            self._done = max(self._done, batch + 1)
            self._tell("steps of the epoch", self._done, self._steps)

    def on_train_end(self, logs: Any = None) -> None:  # noqa: ARG002
        """Say that the last epoch is done, be it an early one."""
        self._tell("epochs", self._epochs, self._epochs)

    def _tell(self, stage: str, done: int, total: int) -> None:
        if self._progress is not None:
            self._progress(stage, done, total)
