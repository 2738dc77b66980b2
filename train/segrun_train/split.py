"""Which pictures train, which choose (``inner``), and which are looked at once, at the end (``held_out``)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from segrun.atomic import write_bytes
from segrun.errors import InputError
from segrun_train.sample import Sample
from segrun_train.train_options import TrainOptions
from segrun_train.web_tile import WebTile

SPLIT_FILE = "split.csv"
Part = Literal["train", "inner", "held_out"]
GroupKey = Callable[[str], str]


@dataclass(frozen=True)
class Split:
    """The part of every sample.

    Args:
        parts: as many as samples, in their order.
    """

    parts: tuple[Part, ...]

    def of(self, part: Part, samples: Sequence[Sample]) -> list[Sample]:
        """Return the samples of one part, in order."""
        return [sample for sample, mine in zip(samples, self.parts, strict=True) if mine == part]


def split_samples(
    samples: Sequence[Sample],
    *,
    held_out: Callable[[Sample], bool],
    train_only: Callable[[Sample], bool] = lambda _sample: False,
    inner_fraction: float,
    group: GroupKey,
    seed: int,
) -> Split:
    """Split by source picture, before any augmentation.

    Args:
        samples: all samples.
        held_out: which of them are set aside; a whole group goes with any of its members.
        train_only: which of them may never choose, such as drawn scenes among real pictures.
        inner_fraction: share of each folder's remaining groups that chooses epoch and threshold, in [0, 1).
        group: names the group of a stem; a group is never torn apart.
        seed: of the choice of the inner part.
    Raises:
        InputError: nothing would be left to train on, or nothing to choose by.
    """
    if not 0 <= inner_fraction < 1:
        raise ValueError(f"the validation share must lie in [0, 1). Received: {inner_fraction}.")
    away = {_key(sample, group) for sample in samples if held_out(sample)}
    inner: set[tuple[int, str]] = set()
    for source in sorted({sample.source for sample in samples}):
        mine = [s for s in samples if s.source == source and not train_only(s)]
        keys = sorted({_key(sample, group) for sample in mine} - away)
        wanted = (
            min(max(len(keys) - 1, 0), max(1, round(inner_fraction * len(keys)))) if inner_fraction else 0
        )
        chosen = np.random.default_rng([seed, source]).permutation(len(keys))[: max(wanted, 0)]
        inner |= {keys[int(index)] for index in chosen}
    parts = tuple(_part(_key(sample, group), away, inner) for sample in samples)
    if "train" not in parts:
        raise InputError(f"no picture is left to train on. Received: {len(samples)} pairs. Hold out fewer.")
    if inner_fraction and "inner" not in parts:
        raise InputError(
            f"too few pictures for an inner split. Received: {len(samples)} pairs. Add pictures or use --validation 0."
        )
    return Split(parts)


def group_by_regex(pattern: str) -> GroupKey:
    """Group stems by the first group of a pattern, or by the whole match where it has none.

    Raises:
        ValueError: not a pattern.
    """
    compiled = _compiled(pattern)

    def key(stem: str) -> str:
        found = compiled.search(stem)
        if found is None:
            return stem
        return found.group(1) if compiled.groups else found.group(0)

    return key


def group_by_parent_tile(zoom: int) -> GroupKey:
    """Group stems that end in ``x-y-z`` (web map tiles) by their parent tile at ``zoom``: by ground, not by name."""

    def key(stem: str) -> str:
        tile = WebTile.of(stem)
        return str(tile.parent(zoom)) if tile is not None and tile.zoom >= zoom else stem

    return key


def fold_of(samples: Sequence[Sample], fold: int, folds: int) -> Callable[[Sample], bool]:
    """Hold out the pictures whose place in the sorted names is ``fold`` modulo ``folds``.

    Raises:
        ValueError: not ``0 <= fold < folds``.
    """
    if folds < 2 or not 0 <= fold < folds:
        raise ValueError(f"a fold is K/N with 0 <= K < N. Received: {fold}/{folds}.")
    ordered = sorted(samples, key=lambda sample: (sample.stem, sample.source))
    away = {(s.source, s.stem) for index, s in enumerate(ordered) if index % folds == fold}
    return lambda sample: (sample.source, sample.stem) in away


def named_stems(rule: str) -> Callable[[str], bool]:
    """Read a rule for stems: a file with one stem a line, a folder whose files name them, or a pattern.

    A line may carry an ending and, after a tab, a comment; ``#`` starts a comment line.

    Raises:
        ValueError: neither a file nor a folder nor a pattern.
    """
    path = Path(rule)
    if path.is_dir():
        return _one_of({file.stem for file in path.rglob("*") if file.is_file()})
    if path.is_file():
        return _one_of(read_stems(path))
    compiled = _compiled(rule)
    return lambda stem: compiled.search(stem) is not None


def read_stems(path: Path) -> set[str]:
    """Read a list of stems, one a line; endings and what follows a tab are dropped."""
    lines = (line.split("\t")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    named = {line for line in lines if line and not line.startswith("#")}
    return {plain_stem(name) for name in named}


def plain_stem(name: str) -> str:
    """Drop the ending of a picture's name; other dots stay."""
    return re.sub(r"\.(png|jpe?g|bmp|webp|tiff?)$", "", name, flags=re.IGNORECASE)


def split_rules(options: TrainOptions, samples: Sequence[Sample]) -> dict[str, Any]:
    """Return the arguments of ``split_samples`` that a run's options ask for.

    Raises:
        ValueError: a pattern or a fold that is none.
    """
    rules = [named_stems(rule) for rule in options.held_out]
    only = [named_stems(rule) for rule in options.train_only]
    if options.fold is not None:
        fold = fold_of(samples, *options.fold)
    group: GroupKey = str
    if options.group_regex is not None:
        group = group_by_regex(options.group_regex)
    elif options.group_zoom is not None:
        group = group_by_parent_tile(options.group_zoom)

    def held_out(sample: Sample) -> bool:
        return any(rule(sample.stem) for rule in rules) or (options.fold is not None and fold(sample))

    def train_only(sample: Sample) -> bool:
        return any(rule(sample.stem) for rule in only)

    fraction = options.resolved().validation
    return {
        "held_out": held_out,
        "train_only": train_only,
        "inner_fraction": fraction,
        "group": group,
        "seed": options.seed,
    }


def write_split(samples: Sequence[Sample], split: Split, run: Path) -> None:
    """Write ``split.csv``: ``stem,part,image,mask``."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("stem", "part", "image", "mask"))
    for sample, part in zip(samples, split.parts, strict=True):
        writer.writerow((sample.stem, part, sample.image, sample.mask))
    write_bytes(run / SPLIT_FILE, text.getvalue().encode())


def _one_of(stems: Collection[str]) -> Callable[[str], bool]:
    return lambda stem: stem in stems or Path(stem).name in stems


def _key(sample: Sample, group: GroupKey) -> tuple[int, str]:
    return sample.source, group(sample.stem)


def _part(key: tuple[int, str], away: set[tuple[int, str]], inner: set[tuple[int, str]]) -> Part:
    if key in away:
        return "held_out"
    return "inner" if key in inner else "train"


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression ({error}). Received: {pattern!r}.") from error
