from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnxruntime
import pytest

from benchmarks import overhead_bare, overhead_figure
from benchmarks.alternating import Alternation, CommandFailedError, ProcessCost
from benchmarks.overhead_figure import Figure, measure, over_bare_loop
from benchmarks.overhead_geotiff import tiles_in
from benchmarks.overhead_report import page
from segrun_train.synthetic import write_scene_pairs

ROOT = Path(__file__).resolve().parents[2]
ROOFS = ROOT / "runtime/segrun/models/roofs.onnx"


def figure(ours_s: float, target: float = 1.15) -> Figure:
    costs = {
        "theirs": (ProcessCost(2.0, 3.0, 0.5, 1.0),) * 3,
        "ours": (ProcessCost(ours_s, 4.0, 0.5, 1.0),) * 3,
    }
    return Figure("500 tiles", target, 500, Alternation(costs))


def test_the_target_holds_to_the_ratio_of_wall_times() -> None:
    assert figure(2.3).reached
    assert not figure(2.31).reached
    row = figure(2.5).row()
    assert row.startswith("| 500 tiles | 2.00 s | 2.50 s | 1.250 (1.250 to 1.250) | 1.286 ")
    assert "**missed**" in row
    written = figure(2.5).as_json()
    assert written["ratios"]["wall_s"]["value"] == pytest.approx(1.25)
    assert [run["wall_s"] for run in written["runs"]["ours"]] == [2.5] * 3


def test_the_page_says_how_it_was_measured() -> None:
    text = page([figure(2.0), figure(9.0)], "Machine: two processors.", 3, 2, "python -m b --runs 3")
    assert "Written by `python -m b --runs 3`." in text
    assert text.count("\n| 500 tiles |") == 2
    assert "Machine: two processors." in text
    assert "3 rounds" in text


def test_what_ours_wrote_is_gone_before_each_run(tmp_path: Path) -> None:
    out = tmp_path / "out"
    make = [sys.executable, "-S", "-c", f"import os; os.mkdir({str(out)!r})"]
    found = measure("a", 1.0, ours=make, theirs=[sys.executable, "-S", "-c", ""], runs=2, out=out)
    assert len(found.costs.costs["ours"]) == 2
    with pytest.raises(CommandFailedError, match="FileExistsError"):
        measure("a", 1.0, ours=make, theirs=make, runs=1)


def test_the_bare_loop_gets_the_tiles_that_predict_would_run(tmp_path: Path) -> None:
    write_scene_pairs(tmp_path, 1, seed=0, height=300, width=256)
    words = [ROOFS, "32", tmp_path / "tiles.npy", tmp_path / "images"]
    subprocess.run(
        [sys.executable, "-m", "benchmarks.overhead_tiles", *map(str, words)], cwd=ROOT, check=True
    )
    tiles = np.load(tmp_path / "tiles.npy")
    assert tiles.shape == (2, 256, 256, 3)
    assert (tiles[0][44:] == tiles[1][:-44]).all()
    assert tiles_in(tmp_path / "tiles.npy") == 2
    bare = [ROOT / "benchmarks/overhead_bare.py", ROOFS, tmp_path / "tiles.npy"]
    for threads in (["1"], ["2", "2"]):
        subprocess.run([sys.executable, *map(str, bare), *threads], check=True)


def test_side_by_side_the_bare_loop_runs_every_tile_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: list[int] = []
    found: list[int] = []

    def session(_model: str, *, sess_options: onnxruntime.SessionOptions, providers: list[str]) -> Any:
        found.append(sess_options.intra_op_num_threads)
        assert providers == ["CPUExecutionProvider"]
        return SimpleNamespace(
            get_inputs=lambda: [SimpleNamespace(name="image")],
            run=lambda _names, given: seen.append(int(given["image"].ravel()[0])),
        )

    np.save(tmp_path / "tiles.npy", np.arange(7, dtype=np.uint8).reshape(7, 1, 1, 1))
    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    overhead_bare.main("m.onnx", str(tmp_path / "tiles.npy"), 4, 2)
    assert sorted(seen) == list(range(7))
    overhead_bare.main("m.onnx", str(tmp_path / "tiles.npy"), 4)
    assert seen[7:] == list(range(7))
    overhead_bare.main("m.onnx", str(tmp_path / "tiles.npy"), 2, 2)
    # Callers compute too, and a pool of 3 has 2 workers: 4 threads with the 2 callers.
    assert found == [3, 4, 1]


def test_predict_is_compared_with_a_loop_of_one_call_and_with_one_of_its_own_kind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def in_turn(commands: dict[str, list[str]], runs: int, **_: object) -> Alternation:
        walls = {"ours": 3.0, "one two-thread call": 4.0, "two one-thread calls": 2.0}
        assert [commands[name][-2:] for name in list(walls)[1:]] == [["2", "1"], ["2", "2"]]
        return Alternation({name: (ProcessCost(walls[name], 1.0, 0.0, 1.0),) * runs for name in commands})

    (tmp_path / "ortho.tif").touch()
    monkeypatch.setattr(overhead_figure, "run_alternating", in_turn)
    found = over_bare_loop(
        "ortho", 1.05, ROOFS, tmp_path / "ortho.tif", tmp_path / "tiles.npy", out=tmp_path / "masks", runs=1,
        threads=2, tiles=4,
    )  # fmt: skip
    assert [item.title for item in found] == [
        "ortho; bare: one two-thread call",
        "ortho; bare: two one-thread calls",
    ]
    assert [item.costs.ratio("ours", "theirs").value for item in found] == [0.75, 1.5]
    assert [item.reached for item in found] == [True, False]


def test_the_minimal_script_makes_a_mask(tmp_path: Path) -> None:
    write_scene_pairs(tmp_path, 1, seed=0, height=256, width=256)
    (tile,) = (tmp_path / "images").iterdir()
    words = [ROOT / "benchmarks/overhead_minimal.py", ROOFS, tile, tmp_path / "mask.png"]
    subprocess.run([sys.executable, *map(str, words)], check=True)
    assert (tmp_path / "mask.png").is_file()
