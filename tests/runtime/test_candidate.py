from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from segrun.candidate import Candidate, race
from segrun.timing import LEAST_CALLS
from tests.runtime.grey_model import TILE, exported, grey_onnx


def test_the_timing_of_the_other_process_comes_back(tmp_path: Path) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx())
    np.save(tmp_path / "tiles.npy", np.zeros((3, TILE, TILE, 3), np.uint8))
    outcome = race(Candidate(str(path), "cpu", 1, 2), 0.001, tmp_path / "tiles.npy")
    assert outcome.status == "passed"
    assert outcome.timing is not None
    assert outcome.timing.calls >= LEAST_CALLS
    assert (outcome.timing.batch, outcome.timing.tile) == (2, TILE)
    assert outcome.timing.p50_ms <= outcome.timing.p95_ms <= outcome.timing.p99_ms
    assert outcome.ms_per_tile == pytest.approx(outcome.timing.p50_ms / 2)


def test_tiles_of_another_size_fail_with_the_engines_words(tmp_path: Path) -> None:
    path = exported(tmp_path / "grey.onnx", grey_onnx())
    np.save(tmp_path / "tiles.npy", np.zeros((1, TILE // 2, TILE // 2, 3), np.uint8))
    outcome = race(Candidate(str(path), "cpu", 1, 1), 0.001, tmp_path / "tiles.npy")
    assert outcome.status == "failed"
    assert "failed while running" in outcome.reason
    assert outcome.timing is None
