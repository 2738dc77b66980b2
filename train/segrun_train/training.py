"""Train a network: from folders of pictures and masks to a RUN folder."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import keras

from segrun.progress import Progress
from segrun.run_record import RUN_FILE, RunRecord
from segrun_train.corpus import Corpus, list_corpus, read_corpus
from segrun_train.crops import TrainingCrops
from segrun_train.devices import placed
from segrun_train.environment import environment
from segrun_train.epoch_end import EpochEnd, StepReport
from segrun_train.fingerprint import fingerprint_of, refuse_other
from segrun_train.losses import loss_named
from segrun_train.networks import build
from segrun_train.optimisation import jit_compile, make_optimizer
from segrun_train.option_check import check_options, plan_of
from segrun_train.outcome import run_record
from segrun_train.output_folder import refuse_inputs
from segrun_train.run_folder import check_run, close_run, initial_weights, open_run, save_model, writing
from segrun_train.run_state import RunState, load_state, save_state
from segrun_train.split import Split, split_rules, split_samples, write_split
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
        The record that also stands in ``out/run.json``; of the finished run, where there is one to resume.
    Raises:
        InputError: pictures, masks, names or a state that cannot be used, or another run to resume.
        OutputError: the folder cannot be written, is or holds an input, or holds another run or something else.
        ModelError: the loss ran away.
        EngineError: the devices cannot share the batch.
        ValueError: options that contradict each other.
    """
    options = options or TrainOptions()
    check_options(options, len(images))
    if options.resume and not options.overwrite and (out / RUN_FILE).exists():
        return _finished(images, masks, out, options)
    refuse_inputs([out], [*images, *masks])
    check_run(out, resume=options.resume, overwrite=options.overwrite)
    keras.utils.set_random_seed(options.seed)
    deployed = _build(options)
    if options.init is not None:
        initial_weights(deployed, options.init)
    corpus = read_corpus(
        images, masks, classes=len(options.classes), bands=options.bands, gsd_cm=options.gsd_cm,
        exclude=options.exclude, progress=progress,
    )  # fmt: skip
    split = split_samples(corpus.samples, **split_rules(options, corpus.samples))
    with writing(out):
        resuming = open_run(out, resume=options.resume, overwrite=options.overwrite)
        state, devices = _fit(deployed, corpus, split, out, options, resuming=resuming, progress=progress)
        deployed.set_weights(state.best_weights)
        sha256 = save_model(deployed, out)
        ran_on = environment(devices, state.seconds)
        record = run_record(
            deployed, corpus, split, state, options, sha256=sha256, ran_on=ran_on, progress=progress
        )
        record.write(out)
        close_run(out)
    return record


def _finished(images: Sequence[Path], masks: Sequence[Path], out: Path, options: TrainOptions) -> RunRecord:
    """Return the record of a finished run, if it is the one asked for."""
    record = RunRecord.read(out)
    corpus = list_corpus(images, masks, gsd_cm=options.gsd_cm, exclude=options.exclude)
    split = split_samples(corpus.samples, **split_rules(options, corpus.samples))
    wanted = fingerprint_of(corpus, split, options, keras.backend.backend())
    refuse_other({**record.recipe, "training_data": list(record.training_data)}, wanted, out)
    return record


def _fit(
    deployed: keras.Model,
    corpus: Corpus,
    split: Split,
    out: Path,
    options: TrainOptions,
    *,
    resuming: bool,
    progress: Progress | None,
) -> tuple[RunState, int]:
    """Train, and return where it ended and how many devices shared a batch."""
    recipe = options.resolved()
    with _policy(options.precision), _one_thread_each(), placed(options.devices, recipe.batch) as devices:
        keras.utils.set_random_seed(options.seed)
        model = _build(options)
        model.set_weights(deployed.get_weights())
        crops = TrainingCrops(
            split.of("train", corpus.samples), plan_of(options), workers=options.workers, devices=devices
        )
        model.compile(
            optimizer=make_optimizer(recipe, recipe.epochs * len(crops)),
            loss=loss_named(recipe.loss),
            metrics=watched(recipe.watched, len(options.classes)),
            jit_compile=jit_compile(keras.backend.backend()),
        )
        model.optimizer.build(model.trainable_variables)
        fingerprint = fingerprint_of(corpus, split, options, keras.backend.backend())
        state = load_state(out, model, fingerprint) if resuming else RunState()
        write_split(corpus.samples, split, out)
        inner = split.of("inner", corpus.samples)
        tiles = GridTiles(
            inner,
            options.tile,
            recipe.batch,
            grey_mask=len(options.classes) == 1,
            grey_truth=options.grey_truth,
            devices=devices,
        )

        def save() -> None:
            deployed.set_weights(state.best_weights)
            save_model(deployed, out)
            save_state(out, state, model, fingerprint)

        after = EpochEnd(
            out, crops, tiles if inner else None, state, patience=recipe.patience, averaged=recipe.ema is not None,
            save=save, state_every_s=options.state_every_s,
        )  # fmt: skip
        callbacks = [after, StepReport(progress, recipe.epochs, len(crops))]
        with contextlib.closing(crops):
            if state.epoch < recipe.epochs and not after.should_stop():
                model.fit(
                    crops,
                    initial_epoch=state.epoch,
                    epochs=recipe.epochs,
                    callbacks=callbacks,
                    shuffle=False,
                    verbose=0,
                )
        return state, devices


def _build(options: TrainOptions) -> keras.Model:
    return build(
        options.resolved().network,
        options.tile,
        options.bands,
        len(options.classes),
        **options.network_options,
    )


@contextlib.contextmanager
def _policy(precision: str) -> Iterator[None]:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


@contextlib.contextmanager
def _one_thread_each() -> Iterator[None]:
    """Keep OpenCV's own threads out of the way: crops are made side by side already."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
