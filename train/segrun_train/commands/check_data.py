"""``segrun check-data``: what is wrong with pictures and masks."""

from __future__ import annotations

from pathlib import Path

import click

from segrun import cli, options
from segrun.progress import reporter
from segrun_train.commands import picture_options


@click.command("check-data")
@options.images
@options.masks
@click.option("--classes", type=click.IntRange(1, 255), default=1, show_default=True,
              help="1 for binary masks, more for class indices.")  # fmt: skip
@click.option(
    "--bands", type=click.IntRange(1, 16), default=3, show_default=True, help="Bands wanted of the pictures."
)
@click.option("--held-out", multiple=True, metavar="FILE|DIR|REGEX",
              help="A split to check for leakage: stems that are set aside.")  # fmt: skip
@click.option(
    "--fold",
    callback=picture_options.read_fold_or_all,
    metavar="K/N|N",
    help="A split to check: one fold against the rest, or all folds.",
)
@click.option("--group-regex", help="Pictures with an equal first group go together in that split.")
@click.option(
    "--group-zoom", type=int, help="The same for web map tiles x-y-z, by their parent at this zoom."
)
@picture_options.exclude
@options.json_report
@options.quiet
def check_data(
    images: tuple[Path, ...], masks: tuple[Path, ...], classes: int, bands: int, held_out: tuple[str, ...],
    fold: tuple[int | None, int | None], group_regex: str | None, group_zoom: int | None,
    exclude: tuple[str, ...], json_path: str | None, quiet: bool,
) -> int:  # fmt: skip
    """Find mismatched pairs, duplicates, grey masks, wrong sizes, unreadable files and leakage; exit 3 if any."""
    from segrun_train.check_data import check_data as look
    from segrun_train.check_data_split import SplitRule
    from segrun_train.check_data_text import print_report

    if len(images) != len(masks):
        raise click.UsageError(f"every --images needs its --masks. Received: {len(images)} and {len(masks)}.")
    picture_options.refuse_idle_groups(group_regex, group_zoom, bool(held_out) or fold[1] is not None)
    excluded = picture_options.excluded_stems(exclude, [*images, *masks])
    try:
        split = SplitRule(held_out, fold[1], fold[0], group_regex, group_zoom)
        with reporter(quiet) as progress:
            report = look(
                images, masks, bands=bands, classes=classes, exclude=excluded, split=split or None,
                progress=progress,
            )  # fmt: skip
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    options.write_json(report.as_json(), json_path)
    if not quiet and json_path != "-":
        print_report(report)
    return 0 if report else cli.EXIT_PARTLY
