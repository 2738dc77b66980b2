"""``segrun.load``: from a model file to a model that is ready."""

from __future__ import annotations

import logging
from pathlib import Path

from segrun.face import FaceHints
from segrun.host_profile import open_tuned
from segrun.model import Model
from segrun.model_file import ModelFile
from segrun.models import find_model
from segrun.sessions import Compute, SessionOptions, open_session

log: logging.Logger = logging.getLogger("segrun")


def load(
    model: str | Path,
    *,
    engine: str = "auto",
    threads: int | None = None,
    batch: int = 1,
    hints: FaceHints | None = None,
    compute: Compute = "file",
    cuda_graph: bool = False,
) -> Model:
    """Load a model, check the file's own hash and warm it up.

    Args:
        model: path of an ``.onnx`` or ``.tflite`` file, or the name of a bundled model.
        engine: one of ``segrun.sessions.ENGINES``: ``auto``, ``cpu``, ``openvino``, ``cuda``, ``tensorrt``, ``litert``, ...
        threads: of the engine; None takes every processor this process may use.
        batch: tiles in one call of the engine.
        hints: what a foreign model does not say of itself.
        compute: ``file``, or the digits that the engine may compute with instead: ``tf32``, ``bf16``, ``fp16``.
        cuda_graph: whether CUDA records the calls and plays them back; then call the model from one thread alone.
    Raises:
        ModelError: no such model, or a damaged, changed or unusable file.
        EngineError: the engine is not here, or another one ran in its place.
        MissingExtraError: the package of the engine is not installed.
        ValueError: an engine that does not exist, or a count below 1.
    """
    options = SessionOptions(
        engine, threads, batch, hints=hints or FaceHints(), compute=compute, cuda_graph=cuda_graph
    )
    file = ModelFile.read(find_model(model))
    file.verify_content()
    opened = open_tuned(file, options, alone=True)
    loaded = Model(opened[0] if opened else open_session(file, options), file.content_sha256)
    loaded.warm_up()
    log.info(
        "%s on %s, %d threads (%s)", model, loaded.engine, loaded.info.threads, loaded.info.engine_reason
    )
    return loaded
