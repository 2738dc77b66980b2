"""Which pictures prove an artefact and which ones calibrate it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from segrun.errors import InputError
from segrun.pairs import Pair

SPLIT_FILE = "split.csv"
# Below this number every picture does both: half of a few would prove little.
_FEWEST_TO_SHARE = 8


@dataclass(frozen=True)
class Roles:
    """The user's pictures by what they are used for.

    Args:
        proof: parity, thresholds and golden tiles.
        calibration: ranges of int8.
        source: in a few words, how they were told apart.
    """

    proof: tuple[Pair, ...]
    calibration: tuple[Pair, ...]
    source: str


def roles_of(pairs: Sequence[Pair], run: Path) -> Roles:
    """Tell pictures apart by the split that training wrote, else take turns.

    Args:
        pairs: what the user gave.
        run: folder of the model; ``split.csv`` in it says which pictures trained.
    Raises:
        InputError: ``split.csv`` is damaged.
    """
    if not pairs:
        raise InputError("export needs pictures with masks. Received: none. Give --images and --masks.")
    parts = _parts(run / SPLIT_FILE)
    inner = tuple(pair for pair in pairs if parts.get(pair.image.resolve()) == "inner")
    trained = tuple(pair for pair in pairs if parts.get(pair.image.resolve()) == "train")
    if inner and trained:
        return Roles(inner, trained, f"{SPLIT_FILE}: inner pictures prove, training pictures calibrate")
    everything = tuple(pairs)
    if len(pairs) < _FEWEST_TO_SHARE:
        return Roles(everything, everything, "every picture proves and calibrates")
    return Roles(everything[::2], everything[1::2], "pictures take turns in proving and calibrating")


def _parts(path: Path) -> dict[Path, str]:
    if not path.exists():
        return {}
    try:
        with path.open(newline="", encoding="utf-8") as handle:
            # The pictures stand there as they were given to segrun train, relative to the folder it ran in.
            return {Path(row["image"]).resolve(): row["part"] for row in csv.DictReader(handle)}
    except (OSError, KeyError, UnicodeDecodeError, csv.Error, TypeError) as error:
        raise InputError(
            f"{path} is not a split of segrun train ({error}). Remove it or train again."
        ) from error
