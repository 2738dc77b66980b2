"""Scores of Keras, which every artefact is compared with, and of artefacts on their engines."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from segrun.card import Activation
from segrun.golden import GoldenTiles
from segrun.model_file import ModelFile
from segrun.progress import Progress
from segrun.sessions import SessionOptions, open_session
from segrun_export.proof_tiles import ProofTiles

_BATCH = 4


@dataclass(frozen=True)
class Reference:
    """Keras's answers, and the tiles that they belong to.

    Args:
        proof: real tiles with truth.
        scores: float32 [n, tile, tile, k] for the real tiles.
        edge: uint8 [4, tile, tile, b], inputs that no picture shows.
        edge_scores: float32 [4, tile, tile, k].
        golden: crops that travel in the file.
        thresholds: Keras's, one for each class.
        activation: of the model.
    """

    proof: ProofTiles
    scores: npt.NDArray[np.float32]
    edge: npt.NDArray[np.uint8]
    edge_scores: npt.NDArray[np.float32]
    golden: GoldenTiles
    thresholds: tuple[float, ...]
    activation: Activation


@dataclass(frozen=True)
class Run:
    """What an engine made of some tiles.

    Args:
        scores: float32 [n, tile, tile, k].
        ms_per_tile: median wall time of one tile, the first one left out.
    """

    scores: npt.NDArray[np.float32]
    ms_per_tile: float


def keras_scores(
    model: Any, pixels: npt.NDArray[np.uint8], *, stage: str = "run Keras", progress: Progress | None = None
) -> npt.NDArray[np.float32]:
    """Score tiles with Keras in inference mode.

    Args:
        model: the loaded Keras model, float32.
        pixels: uint8 [n, tile, tile, b].
        stage: what progress calls it.
        progress: told after each batch.
    Returns:
        float32 [n, tile, tile, k].
    """
    parts = []
    for start in range(0, len(pixels), _BATCH):
        parts.append(np.asarray(model(pixels[start : start + _BATCH], training=False), np.float32))
        if progress:
            progress(stage, min(start + _BATCH, len(pixels)), len(pixels))
    return np.concatenate(parts)


def artefact_run(
    path: Path, pixels: npt.NDArray[np.uint8], engine: str, *, threads: int | None = None
) -> Run:
    """Score tiles with an exported file, one at a time, through the runtime that users run.

    Args:
        path: of the file.
        pixels: uint8 [n, tile, tile, b].
        engine: by its name in ``segrun.sessions``.
        threads: of the engine.
    Raises:
        EngineError: the engine is not here or failed.
        ModelError: the file cannot be used.
    """
    session = open_session(ModelFile.read(path), SessionOptions(engine=engine, threads=threads, batch=1))
    try:
        scores, times = [], []
        for tile in pixels:
            started = time.perf_counter()
            scores.append(session.run(np.ascontiguousarray(tile[None])))
            times.append(1e3 * (time.perf_counter() - started))
        return Run(np.concatenate(scores), float(np.median(times[1:] or times)))
    finally:
        session.close()
