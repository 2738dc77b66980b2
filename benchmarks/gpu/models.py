"""The files to measure: exported ones and bundled names as they are, a RUN folder exported in fp32, fp16 and int8."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from benchmarks.alternating import SEGRUN
from benchmarks.peers.networks import trained_with
from segrun.errors import ModelError
from segrun.models import find_model

PRECISIONS = ("fp32", "fp16", "int8")


def files_of(models: Sequence[str], work: Path) -> list[Path]:
    """Return the ONNX files of all models, in their order.

    Args:
        models: files that segrun exported, bundled names, or folders of ``segrun train``.
        work: folder for exports.
    Raises:
        ModelError: there is no such model, or it could not be exported.
    """
    return [
        path
        for model in models
        for path in (exported(Path(model), work) if Path(model).is_dir() else [find_model(model)])
    ]


def exported(run: Path, work: Path) -> list[Path]:
    """Export a RUN folder's network with the pictures that it was trained with; return what passed the parity gates.

    Raises:
        ModelError: no file came out.
    """
    facts = json.loads((run / "run.json").read_text(encoding="utf-8"))
    out = work / f"{run.resolve().name}-{facts['model_sha256'][:8]}"
    images, masks = trained_with(run)
    words = [word for folder in images for word in ("--images", str(folder))]
    words += [word for folder in masks for word in ("--masks", str(folder))]
    words += [word for precision in PRECISIONS for word in ("--precision", precision)]
    command = [
        *SEGRUN,
        "export",
        "--model",
        str(run / "model.keras"),
        *words,
        "--out",
        str(out),
        "--overwrite",
    ]
    done = subprocess.run([*command, "--quiet"], capture_output=True, text=True, check=False)
    endings = ["" if precision == "fp32" else f".{precision}" for precision in PRECISIONS]
    files = [out / f"{facts['name']}{ending}.onnx" for ending in endings]
    found = [path for path in files if path.is_file()]
    if not found:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise ModelError(f"{run} could not be exported. Received: {last}")
    return found
