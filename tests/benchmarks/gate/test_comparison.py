from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks.gate.comparison import START_UP, Comparison, Row, compare
from benchmarks.gate.duel import ROOT, CannotRunError
from benchmarks.gate.inputs import Inputs, draw_inputs
from benchmarks.gate.plant import PLACES, loops_for, plant
from benchmarks.gate.trees import SOURCES
from benchmarks.gate.verdict import Limits, judge

FEW = Limits(fewest=3, most=5)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    return draw_inputs(tmp_path_factory.mktemp("inputs"))


@pytest.fixture
def candidate(tmp_path: Path) -> Path:
    """Return a copy of the runtime's sources beside links to the other roots."""
    tree = tmp_path.resolve() / "tree"
    shutil.copytree(ROOT / "runtime", tree / "runtime", ignore=shutil.ignore_patterns("__pycache__"))
    for name in SOURCES[1:]:
        (tree / name).symlink_to(ROOT / name)
    return tree


def compared(base: Path, candidate: Path, inputs: Inputs, *names: str) -> Comparison:
    return compare(base, candidate, inputs.folder, FEW, names=names, say=lambda _: None)


def test_a_planted_slowdown_is_caught_and_named(candidate: Path, inputs: Inputs) -> None:
    # Far more than what the gate is for: here the path is tried, not the statistics.
    plant(candidate, "stitch", loops_for(ROOT, inputs.folder, "stitch", 1.0))
    found = compared(ROOT, candidate, inputs, "stitch")
    (row,) = found.rows
    assert not found
    assert row.name == "stitch"
    assert row.verdict is not None
    assert row.verdict.ratio > 1.2
    assert found.as_json()["workloads"]["stitch"]["failed"] is True


def test_every_place_is_a_workload_and_still_there(candidate: Path) -> None:
    for name, place in PLACES.items():
        plant(candidate, name, 1)
        owner, method = place.method.split(".")
        source = (candidate / place.path).read_text(encoding="utf-8")
        assert f"class {owner}" in source
        assert f"def {method}(" in source


def test_a_candidate_that_cannot_run_fails(candidate: Path, inputs: Inputs) -> None:
    (candidate / "runtime/segrun/threshold.py").write_text("raise ImportError('broken')\n")
    found = compared(ROOT, candidate, inputs, "threshold")
    assert not found
    assert "candidate cannot run threshold: ImportError: broken" in str(found.rows[0])


def test_nothing_passes_where_the_base_cannot_run_anything(candidate: Path, inputs: Inputs) -> None:
    (candidate / "runtime/segrun/threshold.py").write_text("raise ImportError('not yet')\n")
    (candidate / "runtime/segrun/cli.py").unlink()
    found = compared(candidate, ROOT, inputs, "threshold", START_UP)
    assert not found
    assert "not compared: base cannot run threshold: ImportError: not yet" in str(found.rows[0])
    assert "not compared: base cannot start" in str(found.rows[1])
    assert str(found).startswith("FAILED: nothing could be compared, 0 of 2 compared, ")


def test_what_the_base_cannot_run_does_not_count_beside_what_was_compared() -> None:
    verdict = judge([0.0, 0.001, -0.001], FEW)
    absent = Row("new", (), None, CannotRunError("base cannot run new", "base"))
    found = Comparison((Row("stitch", (0.0,), verdict), absent), 3.0)
    assert found
    assert str(found) == "passed, 1 of 2 compared, 3 s"
    assert found.as_json()["compared"] == 1


def test_a_tree_without_sources_cannot_be_mistaken_for_this_one(tmp_path: Path, inputs: Inputs) -> None:
    found = compared(ROOT, tmp_path.resolve(), inputs, "stitch")
    assert not found
    assert "in place of" in str(found.rows[0])
