"""Options of several commands that say which pictures are meant."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import click

from segrun.errors import InputError

exclude = click.option(
    "--exclude", multiple=True, metavar="STEM|FILE", help="Stem to leave out, or a file with one a line."
)


def read_fold(
    _context: click.Context, parameter: click.Parameter, value: str | None
) -> tuple[int, int] | None:
    """Return (fold, folds) for ``K/N``."""
    numbers = _numbers(value)
    if value is None:
        return None
    if len(numbers) != 2:
        raise click.BadParameter(f"expected K/N, as 0/5. Received: {value!r}.", param=parameter)
    return numbers[0], numbers[1]


def read_fold_or_all(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> tuple[int | None, int | None]:
    """Return (fold, folds) for ``K/N``, (None, folds) for ``N``."""
    numbers = _numbers(value)
    if len(numbers) == 1:
        return None, numbers[0]
    try:
        return read_fold(context, parameter, value) or (None, None)
    except click.BadParameter as error:
        raise click.BadParameter(f"{error.message} Or give N, for all folds.", param=parameter) from error


def refuse_idle_groups(regex: str | None, zoom: int | None, split: bool) -> None:
    """Refuse groups where nothing is split: they would be passed over without a word.

    Raises:
        click.UsageError: a pattern or a zoom, and no split.
    """
    for option, value in (("--group-regex", regex), ("--group-zoom", zoom)):
        if value is not None and not split:
            raise click.UsageError(f"{option} needs a split: add --fold or --held-out. Received: {value}.")


def excluded_stems(rules: Sequence[str], folders: Sequence[Path]) -> tuple[str, ...]:
    """Return the stems that ``--exclude`` names, sorted.

    A list may name pictures of other sets, too; a stem, or a whole list, that names nothing is a mistake.

    Args:
        rules: files of stems, and stems.
        folders: of pictures and of masks.
    Raises:
        click.BadParameter: neither a file nor the stem of a picture or mask.
        InputError: a list or a folder that cannot be read, or a list that names no picture.
    """
    from segrun.pairs import find_pictures
    from segrun_train.stem_rules import plain_stem, read_stems, refuse_unmatched

    if not rules:
        return ()
    stems = {
        PurePosixPath(path.relative_to(folder)).with_suffix("")
        for folder in folders
        for path in find_pictures(folder)
    }
    known = {stem.as_posix() for stem in stems} | {stem.name for stem in stems}
    found: set[str] = set()
    for rule in rules:
        if Path(rule).is_file():
            try:
                found |= read_stems(Path(rule))
            except (OSError, UnicodeDecodeError) as error:
                raise InputError(
                    f"cannot read the list of names to exclude {rule} ({error}). Name a text file."
                ) from error
            refuse_unmatched("--exclude", [rule], known)
        elif plain_stem(rule) in known:
            found.add(plain_stem(rule))
        else:
            raise click.BadParameter(
                f"neither a file nor the stem of a picture or mask. Received: {rule!r}.",
                param_hint="--exclude",
            )
    return tuple(sorted(found))


def _numbers(value: str | None) -> list[int]:
    try:
        return [int(part) for part in (value or "").split("/")]
    except ValueError:
        return []
