"""Write ``docs/results/gpu.md``: CUDA and TensorRT, batches of 1 to 64, bound and plain, whole runs, a training step.

    python -m benchmarks.gpu RUN
    python -m benchmarks.gpu unet.onnx unet.fp16.onnx unet.int8.onnx

A RUN is a folder of ``segrun train``, exported here in fp32, fp16 and int8.
Where no NVIDIA card answers it says so in one line and ends with 0.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from benchmarks.alternating import SEGRUN, Alternation, CommandFailedError, run_alternating
from benchmarks.gpu.cards import card_here, peaks_of
from benchmarks.gpu.rows import BATCHES, ENGINES, Row, row
from benchmarks.gpu.training_step import BACKENDS, Step, step
from benchmarks.spelling import spelled

ROOT = Path(__file__).parents[2]
SIDE, QUICK_SIDE, QUICK_PICTURES = 8192, 1024, 4
PROGRAM = "python -m benchmarks.gpu"
ONE_FILE = (
    "only the bundled roofs in fp32 is measured; for fp16 and int8 give MODELS=RUN, a folder of segrun train"
)
SKIPPED = "skipped: no NVIDIA card answers here (nvidia-smi finds none), nothing measured, docs/results/gpu.md left as it is"


@click.command()
@click.argument("models", nargs=-1, metavar="MODEL...")
@click.option("--seconds", default=3.0, show_default=True, help="How long each row is timed.")
@click.option("--runs", default=5, show_default=True, help="Whole runs of predict.")
@click.option("--quick", is_flag=True, help="Two batches, one round, small pictures: does it work at all?")
@click.option("--no-training", is_flag=True, help="Leave the training step out.")
@click.option(
    "--work", type=click.Path(path_type=Path), default=ROOT / "local/gpu-bench", help="Pictures and masks."
)
@click.option("--out", type=click.Path(path_type=Path), default=ROOT / "docs/results", show_default=True)
def main(
    *,
    models: tuple[str, ...],
    seconds: float,
    runs: int,
    quick: bool,
    no_training: bool,
    work: Path,
    out: Path,
) -> None:
    """Measure MODELs on the card here: folders of segrun train, .onnx files that segrun exported, bundled names."""
    name = card_here()
    if name is None:
        click.echo(SKIPPED)
        return
    from benchmarks.gpu.flops import work_of
    from benchmarks.gpu.models import files_of
    from benchmarks.gpu.page import Found, page
    from benchmarks.machine import this_machine

    if not models:
        click.echo(ONE_FILE, err=True)
    paths = files_of(models or ("roofs",), work / "dist")
    if len({path.name for path in paths}) < len(paths):
        raise click.UsageError(f"MODELs need names of their own. Received: {[path.name for path in paths]}.")
    works = {path.name: work_of(path) for path in paths}
    rows = _rows(paths, seconds, quick=quick)
    if all(row.timing is None for row in rows):
        reasons = "; ".join(sorted({row.reason for row in rows}))
        raise click.ClickException(f"nothing was timed, {out.name}/gpu.md is left as it is: {reasons}")
    able = [engine for engine in ENGINES if any(r.engine == engine and r.timing is not None for r in rows)]
    costs, tiles = _runs(paths[0], able, work, 1 if quick else runs, side=QUICK_SIDE if quick else SIDE)
    steps = [] if no_training else _steps(quick=quick)
    machine = this_machine()
    versions = ", ".join(f"{key} {value}" for key, value in machine.versions.items())
    found = Found(name, peaks_of(name), works, rows, costs, tiles, paths[0].name, steps)
    out.mkdir(parents=True, exist_ok=True)
    (out / "gpu.json").write_text(json.dumps(found.as_json(), indent=1) + "\n", encoding="utf-8")
    text = page(found, hardware=machine.hardware(), versions=versions, command=spelled(PROGRAM, sys.argv[1:]))
    (out / "gpu.md").write_text(text, encoding="utf-8")
    click.echo(out / "gpu.md")


def _rows(paths: list[Path], seconds: float, *, quick: bool) -> list[Row]:
    found: list[Row] = []
    for path in paths:
        for engine in ENGINES:
            for batch in BATCHES[:2] if quick else BATCHES:
                # Bound and plain stand beside each other in time, too.
                for way in ("bound", "plain"):
                    found.append(row(path, engine, batch, way=way, seconds=0.5 if quick else seconds))
                    click.echo(f"{path.name} {engine} {batch} {way}: {found[-1].reason or 'timed'}", err=True)
    return found


def _runs(
    model: Path, engines: list[str], work: Path, runs: int, *, side: int
) -> tuple[Alternation | None, dict[str, int]]:
    """Run predict on a drawn GeoTIFF and on its parts as PNG files, with every engine that works here."""
    if not engines:
        return None, {}
    from benchmarks.gpu.pictures import PICTURES, draw_pictures
    from segrun.grid import Grid
    from segrun.model_file import ModelFile

    card = ModelFile.read(model).card()
    if card is None:
        raise click.UsageError(f"{model} has no card; use a file that segrun exported")
    raster, folder, count, block = draw_pictures(
        work, side, QUICK_PICTURES if side == QUICK_SIDE else PICTURES
    )
    grids = {
        side_px: Grid(side_px, side_px, card.tile, card.auto_overlap_px).count for side_px in (side, block)
    }
    commands, tiles = {}, {}
    for engine in engines:
        for batch in (1, 16):
            for source, words in ((raster, "GeoTIFF"), (folder, "PNG folder")):
                name = f"{words}, {engine}, batch {batch}"
                masks = work / name.replace(" ", "-").replace(",", "")
                commands[name] = [
                    *SEGRUN, "predict", str(source),
                    "--model", str(model), "-o", str(masks), "--overwrite", "--quiet",
                    "--engine", engine, "--batch", str(batch),
                ]  # fmt: skip
                tiles[name] = grids[side] if source == raster else count * grids[block]
    try:
        return run_alternating(commands, runs, env={"NVIDIA_TF32_OVERRIDE": "0"}), tiles
    except CommandFailedError as error:
        raise click.ClickException(str(error)) from error


def _steps(*, quick: bool) -> list[Step]:
    networks, batches = ("unet-lite", "unet"), ((8,) if quick else (8, 32, 128))
    policies = ("float32", "mixed_bfloat16")
    return [
        step(backend, network, batch, policy)
        for network in networks
        for backend in BACKENDS
        for policy in policies
        for batch in batches
    ]


if __name__ == "__main__":
    main()
