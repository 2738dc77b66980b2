"""``segrun augment``: an augmented set of pictures and masks on disk."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from segrun import options
from segrun.progress import reporter
from segrun_train.commands import picture_options


@click.command()
@options.images
@options.masks
@click.option(
    "--out", "-o", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder to write."
)
@click.option(
    "--total",
    type=click.IntRange(1),
    default=324,
    show_default=True,
    help="Pairs to write, originals included.",
)
@click.option("--classes", type=click.IntRange(1, 255), default=1, show_default=True,
              help="1 for binary masks, more for class indices.")  # fmt: skip
@click.option(
    "--turn", type=click.IntRange(1, 25), default=10, show_default=True, help="Largest rotation, degrees."
)
@click.option(
    "--zoom", type=(float, float), default=(1.05, 1.35), show_default=True, help="Smallest and largest zoom."
)
@click.option(
    "--grey-masks", is_flag=True, help="Keep Augmentor's own interpolated masks (the notebook's flaw)."
)
@picture_options.exclude
@click.option("--overwrite", is_flag=True, help="Replace the images and masks of an earlier run.")
@options.seed
@options.json_report
@options.quiet
def augment(
    images: tuple[Path, ...], masks: tuple[Path, ...], out: Path, total: int, classes: int, turn: int,
    zoom: tuple[float, float], grey_masks: bool, exclude: tuple[str, ...], overwrite: bool, seed: int,
    json_path: str | None, quiet: bool,
) -> None:  # fmt: skip
    r"""Write originals and changed copies: small rotations, flips, zoom in.

    Copies are named <stem>_augNNN.png; keep them on one side of a split with --group-regex '(.+?)(_aug\d+)?$'.
    """
    from segrun_train.augment_set import SOURCE_REGEX, write_augmented_set
    from segrun_train.augment_set_operations import AugmentPlan

    excluded = picture_options.excluded_stems(exclude, [*images, *masks])
    try:
        with reporter(quiet) as progress:
            written = write_augmented_set(
                images, masks, out, total=total, seed=seed, plan=AugmentPlan(max_turn_deg=turn, zoom=zoom), classes=classes,
                grey_masks=grey_masks, exclude=excluded, overwrite=overwrite, progress=progress,
            )  # fmt: skip
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    options.write_json(
        {"out": str(out), "seed": seed, "group_regex": SOURCE_REGEX, **asdict(written)}, json_path
    )
    if not quiet and json_path != "-":
        click.echo(
            f"{written.originals} originals and {written.copies} copies in {out}; {written.grey_masks} masks are grey. "
            f"Split them with --group-regex '{SOURCE_REGEX}'."
        )
