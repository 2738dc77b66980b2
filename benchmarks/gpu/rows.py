"""Calls of one file on one engine, in a process of its own: through bound buffers, as segrun runs it, or plainly."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from segrun.candidate import Candidate, measured
from segrun.card import ModelCard
from segrun.errors import SegrunError
from segrun.model_file import ModelFile
from segrun.sessions import SessionOptions
from segrun.timing import Timing, timed

Way = Literal["bound", "plain"]
BATCHES = (1, 2, 4, 8, 16, 32, 64)
ENGINES = ("cuda", "tensorrt")
# TensorRT builds an engine for every batch; it keeps them, so that only the first run waits.
PATIENCE_S = 1800


@dataclass(frozen=True)
class Row:
    """What came of one file, engine, batch and way to call.

    Args:
        file: its name.
        precision: of the file.
        engine: by its name.
        batch: tiles in a call.
        way: ``bound``: input and output stay on the card; ``plain``: ``session.run`` on arrays.
        reason: why it was not timed; empty where it was.
        timing: None where it was not.
    """

    file: str
    precision: str
    engine: str
    batch: int
    way: Way
    reason: str = ""
    timing: Timing | None = None


class PlainSession:
    """``session.run`` on arrays, with the providers and options that segrun takes.

    Args:
        file: an ONNX file of the contract.
        options: engine and batch.
    """

    def __init__(self, file: ModelFile, options: SessionOptions) -> None:
        from segrun.sessions.provider_options import with_options
        from segrun.sessions.providers import choose, import_onnxruntime, preload_gpu_libraries

        ort = import_onnxruntime()
        choose(ort, options.engine)
        if options.engine in ENGINES:
            preload_gpu_libraries(ort)
        settings = ort.SessionOptions()
        settings.add_free_dimension_override_by_name("n", options.batch)
        providers = with_options(options.engine, options, file.content_sha256)
        self._session: Any = ort.InferenceSession(str(file.path), sess_options=settings, providers=providers)
        card = file.card()
        if card is None:
            raise ValueError(f"{file.path} has no card.")
        self.card: ModelCard = card
        self.engine: str = options.engine
        self.batch: int = options.batch

    def run(self, pixels: Any) -> Any:
        """Score one batch, uint8 [batch, tile, tile, bands]."""
        return self._session.run(["score"], {"image": pixels})[0]


def row_here(path: Path, engine: str, batch: int, way: Way, seconds: float) -> Row:
    """Time one row in this process; what segrun runs must first compute what Keras computed."""
    card = ModelFile.read(path).card()
    if card is None:
        raise ValueError(f"{path} has no card. Name a file that segrun export wrote.")
    row = Row(path.name, card.precision, engine, batch, way)
    if way == "bound":
        outcome = measured(Candidate(str(path), engine, 1, batch), seconds)
        return dataclasses.replace(row, reason=outcome.reason, timing=outcome.timing)
    import numpy as np

    try:
        session: Any = PlainSession(ModelFile.read(path), SessionOptions(engine, 1, batch))
    except SegrunError as error:
        return dataclasses.replace(row, reason=str(error))
    shape = (batch, card.tile, card.tile, len(card.bands))
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    return dataclasses.replace(row, timing=timed(session, pixels, seconds))


def row(path: Path, engine: str, batch: int, *, way: Way, seconds: float) -> Row:
    """Time one row in a process of its own; one that dies is a row with a reason."""
    words = json.dumps([str(path), engine, batch, way, seconds])
    # Without this TensorRT takes TF32 for fp32 files, and segrun refuses to run it.
    environment = {**os.environ, "NVIDIA_TF32_OVERRIDE": "0"}
    command = [sys.executable, "-m", "benchmarks.gpu.rows", words]
    empty = Row(path.name, "unknown", engine, batch, way)
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=PATIENCE_S, env=environment
        )
    except subprocess.TimeoutExpired:
        return dataclasses.replace(empty, reason=f"not done after {PATIENCE_S} s")
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1][:200]
        return dataclasses.replace(empty, reason=f"its process ended with {done.returncode} ({last})")
    found = json.loads(done.stdout.splitlines()[-1])
    timing = None if found["timing"] is None else Timing(**found["timing"])
    return Row(**{**found, "timing": timing})


if __name__ == "__main__":
    name, wanted, tiles, chosen, length = json.loads(sys.argv[1])
    print(json.dumps(dataclasses.asdict(row_here(Path(name), wanted, tiles, chosen, length))))
