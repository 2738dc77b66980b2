"""The engine of one run of predict: opened as asked for, with a batch that suits it."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from segrun.card import ModelCard
from segrun.errors import InputError
from segrun.frame_job import MaskRule
from segrun.host_profile import OTHER_SETTINGS, Fit, by_rule, open_tuned, tuned
from segrun.memory import queues_mib
from segrun.model_file import ModelFile
from segrun.picture_head import picture_size
from segrun.predict_options import PredictOptions
from segrun.sessions import SHARING_ENGINES, Session, SessionOptions, engine_of, open_session
from segrun.sessions.sharing import in_words
from segrun.sessions.symmetric import SymmetricSession
from segrun.sources import Planned, plan

log: logging.Logger = logging.getLogger("segrun")
# Processors gain nothing by batches of tiles, and lose the cache; a GPU is idle without them.
AUTO_BATCH = {"cuda": 16, "tensorrt": 16}
# Fewer tiles than this would rather be done soon than many at once.
TILES_FOR_EACH = 4


def plan_inputs(inputs: Sequence[Path], options: PredictOptions) -> list[Planned]:
    """List the inputs of a run.

    Raises:
        InputError: there is nothing to do, or two files would get one name.
        MissingExtraError: a georeferenced raster, and rasterio is not installed.
    """
    planned = plan(inputs, skip=options.out)
    if options.scores:
        from segrun.score_raster import refuse_shared_names

        refuse_shared_names(planned, options.out)
    return planned


def open_for_predict(file: ModelFile, options: PredictOptions) -> Session:
    """Load a model for a run.

    Raises:
        ModelError: the file is damaged, or does not say enough of itself.
        EngineError: the engine is not installed, has no device here, or another one ran in its place.
        MissingExtraError: the package of the engine is not installed.
    """
    return _opened(file, options, lambda _: options.session.callers)[0]


def _opened(file: ModelFile, options: PredictOptions, grant: Callable[[int], int]) -> tuple[Session, int]:
    """Open a model by its profile or by the rules, and return it with the calls that it was opened for."""
    fit = _fit(file, options, grant)
    tuned_one = open_tuned(file, options.session, auto_batch=options.auto_batch, fit=fit)
    session, asked = tuned_one or _open_untuned(file, options, fit)
    if options.auto_batch:
        suited = asked.batch if tuned_one else AUTO_BATCH.get(session.engine, 1)
        suited = _bounded(suited, session.card, options.max_ram_mib)
        if suited != asked.batch:
            # Another engine than expected came up, or a foreign file told its size only now.
            session.close()
            why = (
                f"auto: the fastest engine here by segrun tune{OTHER_SETTINGS}"
                if tuned_one
                else session.reason
            )
            other = dataclasses.replace(asked, engine=session.engine, threads=session.threads, why=why)
            session = open_session(file, dataclasses.replace(other, batch=suited))
    if options.symmetries:
        session = SymmetricSession(session)
    # Another engine may have come up than the one that was counted on.
    callers = asked.callers if session.engine in SHARING_ENGINES else 1
    log.info(
        "%s on %s (%s)",
        file.path,
        in_words(session.engine, session.threads, session.batch, callers),
        session.reason,
    )
    return session, callers


def _open_untuned(file: ModelFile, options: PredictOptions, fit: Fit) -> tuple[Session, SessionOptions]:
    """Open a model once, with the batch that suits the engine it will run on: TensorRT builds minutes for each."""
    asked = by_rule(options.session)
    if options.auto_batch:
        batch = AUTO_BATCH.get(engine_of(file, options.session), 1)
        asked = dataclasses.replace(asked, batch=batch)
    asked = fit(asked)
    return open_session(file, asked), asked


def _fit(file: ModelFile, options: PredictOptions, grant: Callable[[int], int]) -> Fit:
    """Return what takes back of a batch what memory has no room for, and of callers what is not granted."""
    card = file.card()

    def fit(wanted: SessionOptions) -> SessionOptions:
        batch = wanted.batch
        if options.auto_batch and card is not None:
            batch = _bounded(batch, card, options.max_ram_mib)
        return dataclasses.replace(wanted, batch=batch, callers=grant(wanted.callers))

    return fit


def _bounded(batch: int, card: ModelCard, bound: float | None) -> int:
    """Halve a batch until its queues take no more than a quarter of the memory: the model and the panels get the rest."""
    bands, classes = len(card.bands), len(card.classes)
    while bound is not None and batch > 1 and queues_mib(batch, card.tile, bands, classes) > bound / 4:
        batch //= 2
    return batch


def open_side_by_side(
    planned: Sequence[Planned], file: ModelFile, options: PredictOptions
) -> tuple[Session, int]:
    """Open a model for these inputs, and say how many calls it shall have in hand at once; see ``side_by_side``.

    Raises:
        SegrunError: as ``open_for_predict``.
    """
    return _opened(file, options, lambda many: _granted(many, planned, file, options))


def side_by_side(planned: Sequence[Planned], file: ModelFile, options: PredictOptions) -> int:
    """Say how many tiles an engine on processors shall have in hand at once: 1, or as ``segrun tune`` or the rule has it.

    It depends on all inputs, those that an earlier run finished among them, so that a resumed run computes as the first one.

    Args:
        planned: all inputs.
        file: the model.
        options: a bound on memory, or a batch of several tiles, leaves it at 1.
    """
    chosen = tuned(file, options.session, auto_batch=options.auto_batch) or by_rule(options.session)
    return _granted(chosen.callers, planned, file, options)


def _granted(many: int, planned: Sequence[Planned], file: ModelFile, options: PredictOptions) -> int:
    """Return the callers that suit many tiles where there are so many and memory is not bounded, else 1."""
    if many == 1 or options.max_ram_mib is not None:
        return 1
    card = file.card()
    return many if _tiles_reach(TILES_FOR_EACH * many, planned, card.tile if card else None) else 1


def _tiles_reach(enough: int, planned: Sequence[Planned], tile: int | None) -> bool:
    """Say whether there are so many tiles, by the heads of a few pictures; a raster is taken for many."""
    found = 0
    for item in planned:
        if item.kind == "raster":
            return True
        found += 1
        if tile is not None:
            # Whoever decodes it says what is wrong with it.
            with contextlib.suppress(InputError):
                height, width = picture_size(item.path)
                found += -(-height // tile) * -(-width // tile) - 1
        if found >= enough:
            return True
    return False


def placement_of(file: ModelFile, session: Session, options: PredictOptions) -> dict[str, int]:
    """Count the nodes that each of onnxruntime's providers runs, on the engine that came up, as it came up.

    Raises:
        EngineError: a TFLite file, whose engine does not tell; or the engine failed.
    """
    from segrun.sessions.placement import node_placement

    came_up = dataclasses.replace(
        options.session, engine=session.engine, threads=session.threads, batch=session.batch
    )
    return node_placement(file, came_up)


def run_nothing(session: Session, callers: int = 1) -> None:
    """Run a batch of zeros, after which the engine holds all the memory it will need.

    Args:
        session: the engine.
        callers: how many calls will go side by side, each with memory of its own.
    Raises:
        EngineError: the engine failed.
    """
    card = session.card
    nothing = np.zeros((session.batch, card.tile, card.tile, len(card.bands)), np.uint8)
    if callers == 1:
        session.run(nothing)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(callers) as pool:
        for done in [pool.submit(session.run, nothing) for _ in range(callers)]:
            done.result()


def mask_rule(card: ModelCard, options: PredictOptions, planned: Sequence[Planned]) -> MaskRule:
    """Say how scores become masks.

    Raises:
        InputError: another number of thresholds than classes, an overlap that does not fit the tile, or pixels without data
            that would look like a class.
    """
    thresholds = options.thresholds or card.thresholds
    if len(thresholds) == 1 and card.activation == "softmax":
        thresholds = (0.0, *thresholds * (len(card.classes) - 1))
    if len(thresholds) != len(card.classes):
        names = ", ".join(item.name for item in card.classes)
        raise InputError(
            f"one threshold, or one for each of {names}. Received: {len(thresholds)} thresholds."
        )
    if not all(0 <= value <= 1 for value in thresholds):
        raise InputError(
            f"thresholds must lie in [0, 1]. Received: {', '.join(f'{t:g}' for t in thresholds)}."
        )
    overlap = card.auto_overlap_px if options.overlap is None else options.overlap
    if not 0 <= overlap <= card.tile // 2:
        raise InputError(
            f"overlap must be 0 to {card.tile // 2} pixels for tiles of {card.tile}. Received: {overlap}."
        )
    # A GeoTIFF holds indices up to 254 and always writes 255: only PNG masks take the value from the user.
    if options.nodata is not None and any(item.kind == "picture" for item in planned):
        _refuse_value_of_class(options.nodata, len(card.classes) - (card.activation == "softmax"))
    return MaskRule(card, thresholds, overlap, options.blend)


def _refuse_value_of_class(nodata: int, foreground: int) -> None:
    from segrun.sinks.png import class_values, stands_for_nothing_else

    if not stands_for_nothing_else(nodata, foreground):
        taken = class_values(foreground)
        free = max(set(range(256)) - set(taken))
        raise InputError(
            f"pixels without data need a value from 0 to 255 that is no class's in a PNG. Received: --nodata {nodata}, "
            f"classes {', '.join(map(str, taken))}. Use --nodata {free}."
        )
