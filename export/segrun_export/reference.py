"""Scores of Keras, which every artefact is compared with, and of artefacts on their engines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from segrun.model_file import ModelFile
from segrun.progress import Progress
from segrun.sessions import SessionOptions, open_session

_BATCH = 4


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


def artefact_scores(
    path: Path, pixels: npt.NDArray[np.uint8], engine: str, *, threads: int | None = None
) -> npt.NDArray[np.float32]:
    """Score tiles with an exported file, through the runtime that users run.

    Args:
        path: of the file.
        pixels: uint8 [n, tile, tile, b].
        engine: by its name in ``segrun.sessions``.
        threads: of the engine.
    Returns:
        float32 [n, tile, tile, k].
    Raises:
        EngineError: the engine is not here or failed.
        ModelError: the file cannot be used.
    """
    session = open_session(ModelFile.read(path), SessionOptions(engine=engine, threads=threads, batch=1))
    try:
        return np.concatenate([session.run(np.ascontiguousarray(tile[None])) for tile in pixels])
    finally:
        session.close()
