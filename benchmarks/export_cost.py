"""What converting and exporting a network costs: wall time, processor time and peak memory of a fresh process.

    python -m benchmarks.export_cost                      the notebook's network, fresh weights, to ONNX
    python -m benchmarks.export_cost --model m.keras      another network
    python -m benchmarks.export_cost --format tflite      another converter

Issue: at most 60 s and 8 GiB for the notebook's network; 3 GiB is the aim.
"""

from __future__ import annotations

import json
import sys
import tempfile
import textwrap
from pathlib import Path

import click

from benchmarks.alternating import run_process

MOST_SECONDS, MOST_GIB, AIM_GIB = 60.0, 8.0, 3.0
_MIB_PER_GIB = 1024

# Building stands outside of what is measured: it is no part of a conversion.
_BUILD = """
    from segrun_train.networks import NETWORKS, build
    build("unet", tile=256, bands=3, classes=1).save({path!r})
"""
_CONVERT = {
    "onnx": """
    from pathlib import Path
    from segrun_export.keras_face import load_keras
    from segrun_export.onnx_conversion import onnx_from_keras
    Path({out!r}).write_bytes(onnx_from_keras(load_keras(Path({path!r}))))
""",
    "tflite": """
    from pathlib import Path
    from segrun_export.keras_face import load_keras
    from segrun_export.tflite_conversion import tflite_from_keras
    Path({out!r}).write_bytes(tflite_from_keras(load_keras(Path({path!r}))))
""",
}


def script(text: str, **values: str) -> list[str]:
    """Return the command that runs a piece of Python."""
    return [sys.executable, "-c", textwrap.dedent(text).format(**values)]


@click.command()
@click.option(
    "--model",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A .keras file; default: the notebook's network.",
)
@click.option("--format", "kind", type=click.Choice(sorted(_CONVERT)), default="onnx", show_default=True)
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the figures there too.")
def main(*, model: Path | None, kind: str, json_path: Path | None) -> None:
    """Measure one conversion; exit 1 where it costs more than the limits."""
    with tempfile.TemporaryDirectory() as folder:
        path = model or Path(folder) / "unet.keras"
        if model is None:
            run_process(script(_BUILD, path=str(path)))
        out = Path(folder) / f"converted.{kind}"
        cost = run_process(script(_CONVERT[kind], path=str(path), out=str(out)))
        size = out.stat().st_size / 1e6
    if cost.peak_mib is None:
        raise click.ClickException(
            "this system does not tell a process's peak memory. Run it on Linux or macOS."
        )
    peak_gib = cost.peak_mib / _MIB_PER_GIB
    click.echo(
        f"{path.name} ({size:.1f} MB) to {kind}: {cost.wall_s:.1f} s wall, {cost.cpu_s:.1f} s of processor time, "
        f"peak {peak_gib:.2f} GiB (limits {MOST_SECONDS:.0f} s, {MOST_GIB:.0f} GiB; aim {AIM_GIB:.0f} GiB)"
    )
    if json_path is not None:
        figures = {
            "format": kind,
            "mb": size,
            "wall_s": cost.wall_s,
            "cpu_s": cost.cpu_s,
            "peak_gib": peak_gib,
        }
        json_path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    if cost.wall_s > MOST_SECONDS or peak_gib > MOST_GIB:
        raise click.ClickException("the conversion costs more than its limits.")


if __name__ == "__main__":
    main()
