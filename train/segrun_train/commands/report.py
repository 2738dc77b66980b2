"""``segrun report``: finished runs on one page."""

from __future__ import annotations

from pathlib import Path

import click

from segrun import options as shared
from segrun.progress import reporter


@click.command()
@click.argument("runs", nargs=-1, required=True, type=shared.EXISTING_DIR, metavar="RUN...")
@click.option("--out", "-o", type=click.Path(path_type=Path), default=Path("report"), show_default=True,
              help="Folder of the page and its figures; an earlier report there is replaced.")  # fmt: skip
@click.option("--images", type=shared.EXISTING_DIR, multiple=True,
              help="Measure on these pictures in place of those that the runs set aside.")  # fmt: skip
@click.option("--masks", type=shared.EXISTING_DIR, multiple=True, help="Their masks; as many as --images.")
@click.option(
    "--pictures",
    type=shared.EXISTING_DIR,
    multiple=True,
    help="Also show these, which have no masks; the first 20.",
)
@click.option(
    "--rows", type=click.IntRange(1), default=5, show_default=True, help="Pictures in a grid at most."
)
@shared.json_report
@shared.quiet
def report(
    runs: tuple[Path, ...], out: Path, images: tuple[Path, ...], masks: tuple[Path, ...], pictures: tuple[Path, ...],
    rows: int, json_path: str | None, quiet: bool,
) -> int:  # fmt: skip
    """Draw curves, figures, pictures side by side and the worst ones of each RUN, as PNG and one HTML page."""
    from segrun_train.report import ReportOptions
    from segrun_train.report import report as write_report
    from segrun_train.report_folder import PAGE

    with reporter(quiet or json_path == "-") as progress:
        written = write_report(runs, ReportOptions(out, images, masks, pictures, rows), progress)
    failures = [f for result in written.results if result.evaluation for f in result.evaluation.failures]
    for failure in failures:
        click.echo(f"segrun: {failure.reason}", err=True)
    shared.write_json(written.as_json(), json_path)
    if not quiet and json_path != "-":
        for note in written.notes:
            click.echo(note)
        click.echo(f"report: {out / PAGE}")
    return 3 if failures else 0
