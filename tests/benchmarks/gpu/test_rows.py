from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.gpu.rows import Way, row, row_here
from tests.runtime.grey_model import exported, grey_onnx


@pytest.mark.parametrize("way", ["bound", "plain"])
def test_both_ways_are_timed(tmp_path: Path, way: Way) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx())
    found = row(path, "cpu", 2, way=way, seconds=0.001)
    assert (found.reason, found.precision, found.way) == ("", "fp32", way)
    assert found.timing is not None
    assert found.timing.batch == 2


def test_what_computes_something_else_is_not_timed(tmp_path: Path) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx(-20.0), like=grey_onnx(20.0))
    found = row_here(path, "cpu", 1, "bound", 0.001)
    assert "flipped" in found.reason
    assert found.timing is None


@pytest.mark.parametrize("way", ["bound", "plain"])
def test_an_absent_engine_is_a_reason(tmp_path: Path, way: Way) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx())
    found = row_here(path, "tensorrt", 1, way, 0.001)
    if found.timing is not None:
        pytest.skip("TensorRT is here")
    assert found.reason


def test_a_process_that_dies_is_a_row(tmp_path: Path) -> None:
    found = row(tmp_path / "none.onnx", "cpu", 1, way="plain", seconds=0.001)
    assert found.reason.startswith("its process ended with 1")
