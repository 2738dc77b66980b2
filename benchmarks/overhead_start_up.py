"""What starting takes: `segrun --help` over importing click, `segrun predict` on a tile over the least that does so."""

from __future__ import annotations

from pathlib import Path

from benchmarks.overhead_figure import HERE, PYTHON, SEGRUN, Figure, drawn_tiles, measure

HELP_TARGET = 1.5
ONE_TILE_TARGET = 1.3


def start_up_figures(model: Path, work: Path, *, runs: int) -> list[Figure]:
    """Start processes in turn.

    Args:
        model: an ONNX file of the contract with tiles of 256 pixels and one class.
        work: an empty folder.
        runs: rounds that count.
    """
    (tile,) = drawn_tiles(work / "scenes", 1).iterdir()
    out = work / "masks"
    minimal = [PYTHON, str(HERE / "overhead_minimal.py"), str(model), str(tile), str(work / "mask.png")]
    words = ["--engine", "cpu", "--quiet"]
    predict = [SEGRUN, "predict", "--model", str(model), str(tile), "-o", str(out), *words]
    importing = [PYTHON, "-c", "import click"]
    return [
        measure(
            "segrun --help over import click",
            HELP_TARGET,
            ours=[SEGRUN, "--help"],
            theirs=importing,
            runs=runs,
        ),
        measure(
            f"one tile, {model.stem}, over a minimal script",
            ONE_TILE_TARGET,
            ours=predict,
            theirs=minimal,
            runs=runs,
            out=out,
            tiles=1,
        ),
    ]
