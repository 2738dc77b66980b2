"""What `segrun predict` takes for an orthophoto, over a bare loop on the same tiles, decoded and cut already."""

from __future__ import annotations

import subprocess
from pathlib import Path

from benchmarks.overhead_figure import HERE, PYTHON, SEGRUN, Figure, measure

TARGET = 1.05
OVERLAP_PX = 32


def geotiff_figure(model: Path, raster: Path, work: Path, *, runs: int, threads: int) -> Figure:
    """Run a raster in whole processes, in turn.

    Args:
        model: an ONNX file of the contract.
        raster: a GeoTIFF.
        work: an empty folder.
        runs: rounds that count.
        threads: of the engine, on both sides.
    """
    arrays, out = work / "tiles.npy", work / "masks"
    subprocess.run(
        [PYTHON, "-m", "benchmarks.overhead_tiles", model, str(OVERLAP_PX), arrays, raster],
        cwd=HERE.parent,
        check=True,
    )
    words = ["--overlap", str(OVERLAP_PX), "--engine", "cpu", "--threads", str(threads), "--quiet"]
    tiles = tiles_in(arrays)
    return measure(
        f"{raster.stem}, {tiles} tiles, {model.stem}",
        TARGET,
        ours=[SEGRUN, "predict", "--model", str(model), str(raster), "-o", str(out), *words],
        theirs=[PYTHON, str(HERE / "overhead_bare.py"), str(model), str(arrays), str(threads)],
        runs=runs,
        out=out,
        tiles=tiles,
    )


def tiles_in(arrays: Path) -> int:
    """Read the number of tiles from the file's head; numpy in this process would hide what the others take."""
    with arrays.open("rb") as file:
        head = file.read(256).decode("latin-1")
    return int(head.partition("'shape': (")[2].partition(",")[0])
