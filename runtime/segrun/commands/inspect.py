"""``segrun inspect``."""

from __future__ import annotations

import click

from segrun import options as shared


@click.command()
@click.argument("model")
@shared.json_report
@shared.quiet
def inspect(*, model: str, json_path: str | None, quiet: bool) -> None:
    """Show what MODEL, a file or a bundled name, says of itself, and which engines load it here."""
    from segrun.inspection import inspect_model, lines
    from segrun.models import find_model

    found = inspect_model(find_model(model))
    shared.write_json(found.to_dict(), json_path)
    if not quiet and json_path != "-":
        click.echo("\n".join(lines(found)))
