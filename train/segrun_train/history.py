"""The course of a run, as ``history.csv`` and, where tensorflow is importable, as TensorBoard events."""

from __future__ import annotations

import csv
import importlib.util
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from segrun.atomic import write_bytes

HISTORY_FILE = "history.csv"
TENSORBOARD_DIR = "tensorboard"


def write_history(run: Path, rows: Sequence[dict[str, float]]) -> None:
    """Write one line an epoch; columns as they first appear."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _short(value) for key, value in row.items()} for row in rows)
    write_bytes(run / HISTORY_FILE, text.getvalue().encode())


class Events:
    """TensorBoard's event files; does nothing where tensorflow is absent.

    Args:
        run: the RUN folder.
    """

    def __init__(self, run: Path) -> None:
        self._writer: Any = None
        if importlib.util.find_spec("tensorflow") is None:
            return
        import tensorflow as tf

        if keras.backend.backend() != "tensorflow":
            # Else tensorflow would take the accelerator's memory from the backend that trains.
            tf.config.set_visible_devices([], "GPU")
        self._summary = tf.summary
        self._writer = tf.summary.create_file_writer(str(run / TENSORBOARD_DIR))

    def write(self, row: dict[str, float]) -> None:
        """Write one epoch's figures."""
        if self._writer is None:
            return
        with self._writer.as_default(step=int(row["epoch"])):
            for key, value in row.items():
                if key != "epoch":
                    self._summary.scalar(key, value)
        self._writer.flush()


def _short(value: float) -> float | str:
    return value if isinstance(value, int) else f"{value:.7g}"
