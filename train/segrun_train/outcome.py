"""What a run came to: thresholds, figures and the record that export reads."""

from __future__ import annotations

import math
from typing import Any

import keras

from segrun.card import RGB
from segrun.progress import Progress
from segrun.run_record import RunRecord
from segrun_train.corpus import Corpus
from segrun_train.fingerprint import recipe_of
from segrun_train.measurement import Measurement, classes_with_thresholds, measure
from segrun_train.run_state import RunState
from segrun_train.sample import Sample
from segrun_train.split import Split
from segrun_train.tiles import GridTiles
from segrun_train.train_options import TrainOptions


def run_record(
    deployed: keras.Model,
    corpus: Corpus,
    split: Split,
    state: RunState,
    options: TrainOptions,
    *,
    sha256: str,
    ran_on: dict[str, Any],
    progress: Progress | None,
) -> RunRecord:
    """Choose thresholds, measure the held-out pictures once, and write the record's text.

    Thresholds are chosen on the inner split; where nothing was split off, on the training pictures, with ``train_only`` on
    those of them that may choose.

    Args:
        deployed: the model as saved.
        corpus: all pictures.
        split: their parts.
        state: how training ended.
        options: how it was asked for.
        sha256: of the model's file.
        ran_on: see ``environment.environment``.
        progress: told of each batch measured.
    """
    count = len(options.classes)

    def measured(samples: list[Sample], stage: str) -> Measurement:
        tiles = GridTiles(samples, options.tile, options.resolved().batch, grey_mask=count == 1)
        return measure(deployed, tiles, count, progress, stage)

    # Where every picture is trained on, they know better than 0.5, which is too low after a loss with Dice in it.
    part, choosing = split.choosing(corpus.samples)
    pictures = "the inner split" if part == "inner" else "the training pictures"
    chosen_on = measured(choosing, "choosing thresholds")
    classes = classes_with_thresholds(options.classes, chosen_on, pictures)
    held_out = split.of("held_out", corpus.samples)
    metrics: dict[str, Any] = {
        "epochs": state.epoch,
        "best_epoch": state.best_epoch,
        "best_loss": state.best_loss,
        "pictures": {name: split.parts.count(name) for name in ("train", "inner", "held_out")},
    }
    metrics[part] = chosen_on.report(classes)
    if held_out:
        metrics["held_out"] = measured(held_out, "measuring").report(classes)
    if len({sample.source for sample in held_out}) > 1:
        metrics["held_out_of"] = {}
        for source, folder in enumerate(corpus.description):
            there = [sample for sample in held_out if sample.source == source]
            if there:
                found = measured(there, "measuring by folder")
                metrics["held_out_of"][f"{source} {folder['name']}"] = found.report(classes)
    gsd_cm, gsd_range_cm = trained_distances(corpus, split, options)
    return RunRecord(
        name=options.name,
        network=options.resolved().network,
        classes=classes,
        tile=options.tile,
        activation="sigmoid" if count == 1 else "softmax",
        bands=RGB if options.bands == 3 else tuple(f"band{index + 1}" for index in range(options.bands)),
        gsd_cm=gsd_cm,
        gsd_range_cm=gsd_range_cm,
        notices=options.notices,
        training_data=_training_data(corpus, split),
        recipe=recipe_of(options),
        metrics=metrics,
        environment=ran_on,
        model_sha256=sha256,
    )


def _training_data(corpus: Corpus, split: Split) -> tuple[dict[str, Any], ...]:
    """Return what was trained on, folder by folder: pictures held out are no training data."""
    sources = [
        sample.source for sample, part in zip(corpus.samples, split.parts, strict=True) if part != "held_out"
    ]
    return tuple(
        {**folder, "pairs": sources.count(source)} for source, folder in enumerate(corpus.description)
    )


def trained_distances(
    corpus: Corpus, split: Split, options: TrainOptions
) -> tuple[float | None, tuple[float, float] | None]:
    """Return the middle and the range of the ground distances that were trained, cm per pixel.

    Crops are resampled to the range asked for only where the picture's own distance is known.
    """
    trained = split.of("train", corpus.samples)
    known = [sample.gsd_cm for sample in trained if sample.gsd_cm is not None]
    if not known:
        return None, None
    low, high = (round(value, 2) for value in options.gsd_range_cm or (min(known), max(known)))
    return round(math.sqrt(low * high), 2), (low, high)
