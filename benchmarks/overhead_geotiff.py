"""What `segrun predict` takes for an orthophoto, over bare loops on the same tiles, decoded and cut already."""

from __future__ import annotations

from pathlib import Path

from benchmarks.overhead_figure import Figure, over_bare_loop, write_arrays

TARGET = 1.05
OVERLAP_PX = 32


def geotiff_figures(model: Path, raster: Path, work: Path, *, runs: int, threads: int) -> list[Figure]:
    """Run a raster in whole processes, in turn.

    Args:
        model: an ONNX file of the contract.
        raster: a GeoTIFF.
        work: an empty folder.
        runs: rounds that count.
        threads: of the engine, on both sides.
    """
    arrays = write_arrays(model, raster, OVERLAP_PX, work / "tiles.npy")
    tiles = tiles_in(arrays)
    return over_bare_loop(
        f"{raster.stem}, {tiles} tiles, {model.stem}", TARGET, model, raster, arrays, out=work / "masks", runs=runs,
        threads=threads, tiles=tiles, words=["--overlap", str(OVERLAP_PX)],
    )  # fmt: skip


def tiles_in(arrays: Path) -> int:
    """Read the number of tiles from the file's head; numpy in this process would hide what the others take."""
    with arrays.open("rb") as file:
        head = file.read(256).decode("latin-1")
    return int(head.partition("'shape': (")[2].partition(",")[0])
