"""What segrun costs beyond the engine, in one command: a folder of tiles, an orthophoto, and starting.

    python -m benchmarks.overhead_report --network unet.onnx --raster ortho.tif     # writes docs/results/overhead.md, .json

Whole processes, in turn, at least five rounds; the ratio of the medians of wall time is the figure. Measure on a machine
that does nothing else: the bare loops' threads spin while they wait, so that a busy machine flatters segrun.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import click

from benchmarks.overhead_figure import HERE, Figure
from benchmarks.overhead_folder import folder_figures
from benchmarks.overhead_geotiff import geotiff_figures
from benchmarks.overhead_start_up import start_up_figures
from benchmarks.spelling import spelled

FILE = click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path)
RESULTS = HERE.parent / "docs/results"
PROGRAM = "python -m benchmarks.overhead_report"
ROOFS = HERE.parent / "runtime/segrun/models/roofs.onnx"


def page(figures: list[Figure], machine: str, runs: int, threads: int, command: str = PROGRAM) -> str:
    """Write the page of results.

    Args:
        figures: what was measured.
        machine: one paragraph that describes it.
        runs: rounds.
        threads: of the engine.
        command: what writes it.
    """
    rows = "\n".join(figure.row() for figure in figures)
    return (
        "# What segrun costs beyond the engine\n\n"
        f"Written by `{command}`. Whole processes in turn, their order swapped every round; "
        f"{runs} round{'s' * (runs > 1)} after one that does not count; {threads} threads on both sides.\n"
        "Ratios are those of medians; in brackets the interval that holds 95 % of resampled rounds. The bare loops run "
        "tiles that are decoded already, and write nothing. One makes one call with all threads, as a loop usually does; "
        "where segrun has several calls in hand at once, on as many threads together "
        "(`docs/decisions/015-tiles-side-by-side.md`), another loop makes as many. A ratio below 1 over the first is what "
        "that gains; the ratio over the second is what segrun costs.\n\n"
        f"{machine}\n\n"
        "| compared | bare | segrun | ratio of wall time | ratio of processor time | target | |\n"
        "|---|---|---|---|---|---|---|\n"
        f"{rows}\n"
    )


@click.command()
@click.option(
    "--network", type=FILE, help="The notebook's network as ONNX, for the orthophoto.  [default: left out]"
)
@click.option("--raster", type=FILE, help="The orthophoto, a GeoTIFF.  [default: left out]")
@click.option("--runs", type=click.IntRange(1), default=5, show_default=True)
@click.option("--count", type=click.IntRange(1), default=500, show_default=True, help="Tiles in the folder.")
@click.option(
    "--quick", is_flag=True, help="One round and 12 tiles: goes through everything; the figures mean nothing."
)
@click.option("--threads", type=click.IntRange(1), default=2, show_default=True)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=RESULTS,
    help="Folder of the page.  [default: docs/results]",
)
def main(
    *, network: Path | None, raster: Path | None, runs: int, count: int, quick: bool, threads: int, out: Path
) -> None:
    """Measure and write overhead.md and overhead.json."""
    if (network is None) != (raster is None):
        raise click.UsageError("--network and --raster go together.")
    if quick:
        runs, count = 1, 12
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        parts = [Path(folder, name) for name in ("folder", "geotiff", "start")]
        for part in parts:
            part.mkdir()
        figures += folder_figures(ROOFS, parts[0], count=count, runs=runs, threads=threads)
        if network is not None and raster is not None:
            figures += geotiff_figures(network, raster, parts[1], runs=runs, threads=threads)
        figures += start_up_figures(ROOFS, parts[2], runs=runs)
    # Only now: it imports much, and the memory of this process would count in the others'.
    from benchmarks.machine import this_machine

    machine = this_machine()
    text = page(figures, machine.markdown(), runs, threads, spelled(PROGRAM, sys.argv[1:]))
    out.mkdir(parents=True, exist_ok=True)
    (out / "overhead.md").write_text(text, encoding="utf-8")
    found = {"machine": machine.as_json(), "figures": [figure.as_json() for figure in figures]}
    (out / "overhead.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
