"""Opening an ONNX file: the engine that was asked for, or the next best one where nobody asked for any."""

from __future__ import annotations

import dataclasses
import logging

from segrun.errors import EngineError
from segrun.model_file import ModelFile
from segrun.sessions import Session, SessionOptions
from segrun.sessions.onnx import OnnxSession
from segrun.sessions.out_of_memory import HalvingSession
from segrun.sessions.provider_options import DEVICE_OF
from segrun.sessions.providers import choose, import_onnxruntime

log: logging.Logger = logging.getLogger("segrun")


def open_onnx(file: ModelFile, options: SessionOptions) -> Session:
    """Load an ONNX model; with ``auto`` a GPU that does not work is named in a warning, and the CPU provider runs.

    Raises:
        ModelError: the file is damaged, or does not say enough of itself.
        EngineError: the engine is not here, or another one ran in its place.
        MissingExtraError: the package of the engine is not installed.
    """
    engine, reason = choose(import_onnxruntime(), options.engine)
    chosen = dataclasses.replace(options, engine=engine, why=options.why or reason)
    try:
        return _opened(file, chosen)
    except EngineError as error:
        if options.engine != "auto" or engine == "cpu":
            raise
        log.warning("auto chose engine %s, which does not work (%s) Falling back to cpu.", engine, error)
        why = f"auto: {engine} is there and does not work"
        return OnnxSession(file, dataclasses.replace(options, engine="cpu", why=why))


def _opened(file: ModelFile, options: SessionOptions) -> Session:
    if options.engine in DEVICE_OF:
        return HalvingSession(lambda wanted: OnnxSession(file, wanted), options)
    return OnnxSession(file, options)
