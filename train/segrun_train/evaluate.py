"""Measure a model file on pictures with masks: ``.keras``, ``.onnx`` and ``.tflite`` go the very same way."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import segrun
from segrun.card import ModelCard, ModelClass
from segrun.errors import EngineError, InputError
from segrun.face import FaceHints
from segrun.model import Model, Prediction
from segrun.models import find_model
from segrun.pairs import Pair
from segrun.progress import Progress
from segrun_train.boundary import TOLERANCE_PX
from segrun_train.evaluate_choice import PictureChoice
from segrun_train.evaluate_keras import KerasSession, refuse_hints
from segrun_train.evaluate_report import EvaluationReport, Failure, PictureFigures
from segrun_train.evaluate_split import trained_among
from segrun_train.metrics import Meter
from segrun_train.missing_ground import masked
from segrun_train.pair_reading import read_level
from segrun_train.sample import Level, truth_of
from segrun_train.targets import IGNORED


@dataclass(frozen=True)
class EvaluateOptions:
    """How to measure.

    Args:
        engine: ``auto`` or an engine of ``segrun.load``; a ``.keras`` file always runs on Keras.
        threads: of the engine; None takes every processor this process may use.
        overlap: of neighbouring tiles, pixels; None takes the card's, at most a quarter of the tile.
        thresholds: one for all classes, or one for each; empty takes the card's.
        choice: which pictures.
        tolerance_px: how far apart two outlines may lie, pixels.
        hints: what a foreign model does not say of itself.
    """

    engine: str = "auto"
    threads: int | None = None
    overlap: int | None = None
    thresholds: tuple[float, ...] = ()
    choice: PictureChoice = field(default_factory=PictureChoice)
    tolerance_px: float = TOLERANCE_PX
    hints: FaceHints = field(default_factory=FaceHints)


@dataclass(frozen=True)
class Scored:
    """One picture with its truth and what a model says of it.

    Args:
        picture: the picture as stored.
        truth: uint8 ``[h, w]`` class indices.
        prediction: the model's mask and scores.
    """

    picture: Level
    truth: NDArray[np.uint8]
    prediction: Prediction


def evaluate(
    model: str | Path,
    images: Sequence[Path],
    masks: Sequence[Path],
    options: EvaluateOptions | None = None,
    progress: Progress | None = None,
) -> EvaluationReport:
    """Measure a model on pictures with masks; memory does not grow with their number.

    Args:
        model: a ``.keras``, ``.onnx`` or ``.tflite`` file, or the name of a bundled model.
        images: folders of pictures.
        masks: as many folders of masks, paired by stem.
        options: how; None takes the defaults.
        progress: told of each picture.
    Returns:
        Figures over all pictures and picture by picture; pictures that cannot be used are named in it.
    Raises:
        InputError: folders that cannot be paired, nothing chosen, no picture that can be used, or thresholds or an
            overlap that do not fit the model.
        ModelError: no such model, or an unusable one.
        EngineError: the engine is not here, failed, or was named for a ``.keras`` file.
        MissingExtraError: the package of the engine is not installed.
    """
    options = options or EvaluateOptions()
    pairs = options.choice.of(images, masks)
    path = find_model(model)
    with open_model(path, options) as loaded:
        return evaluate_pairs(loaded, path, pairs, options, progress)


def evaluate_pairs(
    model: Model, path: Path, pairs: Sequence[Pair], options: EvaluateOptions, progress: Progress | None
) -> EvaluationReport:
    """Measure a loaded model on chosen pairs; see ``evaluate``."""
    card = model.card
    thresholds = thresholds_for(card, options.thresholds)
    overlap = overlap_for(card, options.overlap)
    classes = tuple(ModelClass(c.name, t) for c, t in zip(card.classes, thresholds, strict=True))
    everywhere, valid = Meter(classes, options.tolerance_px), Meter(classes, options.tolerance_px)
    pictures: list[PictureFigures] = []
    failures: list[Failure] = []
    for done, pair in enumerate(pairs, start=1):
        try:
            scored = score(model, pair, thresholds, overlap)
        except InputError as error:
            failures.append(Failure(str(pair.image), str(error)))
        else:
            pictures.append(_measured(scored, pair, everywhere, valid))
        if progress is not None:
            progress("evaluating", done, len(pairs))
    if not pictures:
        raise InputError(f"no picture can be used. First of {len(failures)}: {failures[0].reason}")
    return EvaluationReport(
        model=str(path),
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        name=card.name,
        engine=model.engine,
        tile=card.tile,
        overlap_px=overlap,
        trained=trained_among(pairs, path.parent),
        all_pixels=everywhere.metrics(),
        valid_pixels=valid.metrics(),
        pictures=tuple(sorted(pictures, key=PictureFigures.badness)),
        failures=tuple(failures),
    )


def open_model(path: Path, options: EvaluateOptions) -> Model:
    """Load a model file of any of the three kinds.

    Raises:
        EngineError: an engine for a ``.keras`` file, or one that is not here.
        ModelError: an unusable model, or a ``.keras`` file with hints for foreign models.
    """
    if path.suffix != ".keras":
        return segrun.load(path, engine=options.engine, threads=options.threads, hints=options.hints)
    if options.engine != "auto":
        raise EngineError(
            f"a .keras file runs on Keras alone. Received: engine {options.engine}. Use auto, or export it first."
        )
    refuse_hints(options.hints, path)
    return Model(KerasSession(path, options.threads))


def score(model: Model, pair: Pair, thresholds: tuple[float, ...], overlap: int | None = None) -> Scored:
    """Read one picture with its mask and predict it; where its alpha is 0 the mask is background, as predict writes it.

    Of background and one class the mask may hold indices, or be binary.

    Raises:
        InputError: unusable, of different sizes, or with a mask value that fits no class.
    """
    card = model.card
    count = len(card.classes)
    level = read_level(pair, classes=count, bands=len(card.bands), binary_too=card.activation == "softmax")
    truth = np.asarray(truth_of(level.mask, grey_mask=count == 1), np.uint8)
    prediction = model.predict(level.pixels, overlap=overlap, thresholds=thresholds)
    return Scored(level, truth, masked(prediction, np.asarray(level.valid > 0)))


def thresholds_for(card: ModelCard, wanted: tuple[float, ...]) -> tuple[float, ...]:
    """Return one threshold for each channel: the card's, one for all classes, or one for each.

    Raises:
        InputError: another number of them.
    """
    if not wanted:
        return card.thresholds
    if len(wanted) == 1 and card.activation == "softmax":
        return (0.0, *wanted * (len(card.classes) - 1))
    if len(wanted) != len(card.classes):
        names = ", ".join(item.name for item in card.classes)
        raise InputError(f"one threshold, or one for each of {names}. Received: {len(wanted)} thresholds.")
    return wanted


def overlap_for(card: ModelCard, wanted: int | None) -> int:
    """Return the overlap wanted, or the card's own, in pixels.

    Raises:
        InputError: negative, or more than half a tile.
    """
    overlap = card.auto_overlap_px if wanted is None else wanted
    if not 0 <= overlap <= card.tile // 2:
        raise InputError(
            f"overlap must be 0 to {card.tile // 2} pixels for tiles of {card.tile}. Received: {overlap}."
        )
    return overlap


def _measured(scored: Scored, pair: Pair, everywhere: Meter, valid: Meter) -> PictureFigures:
    truth, said = scored.truth, scored.prediction.mask
    known = np.where(scored.picture.valid > 0, truth, np.uint8(IGNORED))
    whole = everywhere.add(truth, scored.prediction.scores, said)
    shown = valid.add(known, scored.prediction.scores, said)
    present = tuple(bool(((truth == i + 1) | (said == i + 1)).any()) for i in range(len(whole)))
    return PictureFigures(
        pair.stem, str(pair.image), str(pair.mask), whole, shown, present, float((truth != said).mean())
    )
