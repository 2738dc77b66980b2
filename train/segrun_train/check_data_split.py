"""Leakage: pictures on different sides of a split that show the same ground."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from segrun.progress import Progress
from segrun_train.check_data_alike import alike_pairs
from segrun_train.check_data_evidence import PairEvidence
from segrun_train.check_data_finding import Finding, Number
from segrun_train.check_data_twins import overlapping_pairs
from segrun_train.split import group_by_regex, named_stems
from segrun_train.web_tile import WebTile


@dataclass(frozen=True)
class SplitRule:
    """A split to be checked.

    Args:
        held_out: rules for stems set aside: a file of stems, a folder, or a pattern.
        folds: number of folds; None for none.
        fold: the fold set aside; None checks all folds against each other.
        group_regex: pictures with an equal first group go together.
    """

    held_out: tuple[str, ...] = ()
    folds: int | None = None
    fold: int | None = None
    group_regex: str | None = None

    def __post_init__(self) -> None:
        if self.folds is not None and self.folds < 2:
            raise ValueError(f"a split needs at least 2 folds. Received: folds={self.folds}.")
        if self.fold is not None and (self.folds is None or not 0 <= self.fold < self.folds):
            raise ValueError(f"a fold is K/N with 0 <= K < N. Received: {self.fold}/{self.folds}.")

    def __bool__(self) -> bool:
        return bool(self.held_out) or self.folds is not None

    def sides(self, evidence: Sequence[PairEvidence]) -> list[int]:
        """Return the side of every pair: its fold (1 where one fold is set aside, else 0), or -1 where held out by name.

        Without groups that is what ``segrun train`` does; with groups, whole groups are dealt out in their order.
        """
        group = group_by_regex(self.group_regex) if self.group_regex is not None else str
        keys = [(group(one.pair.stem), one.source) for one in evidence]
        side_of = dict.fromkeys(sorted(keys), 0)
        if self.folds is not None:
            for place, key in enumerate(side_of):
                side = place % self.folds
                side_of[key] = side if self.fold is None else int(side == self.fold)
        rules = [named_stems(rule) for rule in self.held_out]
        for key, one in zip(keys, evidence, strict=True):
            if any(rule(one.pair.stem) for rule in rules):
                side_of[key] = -1
        return [side_of[key] for key in keys]


def judge_leakage(
    evidence: Sequence[PairEvidence], rule: SplitRule, progress: Progress | None = None
) -> list[Finding]:
    """Report pictures on different sides that are equal, look alike, overlap, or lie within each other by name."""
    sides = rule.sides(evidence)
    found: dict[tuple[int, int], Finding] = {}
    for first, second, figures in _same_ground(evidence, sides, progress):
        if sides[first] != sides[second] and (first, second) not in found:
            found[first, second] = Finding(
                str(evidence[second].pair.image), "leakage", "error",
                {"shares_ground_with": str(evidence[first].pair.image), **figures},
                "Put both on one side: split by group (--group-regex, --group-zoom) or by place.",
            )  # fmt: skip
    return list(found.values())


def _same_ground(
    evidence: Sequence[PairEvidence], sides: Sequence[int], progress: Progress | None
) -> Iterator[tuple[int, int, dict[str, Number]]]:
    first_of: dict[str, int] = {}
    for index, one in enumerate(evidence):
        twin = first_of.setdefault(one.picture_sha256, index)
        if twin != index:
            yield twin, index, {"equal": "yes"}
    for first, second, bits, correlation in alike_pairs([one.likeness for one in evidence]):
        yield first, second, {"hash_bits": bits, "correlation": round(correlation, 3)}
    yield from _nested_tiles(evidence)
    if all(one.landmarks is not None for one in evidence):
        marks = [one.landmarks for one in evidence if one.landmarks is not None]
        for first, second, shared in overlapping_pairs(marks, sides, progress):
            yield first, second, {"shared_landmarks": shared}


def _nested_tiles(evidence: Sequence[PairEvidence]) -> Iterator[tuple[int, int, dict[str, Number]]]:
    """Yield web map tiles (names ``x-y-z``) that lie within another picture's tile."""
    tiles = {WebTile.of(one.pair.stem): index for index, one in enumerate(evidence)}
    zooms = sorted({tile.zoom for tile in tiles if tile is not None})
    for tile, index in tiles.items():
        for zoom in zooms:
            if tile is None or zoom >= tile.zoom:
                break
            parent = tiles.get(tile.parent(zoom))
            if parent is not None:
                yield min(parent, index), max(parent, index), {"within_tile_of_zoom": zoom}
