"""What a report knows of one run: its record, its course and how it does on pictures it never trained on."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from segrun.errors import InputError
from segrun.pairs import Pair
from segrun.run_record import MODEL_FILE, RunRecord
from segrun_train.evaluate_report import EvaluationReport
from segrun_train.evaluate_split import read_split

# That of ``segrun_train.history``, which would import Keras.
HISTORY_FILE = "history.csv"


@dataclass(frozen=True)
class RunCourse:
    """One RUN folder as read from disk.

    Args:
        folder: the RUN folder.
        label: short name, different for every run of a report.
        record: its ``run.json``.
        history: columns of ``history.csv``, as many values as epochs; None where a value is missing.
    """

    folder: Path
    label: str
    record: RunRecord
    history: dict[str, tuple[float | None, ...]]

    @property
    def model(self) -> Path:
        """The model file."""
        return self.folder / MODEL_FILE

    def unseen(self) -> tuple[str, list[Pair]]:
        """Return the part of the split that never trained, and its pictures: ``held_out``, else ``inner``."""
        parts = read_split(self.folder)
        part = "held_out" if parts["held_out"] else "inner"
        return part, parts[part]


@dataclass(frozen=True)
class RunResult:
    """A run and how it does.

    Args:
        course: the run.
        part: which pictures were measured, in words.
        evaluation: None where none of its pictures is here any more.
    """

    course: RunCourse
    part: str
    evaluation: EvaluationReport | None


def read_runs(folders: Sequence[Path]) -> list[RunCourse]:
    """Read RUN folders; those of one name are told apart by number.

    Raises:
        InputError: not a finished run, or a damaged history.
    """
    records = [RunRecord.read(folder) for folder in folders]
    labels: list[str] = []
    for record in records:
        taken = sum(label == record.name or label.startswith(f"{record.name} (") for label in labels)
        labels.append(f"{record.name} ({taken + 1})" if taken else record.name)
    return [
        RunCourse(folder, label, record, read_history(folder))
        for folder, label, record in zip(folders, labels, records, strict=True)
    ]


def read_history(run: Path) -> dict[str, tuple[float | None, ...]]:
    """Return the columns of ``history.csv``; nothing where no file stands.

    Raises:
        InputError: damaged.
    """
    path = run / HISTORY_FILE
    if not path.exists():
        return {}
    try:
        with path.open(newline="", encoding="utf-8") as handle:
            rows = list(csv.DictReader(handle))
        names = list(rows[0]) if rows else []
        return {name: tuple(float(row[name]) if row[name] else None for row in rows) for name in names}
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path} is damaged ({error!r}). Train again, or remove it.") from error


def shared_pairs(unseen: Sequence[Sequence[Pair]]) -> list[Pair]:
    """Return the pairs, in the first run's order, that no run trained on and that are still here."""
    common = set.intersection(*({pair.image.resolve() for pair in pairs} for pairs in unseen))
    return [pair for pair in unseen[0] if pair.image.resolve() in common]
