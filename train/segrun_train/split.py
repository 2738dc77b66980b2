"""Which pictures train, which choose (``inner``), and which are looked at once, at the end (``held_out``)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from segrun.atomic import write_bytes
from segrun.errors import InputError
from segrun_train.groups import GroupKey, dealt, group_by
from segrun_train.sample import Sample
from segrun_train.stem_rules import named_stems, refuse_unmatched
from segrun_train.train_options import TrainOptions

SPLIT_FILE = "split.csv"
Part = Literal["train", "inner", "held_out"]


@dataclass(frozen=True)
class Split:
    """The part of every sample.

    Args:
        parts: as many as samples, in their order.
        train_only: which of them may never choose, as many in the same order; empty where all may.
    """

    parts: tuple[Part, ...]
    train_only: tuple[bool, ...] = ()

    def of(self, part: Part, samples: Sequence[Sample]) -> list[Sample]:
        """Return the samples of one part, in order."""
        return [sample for sample, mine in zip(samples, self.parts, strict=True) if mine == part]

    def choosing(self, samples: Sequence[Sample]) -> tuple[Part, list[Sample]]:
        """Return the samples that choose thresholds, and their part.

        They are the inner split; where nothing was split off, those of training that may choose, or all where none may.
        """
        if "inner" in self.parts:
            return "inner", self.of("inner", samples)
        if not self.train_only:
            return "train", self.of("train", samples)
        pairs = zip(samples, self.parts, self.train_only, strict=True)
        may_choose = [sample for sample, part, only in pairs if part == "train" and not only]
        return "train", may_choose or self.of("train", samples)


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
    return Split(parts, tuple(train_only(sample) for sample in samples))


def fold_of(
    samples: Sequence[Sample], fold: int, folds: int, group: GroupKey = str
) -> Callable[[Sample], bool]:
    """Hold out the groups whose place in the sorted names is ``fold`` modulo ``folds``.

    Raises:
        ValueError: not ``0 <= fold < folds``.
    """
    if folds < 2 or not 0 <= fold < folds:
        raise ValueError(f"a fold is K/N with 0 <= K < N. Received: {fold}/{folds}.")
    fold_by_group = dealt(((group(sample.stem), sample.source) for sample in samples), folds)
    return lambda sample: fold_by_group[group(sample.stem), sample.source] == fold


def split_rules(options: TrainOptions, samples: Sequence[Sample]) -> dict[str, Any]:
    """Return the arguments of ``split_samples`` that a run's options ask for.

    Args:
        options: how to train.
        samples: all samples; with none of them the options alone are checked.
    Raises:
        InputError: a rule that names none of the samples.
        ValueError: a pattern or a fold that is none.
    """
    rules = [named_stems(rule) for rule in options.held_out]
    only = [named_stems(rule) for rule in options.train_only]
    group = group_by(options.group_regex, options.group_zoom)
    if options.fold is not None:
        fold = fold_of(samples, *options.fold, group)
    if samples:
        stems = [sample.stem for sample in samples]
        refuse_unmatched("--held-out", options.held_out, stems)
        refuse_unmatched("--train-only", options.train_only, stems)

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


def _key(sample: Sample, group: GroupKey) -> tuple[int, str]:
    return sample.source, group(sample.stem)


def _part(key: tuple[int, str], away: set[tuple[int, str]], inner: set[tuple[int, str]]) -> Part:
    if key in away:
        return "held_out"
    return "inner" if key in inner else "train"
