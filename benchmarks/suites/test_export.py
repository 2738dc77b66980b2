from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.suites.counters import Recorder, graph_counts
from benchmarks.suites.networks import Networks
from segrun_export.calibration import histograms
from segrun_export.onnx_conversion import onnx_from_keras
from segrun_export.onnx_half import onnx_half
from segrun_export.onnx_int8 import onnx_int8
from segrun_export.silence import silenced
from segrun_export.tflite_conversion import tflite_from_keras, tflite_operators

ROUNDS = 2


def timed(benchmark: Any, convert: Callable[[], bytes]) -> bytes:
    def once() -> bytes:
        with silenced():
            return convert()

    content: bytes = benchmark.pedantic(once, rounds=ROUNDS)
    return content


@pytest.mark.benchmark(group="export-conversion")
@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_onnx(benchmark: Any, record: Recorder, networks: Networks, tmp_path: Path, precision: str) -> None:
    plain = networks.files["onnx-fp32"].read_bytes()
    makers: dict[str, Callable[[], bytes]] = {
        "fp32": lambda: onnx_from_keras(networks.keras_model),
        "fp16": lambda: onnx_half(plain),
        "int8": lambda: onnx_int8(plain, histograms(plain, networks.tiles, threads=1), "percentile"),
    }
    path = tmp_path / "made.onnx"
    path.write_bytes(timed(benchmark, makers[precision]))
    record("onnx", "onnxruntime", "tensorflow", "tf2onnx", **graph_counts(path))


@pytest.mark.benchmark(group="export-conversion")
def test_tflite(benchmark: Any, record: Recorder, networks: Networks) -> None:
    kinds = tflite_operators(timed(benchmark, lambda: tflite_from_keras(networks.keras_model)))
    record("tensorflow", nodes=sum(kinds.values()), transposes=kinds.get("TRANSPOSE", 0))
