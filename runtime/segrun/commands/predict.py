"""``segrun predict``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from segrun import options as shared
from segrun.grid import BLENDS
from segrun.sessions import ENGINES

if TYPE_CHECKING:
    from segrun.face import Ending, Layout
    from segrun.grid import Blend
    from segrun.predict_options import PredictOptions
    from segrun.sessions import Compute


@click.command()
@click.argument("inputs", nargs=-1, required=True, type=shared.EXISTING, metavar="INPUT...")
@click.option(
    "--model", "-m", required=True, help="Path of an .onnx or .tflite file, or a bundled model: roofs."
)
@click.option(
    "--out",
    "-o",
    type=click.Path(path_type=Path),
    default=Path("masks"),
    show_default=True,
    help="Output folder.",
)
@click.option(
    "--engine", type=click.Choice(ENGINES), default="auto", show_default=True, help="What runs the model."
)
@click.option(
    "--threads",
    type=click.IntRange(1, 512),
    help="Threads of the engine.  [default: all this process may use]",
)
@click.option(
    "--batch",
    type=shared.BatchSize(),
    default="auto",
    show_default=True,
    help="Tiles in one call of the engine.",
)
@click.option(
    "--max-ram",
    "max_ram_mib",
    type=shared.FiniteRange(0, min_open=True),
    metavar="MIB",
    help="Memory to keep to: narrower panels, smaller batches.",
)
@click.option(
    "--dry-run", "only_plan", is_flag=True, help="Say tiles, time, memory and disk, and write nothing."
)
@click.option("--explain", is_flag=True, help="Say which provider of onnxruntime runs how many nodes.")
@click.option("--threshold", "thresholds", type=shared.SHARE, multiple=True,
              help="Score from which a pixel counts; once, or once for each class.  [default: the model's]")  # fmt: skip
@shared.overlap
@click.option(
    "--blend", type=click.Choice(BLENDS), default="hann", show_default=True, help="How overlaps are weighed."
)
@click.option("--tta", type=click.Choice(["none", "d4"]), default="none", show_default=True,
              help="d4: mean over the eight flips and turns of each tile, eight times the work.")  # fmt: skip
@click.option("--overlay", is_flag=True, help="Also draw each mask over its picture.")
@click.option("--scores", is_flag=True, help="Also write the scores, as NAME.scores.tif beside each mask.")
@click.option(
    "--nodata", type=click.IntRange(0, 255), help="Value of pixels without data in PNG masks.  [default: 0]"
)
@click.option(
    "--input-nodata", type=click.IntRange(0, 255), help="Pixels of this value in every band are no data."
)
@click.option("--resume", is_flag=True, help="Go on with a run that did not finish.")
@click.option("--overwrite", is_flag=True, help="Forget what the output folder holds.")
@shared.compute
@shared.cuda_graph
@shared.foreign_model
@shared.json_report
@shared.quiet
@shared.verbose
def predict(
    inputs: tuple[Path, ...],
    model: str,
    out: Path,
    engine: str,
    threads: int | None,
    batch: int | None,
    max_ram_mib: float | None,
    only_plan: bool,
    explain: bool,
    thresholds: tuple[float, ...],
    overlap: int | None,
    blend: Blend,
    tta: str,
    overlay: bool,
    scores: bool,
    nodata: int | None,
    input_nodata: int | None,
    resume: bool,
    overwrite: bool,
    compute: Compute,
    cuda_graph: bool,
    tile: int | None,
    layout: Layout | None,
    input_scale: float | None,
    ending: Ending | None,
    json_path: str | None,
    quiet: bool,
    verbose: bool,
) -> int:
    """Write a mask for every picture and GeoTIFF among the INPUTs: files, or folders with their sub-folders.

    tiles/a/b.jpg gives masks/a/b.png, ortho.tif gives masks/ortho.tif on the same grid. A finished run repeated does
    nothing; a killed one goes on with --resume.
    """
    from segrun.face import FaceHints
    from segrun.journal import WORK_FOLDER
    from segrun.predict import PredictOptions
    from segrun.predict import predict as predict_files
    from segrun.progress import reporter
    from segrun.sessions import SessionOptions

    file = shared.model_named(model, "--model")
    shared.log_to_stderr(verbose)
    hints = FaceHints(tile, layout, input_scale, ending)
    chosen = PredictOptions(
        out=out,
        session=SessionOptions(
            engine, threads, batch or 1, spinning=True, hints=hints, compute=compute, cuda_graph=cuda_graph
        ),
        thresholds=thresholds or None,
        overlap=overlap,
        blend=blend,
        symmetries=tta == "d4",
        nodata=nodata,
        input_nodata=input_nodata,
        overlay=overlay,
        scores=scores,
        resume=resume,
        overwrite=overwrite,
        auto_batch=batch is None,
        max_ram_mib=max_ram_mib,
        explain=explain,
    )
    if only_plan:
        return _plan_only(file, inputs, chosen, json_path, quiet=quiet)
    with reporter(quiet or json_path == "-") as progress:
        report = predict_files(file, inputs, chosen, progress)
    for error in report.errors:
        click.echo(f"segrun: {error}", err=True)
    if not quiet:
        for warning in report.warnings:
            click.echo(f"segrun: warning: {warning}", err=True)
    if not quiet and json_path != "-":
        for line in report.lines():
            click.echo(line)
        click.echo(f"masks: {out}")
        if overlay:
            click.echo(f"overlays: {out / WORK_FOLDER / 'overlays'}")
    shared.write_json(report.as_json(), json_path)
    return report.exit_code


def _plan_only(
    model: Path, inputs: tuple[Path, ...], chosen: PredictOptions, json_path: str | None, *, quiet: bool
) -> int:
    from segrun.dry_run import dry_run

    found = dry_run(model, inputs, chosen)
    for failure in found.failures:
        click.echo(f"segrun: {failure.reason}", err=True)
    if not quiet and json_path != "-":
        for line in found.lines():
            click.echo(line)
    shared.write_json(found.as_json(), json_path)
    return found.exit_code
