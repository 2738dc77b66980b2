"""Masks for files: plan the inputs, drive them through an engine, write what comes out."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from segrun.frame_job import MaskRule
from segrun.journal import RunJournal
from segrun.model_file import ModelFile
from segrun.predict_options import PredictOptions
from segrun.predict_report import PredictReport
from segrun.predict_session import mask_rule, placement_of, plan_inputs
from segrun.preload import open_while_loading
from segrun.progress import Progress
from segrun.sessions import Session

__all__ = ["PredictOptions", "predict"]


def predict(
    model: Path, inputs: Sequence[Path], options: PredictOptions, progress: Progress | None = None
) -> PredictReport:
    """Write a mask for every picture and raster among the inputs.

    An input that cannot be used is named in the report; every other one is still written.

    Args:
        model: an ``.onnx`` or ``.tflite`` file.
        inputs: files and folders; folders are searched with their sub-folders.
        options: what to make, and how.
        progress: called after each batch, with tiles.
    Raises:
        InputError: there is nothing to do, or two inputs would get one name.
        ModelError: the model is damaged, changed or unusable, or a foreign one gives no scores in [0, 1].
        EngineError: the engine is not here, or failed before anything was written.
        OutputError: the output folder cannot be used or is full.
    """
    file = ModelFile.read(model)
    file.verify_content()
    planned = plan_inputs(inputs, options)
    session, callers = open_while_loading(planned, file, options)
    from segrun.predict_run import PredictRun

    try:
        rule = mask_rule(session.card, options, planned)
        placement = placement_of(file, session, options) if options.explain else None
        key = _run_key(file, session, rule, options)
        with contextlib.closing(
            RunJournal(options.out, key, resume=options.resume, overwrite=options.overwrite)
        ) as journal:
            if options.overwrite:
                from segrun.strips import forget_all

                forget_all(journal.work)
            writes_geotiff = options.scores or any(item.kind == "raster" for item in planned)
            tags = _tags(file, session, rule) if writes_geotiff else {}
            run = PredictRun(session, rule, options, journal, tags, callers=callers)
            return dataclasses.replace(run.work(planned, progress), placement=placement)
    finally:
        session.close()


def _run_key(file: ModelFile, session: Session, rule: MaskRule, options: PredictOptions) -> dict[str, Any]:
    # Only hints that were given: journals of runs without them stay of use.
    hints = {name: value for name, value in vars(options.session.hints).items() if value is not None}
    return {
        "model": file.content_sha256,
        "engine": session.engine,
        "compute": options.session.compute,
        "thresholds": list(rule.thresholds),
        "overlap": rule.overlap,
        "blend": rule.blend,
        "nodata": options.nodata,
        "input_nodata": options.input_nodata,
        "symmetries": options.symmetries,
        "overlay": options.overlay,
        "scores": options.scores,
        **hints,
    }


def _tags(file: ModelFile, session: Session, rule: MaskRule) -> dict[str, str]:
    """Say of what and by what GeoTIFF masks and score rasters are made."""
    import importlib.metadata

    return {
        "SEGRUN_VERSION": importlib.metadata.version("segrun"),
        "SEGRUN_MODEL": rule.card.name,
        "SEGRUN_MODEL_SHA256": file.content_sha256,
        "SEGRUN_ENGINE": session.engine,
        "SEGRUN_PRECISION": rule.card.precision,
        "SEGRUN_THRESHOLDS": ", ".join(f"{value:g}" for value in rule.thresholds),
        "SEGRUN_OVERLAP_PX": str(rule.overlap),
    }
