"""What `segrun predict` takes for a folder of PNG tiles, over bare loops on the same tiles, decoded already."""

from __future__ import annotations

from pathlib import Path

from benchmarks.overhead_figure import Figure, drawn_tiles, over_bare_loop, write_arrays

TARGET = 1.15


def folder_figures(model: Path, work: Path, *, count: int, runs: int, threads: int) -> list[Figure]:
    """Draw scenes of the model's tile size and run them in whole processes, in turn.

    Args:
        model: an ONNX file of the contract with tiles of 256 pixels.
        work: an empty folder.
        count: tiles.
        runs: rounds that count.
        threads: of the engine, on both sides.
    """
    tiles = drawn_tiles(work / "scenes", count)
    arrays = write_arrays(model, tiles, 0, work / "tiles.npy")
    return over_bare_loop(
        f"{count} PNG tiles, {model.stem}", TARGET, model, tiles, arrays, out=work / "masks",
        runs=runs, threads=threads, tiles=count,
    )  # fmt: skip
