"""Read back the ``split.csv`` of a RUN folder: which pictures trained a model."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from segrun.errors import InputError
from segrun.pairs import Pair

SPLIT_FILE = "split.csv"


def read_split(run: Path) -> dict[str, list[Pair]]:
    """Return the pairs of a run by part: ``train``, ``inner`` and ``held_out``; nothing where no file stands.

    Paths are as they were given to ``segrun train``, relative to the folder it ran in.

    Raises:
        InputError: damaged.
    """
    path = run / SPLIT_FILE
    parts: dict[str, list[Pair]] = {"train": [], "inner": [], "held_out": []}
    if not path.exists():
        return parts
    try:
        with path.open(newline="", encoding="utf-8") as handle:
            for row in csv.DictReader(handle):
                parts[row["part"]].append(Pair(row["stem"], Path(row["image"]), Path(row["mask"])))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path} is damaged ({error!r}). Train again, or remove it.") from error
    return parts


def trained_among(pairs: Sequence[Pair], run: Path) -> int:
    """Count the pairs whose picture trained the model of a RUN folder."""
    trained = {pair.image.resolve() for pair in read_split(run)["train"]}
    return sum(pair.image.resolve() in trained for pair in pairs)
