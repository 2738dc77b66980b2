"""``segrun scenes``: drawn aerial pictures with their masks."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from segrun import options
from segrun.progress import reporter

if TYPE_CHECKING:
    from segrun_train.synthetic.geotiff import Border
    from segrun_train.synthetic.scene import Truth

STYLE_NAMES = ("suburb", "town", "village", "industrial", "informal", "offices", "grid", "motorway")


def _gsd(context: click.Context, parameter: click.Parameter, value: str) -> float | tuple[float, float]:
    """Return one number for ``25``, or the two ends for ``8:30``, in centimetres per pixel."""
    del context
    try:
        ends = [float(part) for part in value.split(":")]
    except ValueError:
        ends = []
    if len(ends) not in (1, 2) or not 4 <= ends[0] <= ends[-1] <= 100:
        raise click.BadParameter(f"give 4 to 100, as 25 or 8:30. Received: {value}.", param=parameter)
    return ends[0] if len(ends) == 1 else (ends[0], ends[1])


def _stem(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """Refuse a stem that would lead out of the folders."""
    del context
    from segrun_train.synthetic.pairs import numbered

    try:
        numbered(value, 0)
    except ValueError as error:
        raise click.BadParameter(str(error), param=parameter) from error
    return value


@click.command()
@click.option(
    "--out", "-o", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder to write."
)
@click.option(
    "--count", type=click.IntRange(1, 100_000), default=8, show_default=True, help="How many scenes."
)
@click.option(
    "--size", type=click.IntRange(16, 32768), default=256, show_default=True, help="Side in pixels."
)
@click.option(
    "--gsd-cm", callback=_gsd, default="25", show_default=True, help="Ground cm per pixel, or a range 8:30."
)
@click.option(
    "--style",
    type=click.Choice(STYLE_NAMES),
    help="Kind of settlement; by default any but grid and motorway.",
)
@click.option("--truth", type=click.Choice(["roof", "road"]), default="roof", show_default=True,
              help="What the masks mark: roofs as seen, or carriageways, also under cars, crowns and shadows.")  # fmt: skip
@click.option("--geotiff", is_flag=True, help="Write georeferenced GeoTIFFs instead of PNG pairs.")
@click.option("--border", type=click.Choice(["none", "alpha", "mask"]), default="none", show_default=True,
              help="With --geotiff: mark ground that was not flown over.")  # fmt: skip
@click.option("--stem", callback=_stem, default="scene", show_default=True, help="First part of every name.")
@click.option("--overwrite", is_flag=True, help="Write into a folder that holds files already.")
@options.seed
@options.json_report
@options.quiet
def scenes(
    out: Path, count: int, size: int, gsd_cm: float | tuple[float, float], style: str | None, truth: Truth, geotiff: bool,
    border: Border, stem: str, overwrite: bool, seed: int, json_path: str | None, quiet: bool,
) -> None:  # fmt: skip
    """Draw aerial scenes with roofs, roads, trees and shadows, and masks of their roofs or roads.

    Writes OUT/images and OUT/masks (0 and 255), paired by name. The same options always give the same pixels.
    """
    from segrun_train.synthetic.geotiff import write_scene_rasters
    from segrun_train.synthetic.pairs import write_scene_pairs

    if border != "none" and not geotiff:
        raise click.UsageError("--border needs --geotiff: a PNG pair has no third state.")
    if seed < 0:
        raise click.BadParameter(f"give a number from 0. Received: {seed}.", param_hint="--seed")
    write = partial(write_scene_rasters, border=border) if geotiff else write_scene_pairs
    with reporter(quiet) as progress:
        stems = write(
            out,
            count,
            seed,
            height=size,
            width=size,
            gsd_cm=gsd_cm,
            style=style,
            truth=truth,
            stem=stem,
            overwrite=overwrite,
            progress=progress,
        )
    options.write_json(
        {"out": str(out), "count": len(stems), "size": size, "seed": seed, "truth": truth, "stems": stems},
        json_path,
    )
    if not quiet and json_path != "-":
        click.echo(f"{len(stems)} scenes in {out / 'images'}, their masks in {out / 'masks'}")
