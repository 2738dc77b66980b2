"""``segrun lint``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from segrun import options as shared

if TYPE_CHECKING:
    from segrun.face import Ending, Layout
    from segrun.lint import Target


@click.command()
@click.argument("model")
@click.option(
    "--for",
    "target",
    type=click.Choice(["segrun", "deepness"]),
    help="Only what is in the way of this program.",
)
@shared.foreign_model
@shared.json_report
@shared.quiet
def lint(
    *,
    model: str,
    target: Target | None,
    tile: int | None,
    layout: Layout | None,
    input_scale: float | None,
    ending: Ending | None,
    json_path: str | None,
    quiet: bool,
) -> int:
    """Say what keeps MODEL, an ONNX file, from running in segrun, or in Deepness, GeoDeep and WebODM.

    Exit code 1 where something keeps it from running in segrun, or in the program named with --for.
    """
    import dataclasses

    from segrun.face import FaceHints
    from segrun.lint import lint as lint_file
    from segrun.models import find_model

    path = find_model(model)
    found = [
        item
        for item in lint_file(path, hints=FaceHints(tile, layout, input_scale, ending))
        if target in (None, item.target)
    ]
    errors = sum(item.severity == "error" for item in found)
    shared.write_json(
        {"file": str(path), "errors": errors, "findings": [dataclasses.asdict(item) for item in found]},
        json_path,
    )
    if not quiet and json_path != "-":
        for item in found:
            click.echo(f"{item.target}: {item.severity}: {item.message}")
        click.echo(f"{path}: {errors} errors, {len(found) - errors} warnings")
    return int(any(item.severity == "error" and item.target == (target or "segrun") for item in found))
