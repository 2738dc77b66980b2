"""Write ``docs/results/scaling.md``: time and peak memory against pixels, tile, overlap, batch and threads.

python -m benchmarks.scaling [--quick]

What was measured is kept in WORK/measured.json after every run; ``--page-only`` makes the page of it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from benchmarks.alternating import BYTECODE_KEPT, SEGRUN, Alternation, ProcessCost, run_alternating
from benchmarks.scaling.record import Record
from benchmarks.scaling.sweeps import Point, sweeps
from benchmarks.spelling import spelled

ROOT = Path(__file__).parents[2]
PROGRAM = "python -m benchmarks.scaling"


def command(point: Point, model: Path, raster: Path, out: Path) -> list[str]:
    """Return the command line of one point."""
    return [
        *SEGRUN, "predict", str(raster), "--model", str(model),
        "-o", str(out), "--overwrite", "--quiet", "--engine", "cpu", "--overlap", str(point.overlap),
        "--batch", str(point.batch), "--threads", str(point.threads),
    ]  # fmt: skip


@click.command()
@click.option("--model", default="roofs", show_default=True, help="An fp32 .onnx file, or a bundled model.")
@click.option("--runs", default=3, show_default=True, help="Rounds; every point runs once in each.")
@click.option("--quick", is_flag=True, help="One round of a few small points: does it work at all?")
@click.option("--page-only", is_flag=True, help="Measure nothing: make the page of what was measured before.")
@click.option(
    "--work", type=click.Path(path_type=Path), default=ROOT / "local/scaling", help="Rasters, masks, figures."
)
@click.option("--out", type=click.Path(path_type=Path), default=ROOT / "docs/results", show_default=True)
def main(*, model: str, runs: int, quick: bool, page_only: bool, work: Path, out: Path) -> None:
    """Measure every point in turn and write the page."""
    record = work / "measured.json"
    if not page_only:
        measure(model, 1 if quick else runs, record, quick=quick)
    elif not record.exists():
        raise click.UsageError("nothing was measured yet. Run without --page-only.")
    click.echo(write_results(record, out))


def measure(model: str, runs: int, record: Path, *, quick: bool) -> None:
    """Run every point in turn, and keep what was measured after every run."""
    from benchmarks.calls import callers
    from segrun.host import available_cpus
    from segrun.model_file import ModelFile
    from segrun.models import find_model

    path = find_model(model)
    card = ModelFile.read(path).card()
    if card is None:
        raise click.UsageError("the model has no card; use one that segrun exported")
    points = sweeps(card.tile, card.overlap_px, available_cpus(), quick=quick)
    different = list(dict.fromkeys(point for group in points.values() for point in group))
    commands = prepared(different, path, card.tile, record.parent)
    calls = {
        point.name: callers(path, engine="cpu", threads=point.threads, batch=point.batch)
        for point in different
    }
    taken: dict[str, list[ProcessCost]] = {name: [] for name in commands}
    words = spelled(PROGRAM, sys.argv[1:])

    def told(name: str, cost: ProcessCost) -> None:
        peak = "?" if cost.peak_mib is None else f"{cost.peak_mib:.0f}"
        click.echo(f"{name}: {cost.wall_s:.1f} s, processor {cost.cpu_s:.1f} s, {peak} MiB", err=True)
        taken[name].append(cost)
        costs = Alternation({name: tuple(costs) for name, costs in taken.items()})
        Record(words, card.name, points, calls, costs).write(record)

    run_alternating(commands, runs, warm_up=0, after=told, env=BYTECODE_KEPT)


def write_results(record: Path, out: Path) -> Path:
    """Write ``scaling.json``, the plots and ``scaling.md``; return the page's path."""
    from benchmarks.machine import this_machine
    from benchmarks.scaling.page import Findings, draw_plots, page

    kept = Record.read(record)
    costs = kept.costs.complete()
    if costs.rounds == 0:
        raise click.ClickException("no round is complete, so that there is nothing to write")
    out.mkdir(parents=True, exist_ok=True)
    (out / "scaling.json").write_text(json.dumps(costs.as_json(), indent=1) + "\n", encoding="utf-8")
    findings = Findings(kept.sweeps, costs, kept.calls)
    draw_plots(findings, out / "scaling.png")
    machine = this_machine()
    engine = f"{machine.hardware()}; onnxruntime {machine.versions.get('onnxruntime', 'absent')}"
    text = page(findings, hardware=engine, model=kept.model, command=kept.command)
    (out / "scaling.md").write_text(text, encoding="utf-8")
    return out / "scaling.md"


def prepared(points: list[Point], model: Path, tile: int, work: Path) -> dict[str, list[str]]:
    """Draw the rasters and write the models that the points need, in a process that may grow, and return the commands.

    The children's peak memory is known only above that of this process, so that it must stay small.
    """
    import subprocess

    needs = sorted({point.side for point in points}), sorted({point.tile for point in points} - {tile})
    code = (
        "import sys, json\nfrom pathlib import Path\n"
        "from benchmarks.scaling.raster import write_raster\nfrom benchmarks.scaling.tile_model import with_tile\n"
        "sides, tiles, model, work = json.loads(sys.argv[1])\nwork = Path(work)\n"
        "[write_raster(work / f'ortho_{side}.tif', side) for side in sides]\n"
        "[with_tile(Path(model), tile, work / f'tile_{tile}.onnx') for tile in tiles]\n"
    )
    work.mkdir(parents=True, exist_ok=True)
    words = json.dumps([*needs, str(model), str(work)])
    subprocess.run([sys.executable, "-c", code, words], check=True, cwd=ROOT)
    found = {}
    for number, point in enumerate(points):
        chosen = model if point.tile == tile else work / f"tile_{point.tile}.onnx"
        found[point.name] = command(
            point, chosen, work / f"ortho_{point.side}.tif", work / "masks" / str(number)
        )
    return found


if __name__ == "__main__":
    main()
