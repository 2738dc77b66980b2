"""What `segrun predict` takes for a folder of PNG tiles, over a bare loop on the same tiles, decoded already."""

from __future__ import annotations

import subprocess
from pathlib import Path

from benchmarks.overhead_figure import HERE, PYTHON, SEGRUN, Figure, measure

TARGET = 1.15


def folder_figure(model: Path, work: Path, *, count: int, runs: int, threads: int) -> Figure:
    """Draw scenes of the model's tile size and run them in whole processes, in turn.

    Args:
        model: an ONNX file of the contract with tiles of 256 pixels.
        work: an empty folder.
        count: tiles.
        runs: rounds that count.
        threads: of the engine, on both sides.
    """
    subprocess.run(
        [
            SEGRUN,
            "scenes",
            "--out",
            work / "scenes",
            "--count",
            str(count),
            "--seed",
            "3",
            "--size",
            "256",
            "--quiet",
        ],
        check=True,
    )
    tiles, arrays, out = work / "scenes/images", work / "tiles.npy", work / "masks"
    subprocess.run(
        [PYTHON, "-m", "benchmarks.overhead_tiles", model, "0", arrays, tiles], cwd=HERE.parent, check=True
    )
    words = ["--engine", "cpu", "--threads", str(threads), "--quiet"]
    return measure(
        f"{count} PNG tiles, {model.stem}",
        TARGET,
        ours=[SEGRUN, "predict", "--model", str(model), str(tiles), "-o", str(out), *words],
        theirs=[PYTHON, str(HERE / "overhead_bare.py"), str(model), str(arrays), str(threads)],
        runs=runs,
        out=out,
        tiles=count,
    )
