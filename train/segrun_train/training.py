"""Train a network: from folders of pictures and masks to a RUN folder."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import keras

from segrun.card import RGB
from segrun.progress import Progress
from segrun.run_record import RUN_FILE, RunRecord
from segrun_train.augmentation import AUGMENTATIONS
from segrun_train.corpus import Corpus, read_corpus
from segrun_train.crops import CropPlan, TrainingCrops
from segrun_train.devices import placed
from segrun_train.environment import environment
from segrun_train.epoch_end import EpochEnd, StepReport
from segrun_train.losses import loss_named
from segrun_train.measurement import classes_with_thresholds, measure
from segrun_train.networks import build
from segrun_train.optimisation import jit_compile, make_optimizer
from segrun_train.run_folder import close_run, initial_weights, open_run, save_model
from segrun_train.run_state import RunState, load_state, save_state
from segrun_train.sample import Sample
from segrun_train.split import (
    Split,
    fold_of,
    group_by_parent_tile,
    group_by_regex,
    named_stems,
    split_samples,
    write_split,
)
from segrun_train.tiles import GridTiles
from segrun_train.train_options import TrainOptions
from segrun_train.watched import watched


def train(
    images: Sequence[Path],
    masks: Sequence[Path],
    out: Path,
    options: TrainOptions | None = None,
    progress: Progress | None = None,
) -> RunRecord:
    """Train a network and write a RUN folder (see ``docs/design.md``).

    Args:
        images: folders of pictures.
        masks: as many folders of masks, paired by stem.
        out: the RUN folder.
        options: how; None takes the defaults.
        progress: told of reading, steps and measuring.
    Returns:
        The record that also stands in ``out/run.json``.
    Raises:
        InputError: pictures, masks, names or a state that cannot be used.
        OutputError: the folder cannot be written or holds another run.
        ModelError: the loss ran away.
        EngineError: the devices cannot share the batch.
        ValueError: options that contradict each other.
    """
    options = options or TrainOptions()
    if options.resume and (out / RUN_FILE).exists():
        return RunRecord.read(out)
    corpus = read_corpus(
        images, masks, classes=len(options.classes), bands=options.bands, gsd_cm=options.gsd_cm,
        exclude=options.exclude, progress=progress,
    )  # fmt: skip
    split = _split(corpus, options)
    with _policy(options), placed(options.devices, options.resolved().batch) as devices:
        keras.utils.set_random_seed(options.seed)
        model = _build(options)
        resuming = open_run(out, resume=options.resume, overwrite=options.overwrite)
        write_split(corpus.samples, split, out)
        crops = _crops(split.of("train", corpus.samples), options)
        tiles = _tile_maker(options, devices)
        inner = tiles(split.of("inner", corpus.samples))
        try:
            state = _fit(model, crops, inner, out, options, _fingerprint(corpus, options), resuming, progress)
        finally:
            crops.close()
    deployed = build(
        options.resolved().network,
        options.tile,
        options.bands,
        len(options.classes),
        **options.network_options,
    )
    deployed.set_weights(state.best_weights)
    tiles = _tile_maker(options, 1)
    sha256 = save_model(deployed, out)
    record = _record(
        deployed, sha256, corpus, split, tiles, state, environment(devices, state.seconds), options, progress
    )
    record.write(out)
    close_run(out)
    return record


def _split(corpus: Corpus, options: TrainOptions) -> Split:
    rules = [named_stems(rule) for rule in options.held_out]
    fold = fold_of(corpus.samples, *options.fold) if options.fold else None
    group: Callable[[str], str] = lambda stem: stem  # noqa: E731
    if options.group_regex:
        group = group_by_regex(options.group_regex)
    elif options.group_zoom is not None:
        group = group_by_parent_tile(options.group_zoom)
    return split_samples(
        corpus.samples,
        held_out=lambda sample: (
            any(rule(sample.stem) for rule in rules) or (fold is not None and fold(sample))
        ),
        inner_fraction=options.resolved().validation,
        group=group,
        seed=options.seed,
    )


def _build(options: TrainOptions) -> keras.Model:
    recipe = options.resolved()
    model = build(
        recipe.network, options.tile, options.bands, len(options.classes), **options.network_options
    )
    if options.init is not None:
        initial_weights(model, options.init)
    return model


def _crops(samples: list[Sample], options: TrainOptions) -> TrainingCrops:
    recipe = options.resolved()
    if recipe.augment not in AUGMENTATIONS:
        raise ValueError(
            f"unknown augmentation. Received: {recipe.augment!r}. Use one of {', '.join(AUGMENTATIONS)}."
        )
    plan = CropPlan(
        options.tile, recipe.batch, AUGMENTATIONS[recipe.augment], recipe.steps, options.shares,
        options.gsd_range_cm, grey_mask=len(options.classes) == 1, seed=options.seed,
    )  # fmt: skip
    return TrainingCrops(samples, plan, workers=options.workers)


def _tile_maker(options: TrainOptions, devices: int) -> Callable[[list[Sample]], GridTiles | None]:
    def tiles(samples: list[Sample]) -> GridTiles | None:
        if not samples:
            return None
        batch = max(options.resolved().batch, devices)
        return GridTiles(samples, options.tile, batch, grey_mask=len(options.classes) == 1, multiple=devices)

    return tiles


def _fit(
    model: keras.Model,
    crops: TrainingCrops,
    inner: GridTiles | None,
    out: Path,
    options: TrainOptions,
    fingerprint: dict[str, Any],
    resuming: bool,  # noqa: FBT001 - private
    progress: Progress | None,
) -> RunState:
    recipe = options.resolved()
    model.compile(
        optimizer=make_optimizer(recipe, recipe.epochs * len(crops)),
        loss=loss_named(recipe.loss),
        metrics=watched(recipe.watched, len(options.classes)),
        jit_compile=jit_compile(keras.backend.backend()),
    )
    model.optimizer.build(model.trainable_variables)
    state = load_state(out, model, fingerprint) if resuming else RunState()
    after = EpochEnd(
        out, crops, inner, state, patience=recipe.patience, averaged=recipe.ema is not None,
        save=lambda: save_state(out, state, model, fingerprint), state_every_s=options.state_every_s,
    )  # fmt: skip
    callbacks = [after] if progress is None else [after, StepReport(progress, recipe.epochs, len(crops))]
    stopped = recipe.patience is not None and inner is not None and state.waited >= recipe.patience
    if not stopped and state.epoch < recipe.epochs:
        model.fit(
            crops,
            initial_epoch=state.epoch,
            epochs=recipe.epochs,
            callbacks=callbacks,
            shuffle=False,
            verbose=0,
        )
    return state


def _record(
    deployed: keras.Model,
    sha256: str,
    corpus: Corpus,
    split: Split,
    tiles: Callable[[list[Sample]], GridTiles | None],
    state: RunState,
    ran_on: dict[str, Any],
    options: TrainOptions,
    progress: Progress | None,
) -> RunRecord:
    count = len(options.classes)
    inner, held_out = (tiles(split.of(part, corpus.samples)) for part in ("inner", "held_out"))
    on_inner = measure(deployed, inner, count, progress, "choosing thresholds") if inner else None
    classes = classes_with_thresholds(options.classes, on_inner)
    metrics: dict[str, Any] = {
        "best_epoch": state.best_epoch,
        "epochs": state.epoch,
        "best_loss": state.best_loss,
    }
    metrics["pictures"] = {part: split.parts.count(part) for part in ("train", "inner", "held_out")}
    if on_inner is not None:
        metrics["inner"] = on_inner.report(classes)
    if held_out is not None:
        metrics["held_out"] = measure(deployed, held_out, count, progress, "measuring").report(classes)
    distances = [sample.gsd_cm for sample in corpus.samples if sample.gsd_cm is not None]
    trained_range = options.gsd_range_cm or ((min(distances), max(distances)) if distances else None)
    return RunRecord(
        name=options.name,
        network=options.resolved().network,
        classes=classes,
        tile=options.tile,
        activation="sigmoid" if count == 1 else "softmax",
        bands=RGB if options.bands == 3 else tuple(f"band{index + 1}" for index in range(options.bands)),
        gsd_cm=(trained_range[0] * trained_range[1]) ** 0.5 if trained_range else None,
        gsd_range_cm=trained_range,
        notices=options.notices,
        training_data=corpus.description,
        recipe=options.as_json(),
        metrics=metrics,
        environment=ran_on,
        model_sha256=sha256,
    )


def _fingerprint(corpus: Corpus, options: TrainOptions) -> dict[str, Any]:
    return {
        **options.as_json(),
        "training_data": list(corpus.description),
        "backend": keras.backend.backend(),
    }


@contextlib.contextmanager
def _policy(options: TrainOptions) -> Iterator[None]:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(options.precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
