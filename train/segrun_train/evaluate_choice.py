"""Which pictures are evaluated: all, or those that a training run with the same words would set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segrun.errors import InputError
from segrun.pairs import Pair, find_pairs
from segrun_train.sample import Sample
from segrun_train.split import split_rules
from segrun_train.train_options import TrainOptions


@dataclass(frozen=True)
class PictureChoice:
    """The words of ``segrun train`` that set pictures aside; with none of them every picture is meant.

    Args:
        exclude: stems to leave out, before folds are counted.
        held_out: rules for stems: a file of stems, a folder, or a pattern.
        fold: ``(k, n)``: the pictures whose group's place in the sorted names is k modulo n.
        group_regex: pictures with an equal first group stay together.
        group_zoom: pictures named ``x-y-z`` stay together by their parent tile at this zoom.
    Raises:
        ValueError: a pattern or a fold that is none.
    """

    exclude: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    fold: tuple[int, int] | None = None
    group_regex: str | None = None
    group_zoom: int | None = None

    def __post_init__(self) -> None:
        self._rules([])

    def of(self, images: Sequence[Path], masks: Sequence[Path]) -> list[Pair]:
        """Return the pairs chosen, folder by folder, sorted by stem.

        Raises:
            InputError: folders that cannot be paired, a rule that names no picture, or nothing left.
        """
        if len(images) != len(masks):
            raise InputError(
                f"every --images needs its --masks. Received: {len(images)} and {len(masks)}. Give them in the same order."
            )
        found: list[tuple[Sample, Pair]] = []
        for source, folders in enumerate(zip(images, masks, strict=True)):
            found += [
                (Sample(pair.stem, source, ()), pair)
                for pair in find_pairs([folders[0]], [folders[1]])
                if not {pair.stem, Path(pair.stem).name} & set(self.exclude)
            ]
        chosen = self._chosen(found)
        if not chosen:
            raise InputError(
                f"no picture is left to evaluate. Received: {len(found)} pairs after --exclude. Choose others."
            )
        return chosen

    def _chosen(self, found: list[tuple[Sample, Pair]]) -> list[Pair]:
        if not self.held_out and self.fold is None:
            return [pair for _, pair in found]
        rules = self._rules([sample for sample, _ in found])
        group, held_out = rules["group"], rules["held_out"]
        away = {(sample.source, group(sample.stem)) for sample, _ in found if held_out(sample)}
        return [pair for sample, pair in found if (sample.source, group(sample.stem)) in away]

    def _rules(self, samples: list[Sample]) -> dict[str, Any]:
        words = TrainOptions(
            held_out=self.held_out, fold=self.fold, group_regex=self.group_regex, group_zoom=self.group_zoom
        )
        return split_rules(words, samples)
