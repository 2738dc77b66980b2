"""``segrun evaluate``: a model file against pictures with masks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from segrun import options as shared
from segrun.progress import reporter
from segrun.sessions import ENGINES
from segrun_train.commands import picture_options

if TYPE_CHECKING:
    from segrun.face import Ending, Layout


@click.command()
@click.option("--model", "-m", required=True,
              help="A .keras, .onnx or .tflite file, or a bundled model: roofs.")  # fmt: skip
@shared.images
@shared.masks
@click.option("--threshold", "thresholds", type=click.FloatRange(0, 1), multiple=True,
              help="Score from which a pixel counts; once, or once for each class.  [default: the model's]")  # fmt: skip
@click.option("--engine", type=click.Choice(ENGINES), default="auto", show_default=True,
              help="What runs the model; a .keras file runs on Keras.")  # fmt: skip
@click.option(
    "--threads",
    type=click.IntRange(1, 512),
    help="Threads of the engine.  [default: all this process may use]",
)
@shared.overlap
@click.option("--tolerance", type=click.FloatRange(0), default=3.0, show_default=True,
              help="How far apart two outlines may lie, pixels.")  # fmt: skip
@click.option("--held-out", multiple=True, metavar="FILE|DIR|REGEX",
              help="Only these pictures: a list of stems, a folder whose files name them, or a pattern.")  # fmt: skip
@click.option(
    "--fold",
    callback=picture_options.read_fold,
    metavar="K/N",
    help="Only every N-th picture by name, from the K-th, as in segrun train.",
)
@click.option("--group-regex", help="With the two above: pictures with an equal first group go together.")
@click.option(
    "--group-zoom", type=int, help="The same for web map tiles x-y-z, by their parent at this zoom."
)
@picture_options.exclude
@click.option(
    "--worst", type=click.IntRange(0), default=5, show_default=True, help="Worst pictures to print."
)
@shared.foreign_model
@shared.json_report
@shared.quiet
def evaluate(
    model: str, images: tuple[Path, ...], masks: tuple[Path, ...], thresholds: tuple[float, ...], engine: str,
    threads: int | None, overlap: int | None, tolerance: float, held_out: tuple[str, ...], fold: tuple[int, int] | None,
    group_regex: str | None, group_zoom: int | None, exclude: tuple[str, ...], worst: int, tile: int | None,
    layout: Layout | None, input_scale: float | None, ending: Ending | None, json_path: str | None, quiet: bool,
) -> int:  # fmt: skip
    """Measure a model on pictures with masks: IoU, F1, outlines, calibration, and the worst pictures."""
    from segrun.face import FaceHints
    from segrun_train.evaluate import EvaluateOptions
    from segrun_train.evaluate import evaluate as run_evaluation
    from segrun_train.evaluate_choice import PictureChoice

    file = shared.model_named(model, "--model")
    picture_options.refuse_idle_groups(group_regex, group_zoom, bool(held_out) or fold is not None)
    excluded = picture_options.excluded_stems(exclude, [*images, *masks])
    try:
        choice = PictureChoice(excluded, held_out, fold, group_regex, group_zoom)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    hints = FaceHints(tile, layout, input_scale, ending)
    options = EvaluateOptions(engine, threads, overlap, thresholds, choice, tolerance, hints)
    with reporter(quiet or json_path == "-") as progress:
        report = run_evaluation(file, images, masks, options, progress)
    for failure in report.failures:
        click.echo(f"segrun: {failure.reason}", err=True)
    if report.trained and not quiet:
        click.echo(
            f"segrun: warning: {report.trained} of the pictures trained this model; hold them out.", err=True
        )
    if not quiet and json_path != "-":
        for line in report.lines(worst):
            click.echo(line)
    shared.write_json(report.as_json(), json_path)
    return report.exit_code
