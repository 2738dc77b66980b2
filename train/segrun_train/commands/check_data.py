"""``segrun check-data``: what is wrong with pictures and masks."""

from __future__ import annotations

from pathlib import Path

import click

from segrun import cli, options
from segrun.errors import InputError
from segrun.progress import reporter


def _fold(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> tuple[int | None, int | None]:
    """Return (fold, folds) for ``K/N``, (None, folds) for ``N``."""
    del context
    if value is None:
        return None, None
    try:
        numbers = [int(part) for part in value.split("/")]
    except ValueError:
        numbers = []
    if len(numbers) == 1:
        return None, numbers[0]
    if len(numbers) == 2:
        return numbers[0], numbers[1]
    raise click.BadParameter(f"give K/N, as 0/5, or N for all folds. Received: {value}.", param=parameter)


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
    callback=_fold,
    metavar="K/N|N",
    help="A split to check: one fold against the rest, or all folds.",
)
@click.option("--group-regex", help="Pictures with an equal first group go together in that split.")
@click.option(
    "--exclude", type=options.EXISTING, multiple=True, help="File of stems to leave out, one a line."
)
@options.json_report
@options.quiet
def check_data(
    images: tuple[Path, ...], masks: tuple[Path, ...], classes: int, bands: int, held_out: tuple[str, ...],
    fold: tuple[int | None, int | None], group_regex: str | None, exclude: tuple[Path, ...], json_path: str | None,
    quiet: bool,
) -> int:  # fmt: skip
    """Find mismatched pairs, duplicates, grey masks, wrong sizes, unreadable files and leakage; exit 3 if any."""
    from segrun_train.check_data import check_data as look
    from segrun_train.check_data_split import SplitRule
    from segrun_train.check_data_text import print_report
    from segrun_train.split import read_stems

    if len(images) != len(masks):
        raise click.UsageError(f"every --images needs its --masks. Received: {len(images)} and {len(masks)}.")
    if group_regex is not None and not held_out and fold[1] is None:
        raise click.UsageError("--group-regex needs a split to check: add --fold or --held-out.")
    try:
        excluded = {stem for path in exclude for stem in read_stems(path)}
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the list of names to exclude ({error}). Name a text file.") from error
    try:
        split = SplitRule(held_out, fold[1], fold[0], group_regex)
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
