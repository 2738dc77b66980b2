"""All experiments in one pass, and the trainings that were run before."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from segrun.errors import InputError
from segrun.pairs import find_pairs
from segrun.pictures import read_picture
from segrun.progress import Progress
from segrun_train.notebook.focal_fit import FocalFound, focal_against_bce
from segrun_train.notebook.folds import FoldFound
from segrun_train.notebook.grey_cap import perfect_accuracy
from segrun_train.notebook.masks import MaskSet, augmented, originals, read_labels
from segrun_train.notebook.mean_iou import MeanIoUFound, blends, mean_iou_of
from segrun_train.notebook.published import (
    FOCAL,
    TRAINING_BLACK,
    TRAINING_CONSTANT,
    VALIDATION_BLACK,
    VALIDATION_CONSTANT,
    Labels,
    labels_behind,
)
from segrun_train.notebook.shared_layers import SharedFound, shared_layers
from segrun_train.notebook.twins import TwinsFound, count_twins

# Enough for a measure of pixels; the metric sees each of them on its own.
_MASKS_FOR_METRIC = 81


@dataclass(frozen=True)
class Found:
    """Everything the page says.

    Args:
        validation: labels behind the printed validation figures.
        training: labels behind the printed training figures.
        sets: the originals, the grey set, the binary set.
        perfect_grey: Keras's accuracy of the perfect answer on the grey set.
        perfect_binary: the same on the binary set.
        mean_iou: of the grey set.
        blends: ``(share of truth, MeanIoU, IoU)``.
        shared: of the three models.
        focal: of the losses.
        twins: of the split.
        folds: trainings of the notebook's method, as far as they were run.
        seed: of everything random.
    """

    validation: Labels
    training: Labels
    sets: tuple[MaskSet, MaskSet, MaskSet]
    perfect_grey: float
    perfect_binary: float
    mean_iou: MeanIoUFound
    blends: tuple[tuple[float, float, float], ...]
    shared: SharedFound
    focal: FocalFound
    twins: TwinsFound
    folds: tuple[FoldFound, ...]
    seed: int


def write_sets(data: Path, runs: Path, seed: int, progress: Progress | None) -> dict[str, MaskSet]:
    """Write both augmented sets below ``runs``.

    Raises:
        InputError: ``data`` is not the notebook's set.
    """
    if not (data / "images").is_dir() or not (data / "masks").is_dir():
        raise InputError(
            f"not the notebook's pictures. Received: {data}. Name a folder with images/ and masks/."
        )
    return {
        kind: augmented(data, runs / f"set-{kind}", grey=kind == "grey", seed=seed, progress=progress)
        for kind in ("grey", "binary")
    }


def run_experiments(
    data: Path, sets: dict[str, MaskSet], folds: tuple[FoldFound, ...], seed: int, progress: Progress | None
) -> Found:
    """Run what needs no training.

    Args:
        data: the notebook's pictures and masks.
        sets: of ``write_sets``.
        folds: what was trained.
        seed: of everything random.
        progress: told of each experiment.
    """
    steps = iter(range(1, 6))

    def tell() -> None:
        if progress is not None:
            progress("experiments", next(steps), 5)

    grey, binary, plain = sets["grey"], sets["binary"], originals(data)
    validation = labels_behind(VALIDATION_BLACK, VALIDATION_CONSTANT)
    every = read_labels(grey)
    labels = every[:: max(1, len(every) // _MASKS_FOR_METRIC)]
    perfect = perfect_accuracy(every), perfect_accuracy(read_labels(binary))
    measured = mean_iou_of(labels, seed)
    tell()
    blended = tuple(blends(labels[::4], seed=seed))
    tell()
    pairs = [
        pair for pair in find_pairs([plain.images], [plain.masks], strict=False) if pair.stem in plain.stems
    ]
    shared = shared_layers(
        [read_picture(pair.image).pixels for pair in pairs[:8]], read_labels(plain)[:8], seed
    )
    tell()
    focal = focal_against_bce(validation, FOCAL.validation_loss[0])
    tell()
    twins = count_twins(grey.sources)
    tell()
    return Found(
        validation, labels_behind(TRAINING_BLACK, TRAINING_CONSTANT), (plain, grey, binary), *perfect, measured,
        blended, shared, focal, twins, folds, seed,
    )  # fmt: skip
