"""``segrun doctor``."""

from __future__ import annotations

import click

from segrun import options as shared


@click.command()
@shared.json_report
def doctor(json_path: str | None) -> int:
    """Tell versions, engines and devices, and what keeps an engine from running here; 1 where something is wrong."""
    from segrun.doctor import diagnose

    diagnosis = diagnose()
    if json_path != "-":
        for line in diagnosis.lines():
            click.echo(line)
    shared.write_json(diagnosis.as_json(), json_path)
    return 0 if diagnosis else 1
