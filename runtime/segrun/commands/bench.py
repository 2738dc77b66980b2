"""``segrun bench``."""

from __future__ import annotations

from pathlib import Path

import click

from segrun import options as shared
from segrun.sessions import ENGINES


@click.command()
@click.option(
    "--model", "-m", "models", required=True, multiple=True,
    help="Path of an .onnx or .tflite file, or a bundled model; several times to compare.",
)  # fmt: skip
@click.option(
    "--engine",
    "engines",
    type=click.Choice([name for name in ENGINES if name != "auto"]),
    multiple=True,
    help="Engine to time; may be given several times.  [default: every one that is here]",
)
@click.option("--threads", type=click.IntRange(1, 512), multiple=True,
              help="Threads of the engine; may be given several times.  [default: all this process may use]")  # fmt: skip
@click.option("--batch", "batches", type=click.IntRange(1, 4096), multiple=True,
              help="Tiles in one call; may be given several times.  [default: 1]")  # fmt: skip
@click.option(
    "--seconds",
    type=shared.FiniteRange(0, min_open=True),
    default=5.0,
    show_default=True,
    help="How long each row is timed.",
)
@click.option("--images", "pictures", type=shared.EXISTING, multiple=True,
              help="Pictures, GeoTIFFs or folders to cut tiles from.  [default: the model's golden tiles]")  # fmt: skip
@click.option("--chart", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Also draw the table as a PNG.")  # fmt: skip
@shared.json_report
@shared.quiet
def bench(
    models: tuple[str, ...],
    engines: tuple[str, ...],
    threads: tuple[int, ...],
    batches: tuple[int, ...],
    seconds: float,
    pictures: tuple[Path, ...],
    chart: Path | None,
    json_path: str | None,
    quiet: bool,
) -> int:
    """Show how fast models run on this machine: latency, throughput, peak memory, and energy where the machine tells it.

    Every engine runs in a process of its own and must first compute what Keras computed. Nothing is remembered: that is
    what `segrun tune` is for.
    """
    from segrun.bench import BenchOptions
    from segrun.bench import bench as time_models
    from segrun.progress import reporter

    files = [shared.model_named(model, "--model") for model in models]
    if chart is not None and (chart.suffix.lower() != ".png" or not chart.resolve().parent.is_dir()):
        raise click.BadParameter(
            f"Received: {chart}. Name a .png file in a folder that exists.", param_hint="--chart"
        )
    options = BenchOptions(engines, threads, batches, seconds, pictures)
    with reporter(quiet or json_path == "-") as progress:
        report = time_models(files, options, progress)
    if chart is not None and report.exit_code != 1:
        from segrun.bench_chart import write_chart

        write_chart(report, chart)
    if not quiet and json_path != "-":
        for line in report.lines():
            click.echo(line)
        if chart is not None and report.exit_code != 1:
            click.echo(f"chart: {chart}")
    if report.exit_code == 1:
        click.echo(
            "segrun: nothing could be timed. Run segrun doctor for the engines, or segrun verify.", err=True
        )
    shared.write_json(report.as_json(), json_path)
    return report.exit_code
