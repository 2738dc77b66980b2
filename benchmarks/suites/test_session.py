from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.suites.counters import Recorder, graph_counts, peak_kib
from benchmarks.suites.networks import Networks
from segrun.errors import EngineError, MissingExtraError
from segrun.model_file import ModelFile
from segrun.models import find_model
from segrun.sessions import Session, SessionOptions, open_session

PRECISIONS = ("fp32", "fp16", "int8")


def opened(file: ModelFile, engine: str) -> Session:
    try:
        return open_session(file, SessionOptions(engine, threads=1))
    except (EngineError, MissingExtraError) as error:
        pytest.skip(f"{engine} is not here: {error}")


def measure(benchmark: Any, session: Session, picture: npt.NDArray[np.uint8]) -> dict[str, int]:
    """Time one tile, and return what the runtime itself holds for it."""
    tile = session.card.tile
    pixels = np.ascontiguousarray(picture[None, :tile, :tile])
    benchmark(session.run, pixels)
    found = {"tiles": session.batch, "peak_kib": peak_kib(lambda: session.run(pixels))}
    session.close()
    return found


@pytest.mark.benchmark(group="session")
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("engine", ["cpu", "openvino", "cuda", "tensorrt"])
def test_onnx(
    benchmark: Any, record: Recorder, picture: npt.NDArray[np.uint8], networks: Networks, *, engine: str, precision: str
) -> None:  # fmt: skip
    path = networks.files[f"onnx-{precision}"]
    counts = measure(benchmark, opened(ModelFile.read(path), engine), picture)
    counts |= graph_counts(path)
    if engine == "cpu":
        record("python", "numpy", "onnx", "onnxruntime", "tensorflow", "tf2onnx", **counts)
    else:
        record.extra_info.update(counts)


@pytest.mark.benchmark(group="session")
@pytest.mark.parametrize("precision", PRECISIONS)
def test_litert(
    benchmark: Any, record: Recorder, picture: npt.NDArray[np.uint8], networks: Networks, precision: str
) -> None:
    from segrun_export.tflite_conversion import tflite_operators

    path = networks.files[f"tflite-{precision}"]
    counts = measure(benchmark, opened(ModelFile.read(path), "litert"), picture)
    kinds = tflite_operators(path.read_bytes())
    record(
        "python", "numpy", "ai-edge-litert", "tensorflow", **counts,
        nodes=sum(kinds.values()), transposes=kinds.get("TRANSPOSE", 0),
        qdq_pairs=min(kinds.get("QUANTIZE", 0), kinds.get("DEQUANTIZE", 0)),
    )  # fmt: skip


@pytest.mark.benchmark(group="session")
def test_roofs(benchmark: Any, record: Recorder, picture: npt.NDArray[np.uint8]) -> None:
    path = find_model("roofs")
    counts = measure(benchmark, opened(ModelFile.read(path), "cpu"), picture)
    record("python", "numpy", "onnx", "onnxruntime", **counts, **graph_counts(path))
