"""Which pictures prove an artefact and which ones calibrate it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from segrun.errors import InputError
from segrun_export.shown import Shown

SPLIT_FILE = "split.csv"
# Below this number every picture does both, and the report says so: half of so few would prove little.
_FEWEST_TO_SHARE = 4


@dataclass(frozen=True)
class Roles:
    """The user's pictures by what they are used for.

    Args:
        proof: parity, thresholds and golden tiles.
        calibration: ranges of int8.
        source: in a few words, how they were told apart.
    """

    proof: tuple[Shown, ...]
    calibration: tuple[Shown, ...]
    source: str


def roles_of(pictures: Sequence[Shown], run: Path, calibration: Sequence[Shown] = ()) -> Roles:
    """Tell pictures apart: by what the user said, else by the split that training wrote, else they take turns.

    Args:
        pictures: what the user gave.
        run: folder of the model; ``split.csv`` in it says which pictures trained.
        calibration: pictures that shall calibrate; then all others prove.
    Raises:
        InputError: no pictures, none left to prove, or ``split.csv`` is damaged.
    """
    if not pictures:
        raise InputError(
            "export needs pictures. Received: none. Give --images, with --masks where truth is known."
        )
    everything = tuple(pictures)
    if calibration:
        taken = {picture.image.resolve() for picture in calibration}
        proof = tuple(picture for picture in everything if picture.image.resolve() not in taken)
        if not proof:
            raise InputError(
                f"the pictures that prove must be others than those that calibrate. Received: the same {len(everything)}. "
                "Give other --images, or leave --calibration-images away."
            )
        return Roles(proof, tuple(calibration), "--images prove, --calibration-images calibrate")
    parts = _parts(run / SPLIT_FILE)
    inner = tuple(picture for picture in everything if parts.get(picture.image.resolve()) == "inner")
    trained = tuple(picture for picture in everything if parts.get(picture.image.resolve()) == "train")
    if inner and trained:
        return Roles(inner, trained, f"{SPLIT_FILE}: inner pictures prove, training pictures calibrate")
    if len(everything) < _FEWEST_TO_SHARE:
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
