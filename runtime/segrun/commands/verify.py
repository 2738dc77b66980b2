"""``segrun verify``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from segrun import options as shared
from segrun.sessions import ENGINES

if TYPE_CHECKING:
    from segrun.sessions import Compute


@click.command()
@click.argument("model")
@click.option(
    "--engine", "engines", type=click.Choice([name for name in ENGINES if name != "auto"]), multiple=True,
    help="Engine that must pass; may be given several times.  [default: every one that is here]",
)  # fmt: skip
@click.option(
    "--threads", type=click.IntRange(1), help="Threads of the engines.  [default: all this process may use]"
)
@shared.compute
@shared.json_report
@shared.quiet
def verify(
    *,
    model: str,
    engines: tuple[str, ...],
    threads: int | None,
    compute: Compute,
    json_path: str | None,
    quiet: bool,
) -> None:
    """Replay the golden tiles of MODEL, an exported file or a bundled name, on this machine's engines.

    Fails if the file was changed, if an engine computes something else than Keras did, or if another engine ran.
    """
    from segrun.errors import ParityError
    from segrun.models import find_model
    from segrun.progress import reporter
    from segrun.verify import table
    from segrun.verify import verify as verify_file

    with reporter(quiet or json_path == "-") as progress:
        report = verify_file(find_model(model), engines, threads=threads, compute=compute, progress=progress)
    shared.write_json(report.to_dict(), json_path)
    if not quiet and json_path != "-":
        click.echo(table(report))
    if not report:
        failed = [f"{item.engine}: {item.reason}" for item in report.verdicts if item.status == "failed"]
        raise ParityError(
            f"{report.path} does not compute here what was exported. Received: {' | '.join(failed) or 'no engine'}. "
            "Use an engine that passed, or export for this machine."
        )
