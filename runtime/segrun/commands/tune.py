"""``segrun tune``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from segrun import options as shared
from segrun.sessions import ENGINES

if TYPE_CHECKING:
    from segrun.face import Ending, Layout


@click.command()
@click.argument("models", nargs=-1, required=True, metavar="MODEL...")
@click.option(
    "--engine",
    "engines",
    type=click.Choice([name for name in ENGINES if name != "auto"]),
    multiple=True,
    help="Engine to race; may be given several times.  [default: all]",
)
@click.option("--threads", type=click.IntRange(1, 512), multiple=True, help="Threads to race.")
@click.option("--batch", "batches", type=click.IntRange(1, 4096), multiple=True, help="Batches to race.")
@click.option(
    "--seconds",
    type=shared.FiniteRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="How long each candidate is timed.",
)
@shared.overlap
@shared.foreign_model
@shared.json_report
@shared.quiet
def tune(
    models: tuple[str, ...],
    engines: tuple[str, ...],
    threads: tuple[int, ...],
    batches: tuple[int, ...],
    seconds: float,
    overlap: int | None,
    tile: int | None,
    layout: Layout | None,
    input_scale: float | None,
    ending: Ending | None,
    json_path: str | None,
    quiet: bool,
) -> int:
    """Race engine x threads x batch for the MODELs on this machine: files, say one for each precision, or bundled models.

    Each candidate runs in a process of its own and must first compute what Keras computed. It is then timed as `segrun
    predict` runs it; cpu and litert with one call of the engine at a time, and with several side by side that share the
    threads. `segrun predict --engine auto` takes the winner of each file from then on; with --threads or --batch, the
    fastest of those raced so. m2/s is new ground: what neighbouring tiles share counts once.
    """
    from segrun.face import FaceHints
    from segrun.progress import reporter
    from segrun.tune import TuneOptions
    from segrun.tune import tune as race

    files = [shared.model_named(model, "MODEL") for model in models]
    hints = FaceHints(tile, layout, input_scale, ending)
    chosen = TuneOptions(engines, threads, batches, seconds, overlap, hints)
    with reporter(quiet or json_path == "-") as progress:
        report = race(files, chosen, progress)
    if not quiet and json_path != "-":
        for line in report.lines():
            click.echo(line)
    if not report.profiles:
        click.echo("segrun: no candidate passed. Run segrun verify for the cause.", err=True)
    shared.write_json(report.as_json(), json_path)
    return report.exit_code
