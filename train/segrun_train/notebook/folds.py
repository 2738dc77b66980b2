"""The notebook's method on five folds, as ``train/dida/folds.sh notebook`` leaves it: what it says, and what is so."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from segrun.errors import InputError
from segrun.run_record import RUN_FILE, RunRecord
from segrun_train.report_run import read_history

FOLDS = 5


@dataclass(frozen=True)
class FoldFound:
    """One training and its unseen pictures.

    Args:
        fold: every fifth source picture from this one was set aside, with all its copies.
        epochs: trained.
        best_epoch: of the lowest validation loss, from 1.
        best_accuracy: highest validation accuracy of any epoch.
        threshold: of the scores, chosen on the validation pictures.
        validation_iou: of roofs at ``threshold`` on the validation pictures, which have copies in training.
        unseen_iou: the same on the pictures set aside, as they are.
        seconds: spent training.
    """

    fold: int
    epochs: int
    best_epoch: int
    best_accuracy: float
    threshold: float
    validation_iou: float
    unseen_iou: float
    seconds: float


def read_folds(work: Path | None) -> tuple[FoldFound, ...]:
    """Return the folds that were trained below ``work``, in order; none where there is no such folder to read.

    Raises:
        InputError: ``work`` is given and holds no fold, or a damaged one.
    """
    if work is None:
        return ()
    runs = [(fold, work / f"notebook-{fold}") for fold in range(FOLDS)]
    found = tuple(_read_fold(fold, run) for fold, run in runs if run.with_suffix(".json").exists())
    if not found:
        raise InputError(
            f"no fold of the notebook's method. Received: {work}. Run train/dida/folds.sh notebook DATA {work} first."
        )
    return found


def _read_fold(fold: int, run: Path) -> FoldFound:
    if not (run / RUN_FILE).exists():
        raise InputError(f"a fold without its run. Received: {run}. Run train/dida/folds.sh again.")
    record, history = RunRecord.read(run), read_history(run)
    (unseen,) = json.loads(run.with_suffix(".json").read_text(encoding="utf-8"))["all_pixels"]
    (inner,) = record.metrics["inner"].values()
    return FoldFound(
        fold, record.metrics["epochs"], record.metrics["best_epoch"] + 1,
        max(value for value in history["val_accuracy"] if value is not None),
        inner["threshold"], inner["all_pixels"]["iou"], unseen["at_threshold"]["iou"],
        float(record.environment["seconds"]),
    )  # fmt: skip
