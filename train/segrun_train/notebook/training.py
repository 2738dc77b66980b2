"""The experiments that need training: each one run in a folder of its own, which a second call reads or goes on with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from segrun.progress import Progress
from segrun.run_record import RUN_FILE, RunRecord
from segrun_train.augment_set import SOURCE_REGEX
from segrun_train.notebook.masks import MaskSet
from segrun_train.report_run import read_history
from segrun_train.train_options import TrainOptions


@dataclass(frozen=True)
class Trial:
    """One training.

    Args:
        name: of its folder.
        recipe: the notebook's.
        masks: as Augmentor leaves them, or made binary after each operation.
        split: of training and validation: at random, as the notebook did, or by source picture.
    """

    name: str
    recipe: Literal["accuracy", "iou", "focal"]
    masks: Literal["grey", "binary"]
    split: Literal["random", "source"]


TRIALS = (
    Trial("accuracy-grey-random", "accuracy", "grey", "random"),
    Trial("iou-grey-random", "iou", "grey", "random"),
    Trial("focal-grey-random", "focal", "grey", "random"),
    Trial("accuracy-binary-random", "accuracy", "binary", "random"),
    Trial("accuracy-binary-source", "accuracy", "binary", "source"),
)


@dataclass(frozen=True)
class TrialFound:
    """What one training came to.

    Args:
        trial: which.
        epochs: trained.
        best_epoch: of the lowest validation loss, from 1.
        best_accuracy: highest validation accuracy of any epoch; None where it was not watched.
        mean_iou: lowest and highest ``val_mean_io_u``; None where it was not watched.
        validation_iou: of roofs at 0.5 on the validation pictures, by the weights that were kept.
        unseen_iou: the same on the pictures set aside with all their copies.
        seconds: spent training.
        device: that trained.
    """

    trial: Trial
    epochs: int
    best_epoch: int
    best_accuracy: float | None
    mean_iou: tuple[float, float] | None
    validation_iou: float
    unseen_iou: float
    seconds: float
    device: str


def run_trials(
    runs: Path, sets: dict[str, MaskSet], trials: Sequence[Trial], *, epochs: int | None, seed: int,
    progress: Progress | None,
) -> None:  # fmt: skip
    """Train what is not trained yet; a killed run goes on where it stood.

    Args:
        runs: receives one RUN folder for each trial.
        sets: the augmented sets by the trials' word for masks.
        trials: which.
        epochs: at most this many in place of the recipe's 70.
        seed: of everything random.
        progress: told of each step.
    Raises:
        SegrunError: as ``segrun_train.train`` does.
    """
    from segrun_train.training import train

    for trial in trials:
        found = sets[trial.masks]
        options = trial_options(trial, found.sources, epochs=epochs, seed=seed)
        train([found.images], [found.masks], runs / trial.name, options, progress)


def trial_options(trial: Trial, sources: Sequence[str], *, epochs: int | None, seed: int) -> TrainOptions:
    """Return how a trial trains: every fifth source picture is set aside with all its copies, as fold 0 of the data."""
    away = "|".join(re.escape(name) for name in sorted(set(sources))[::5])
    return TrainOptions(
        recipe=trial.recipe, overrides={} if epochs is None else {"epochs": epochs}, name=trial.name,
        held_out=(rf"^({away})(_aug\d+)?$",), grey_truth=trial.masks == "grey", seed=seed, resume=True,
        group_regex=f"^{SOURCE_REGEX}" if trial.split == "source" else None,
    )  # fmt: skip


def read_trial(runs: Path, trial: Trial) -> TrialFound | None:
    """Return what a finished trial came to, None where it has not finished.

    Raises:
        InputError: a damaged run.
    """
    folder = runs / trial.name
    if not (folder / RUN_FILE).exists():
        return None
    record, history = RunRecord.read(folder), read_history(folder)
    accuracy, watched = (_known(history, f"val_{name}") for name in ("accuracy", "mean_io_u"))
    return TrialFound(
        trial, record.metrics["epochs"], record.metrics["best_epoch"] + 1, max(accuracy, default=None),
        (min(watched), max(watched)) if watched else None, _iou(record, "inner"), _iou(record, "held_out"),
        float(record.environment["seconds"]), str(record.environment["device"]),
    )  # fmt: skip


def _known(history: dict[str, tuple[float | None, ...]], name: str) -> list[float]:
    return [value for value in history.get(name, ()) if value is not None]


def _iou(record: RunRecord, part: str) -> float:
    figures: dict[str, Any] = record.metrics[part]
    (found,) = figures.values()
    return float(found["all_pixels_at_half"]["iou"])
